/* SPDX-License-Identifier: BSD-2-Clause */
/* Recognition: signatures, stacked hypervisors, firmware. */
#include "unit.h"
#include "fake_evidence.h"

#define BASE 0x40000000U

struct signature_case {
	const char *signature;
	enum hypervisor_type type;
	const char *name;
};

static const struct signature_case signature_cases[] = {
	{ "KVMKVMKVM\0\0\0", HYPERV_TYPE_KVM, "KVM" },
	{ "Linux KVM Hv", HYPERV_TYPE_KVM, "KVM" },
	{ "VMwareVMware", HYPERV_TYPE_VMWARE, "VMware" },
	{ "Microsoft Hv", HYPERV_TYPE_HYPERV, "Hyper-V" },
	{ "XenVMMXenVMM", HYPERV_TYPE_XEN, "Xen" },
	{ "VBoxVBoxVBox", HYPERV_TYPE_VIRTUALBOX, "VirtualBox" },
	{ "TCGTCGTCGTCG", HYPERV_TYPE_QEMU, "QEMU" },
	{ " lrpepyh  vr", HYPERV_TYPE_PARALLELS, "Parallels" },
	{ " lrpepyh vr\0", HYPERV_TYPE_PARALLELS, "Parallels" },
	{ "prl hyperv  ", HYPERV_TYPE_PARALLELS, "Parallels" },
	{ "prl hyperv\0\0", HYPERV_TYPE_PARALLELS, "Parallels" },
	{ "bhyve bhyve ", HYPERV_TYPE_BHYVE, "bhyve" },
	{ "ACRNACRNACRN", HYPERV_TYPE_ACRN, "ACRN" },
	{ "XYZ\0\0\0\0\0\0\0\0\0", HYPERV_TYPE_UNKNOWN, "Unknown (\"XYZ\")" },
	{ "kvmkvmkvm\0\0\0", HYPERV_TYPE_UNKNOWN, "Unknown (\"kvmkvmkvm\")" },
	{ "KVMKVMKVM\0\0x", HYPERV_TYPE_UNKNOWN,
	  "Unknown (\"KVMKVMKVM\\x00\\x00x\")" },
	{ "a\"b\\c\n\x80\xff\x01  z", HYPERV_TYPE_UNKNOWN,
	  "Unknown (\"a\\x22b\\x5cc\\x0a\\x80\\xff\\x01  z\")" },
	{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	  HYPERV_TYPE_UNKNOWN,
	  "Unknown (\"\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff"
	  "\\xff\\xff\\xff\\xff\")" },
};

static void check_signature_at(const struct signature_case *c, u32 base)
{
	virtual_machine();
	set_block(base, base + 1, c->signature);
	detect();
	CHECK(det.virtualized);
	CHECK_EQ(det.type, c->type);
	CHECK_STR(det.name, c->name);
	CHECK_EQ(det.count, 1);
	CHECK_EQ(ev.block_count, 1);
	CHECK_EQ(ev.block[0].base, base);
}

TEST(knows_every_signature_at_every_base)
{
	for (unsigned i = 0; i < ARRAY_SIZE(signature_cases); i++) {
		check_signature_at(&signature_cases[i], BASE);
		check_signature_at(&signature_cases[i], BASE + 0x100);
		check_signature_at(&signature_cases[i], 0x4000ff00);
	}
}

TEST(every_type_has_one_file)
{
	unsigned seen = 0;

	table_for_each(const struct hypervisor, hypervisor, it) {
		CHECK(!(seen & BIT((*it)->type)));
		seen |= BIT((*it)->type);
		CHECK(!(*it)->tsc ==
		      !virt_find_feature(*it, VIRT_FEATURE_TSC_FREQUENCY));
		for (const struct virt_tsc_source *s = (*it)->tsc; s && s->khz;
		     s++)
			CHECK(s->name && virt_find_feature(*it, s->feature));
	}
	CHECK_EQ(seen, BIT(HYPERV_TYPE_UNKNOWN) - 2);
}

TEST(priorities_decide_alone)
{
	table_for_each(const struct hypervisor, hypervisor, a)
		table_for_each(const struct hypervisor, hypervisor, b)
			CHECK(a == b || (*a)->priority != (*b)->priority);
}

TEST(feature_names_are_unique_and_their_leaves_copied)
{
	table_for_each(const struct hypervisor, hypervisor, it) {
		struct virt_feature *f = (*it)->features;

		for (; f && f->name; f++) {
			CHECK(virt_find_feature(*it, f->name) == f);
			CHECK(f->leaf < VIRT_BLOCK_LEAVES);
			CHECK(f->offered || f->mask || f->evident ||
			      f->device || f->smccc);
		}
	}
}

TEST(bare_metal_is_not_virtualized)
{
	bare_metal();
	say_smbios("Dell Inc.", "PowerEdge R740");
	detect();
	CHECK(!det.virtualized);
	CHECK_EQ(det.type, HYPERV_TYPE_NONE);
	CHECK_STR(det.name, "None");
	CHECK_EQ(det.count, 0);
}

TEST(without_the_bit_signatures_are_not_read)
{
	bare_metal();
	set_block(BASE, BASE + 1, "KVMKVMKVM\0\0\0");
	detect();
	CHECK(!det.virtualized);
	CHECK_EQ(fake_cpuid_calls, 1);
	CHECK_EQ(ev.block_count, 0);
}

TEST(the_bit_alone_is_an_unknown_hypervisor)
{
	virtual_machine();
	say_smbios("Dell Inc.", "PowerEdge R740");
	detect();
	CHECK(det.virtualized);
	CHECK_EQ(det.type, HYPERV_TYPE_UNKNOWN);
	CHECK_STR(det.name, "Unknown");
}

struct smbios_case {
	const char *manufacturer, *product;
	enum hypervisor_type type;
};

static const struct smbios_case smbios_cases[] = {
	{ "QEMU", "Standard PC (i440FX + PIIX, 1996)", HYPERV_TYPE_QEMU },
	{ "QEMU", "Ubuntu 22.04 PC", HYPERV_TYPE_QEMU },
	{ "Somebody", "Standard PC (Q35 + ICH9, 2009)", HYPERV_TYPE_QEMU },
	{ "innotek GmbH", "VirtualBox", HYPERV_TYPE_VIRTUALBOX },
	{ "Oracle Corporation", "VirtualBox", HYPERV_TYPE_VIRTUALBOX },
	{ "VMware, Inc.", "VMware Virtual Platform", HYPERV_TYPE_VMWARE },
	{ "VMware, Inc.", "VMware20,1", HYPERV_TYPE_VMWARE },
	{ "Parallels Software International Inc.", "Parallels Virtual Platform",
	  HYPERV_TYPE_PARALLELS },
	{ "Parallels International GmbH.", "Parallels ARM Virtual Machine",
	  HYPERV_TYPE_PARALLELS },
	{ "Xen", "HVM domU", HYPERV_TYPE_XEN },
	{ "FreeBSD", "BHYVE", HYPERV_TYPE_BHYVE },
	{ "Microsoft Corporation", "Virtual Machine", HYPERV_TYPE_HYPERV },
	{ "Red Hat", "KVM", HYPERV_TYPE_KVM },
	{ "Red Hat", "RHEV Hypervisor", HYPERV_TYPE_KVM },
	{ "oVirt", "oVirt Node", HYPERV_TYPE_KVM },
	{ "KubeVirt", "None", HYPERV_TYPE_KVM },
	{ "Google", "Google Compute Engine", HYPERV_TYPE_KVM },
	/* Makers of hardware. */
	{ "Microsoft Corporation", "Surface Pro 7", HYPERV_TYPE_NONE },
	{ "Microsoft Corporation", "Virtual Machines", HYPERV_TYPE_NONE },
	{ "ASUS", "Virtual Machine", HYPERV_TYPE_NONE },
	{ "Oracle Corporation", "Sun Fire X4170", HYPERV_TYPE_NONE },
	{ "Amazon EC2", "c5.metal", HYPERV_TYPE_NONE },
	{ "Google", "Pixelbook", HYPERV_TYPE_NONE },
	{ "Red Hat", "", HYPERV_TYPE_NONE },
	{ "QEMUx", "Standard PC", HYPERV_TYPE_NONE },
	{ "", "", HYPERV_TYPE_NONE },
};

TEST(firmware_alone_is_believed_when_it_is_clear)
{
	for (unsigned i = 0; i < ARRAY_SIZE(smbios_cases); i++) {
		const struct smbios_case *c = &smbios_cases[i];

		bare_metal();
		say_smbios(c->manufacturer, c->product);
		detect();
		if (!CHECK_EQ(det.type, c->type))
			printf("  for %s, %s\n", c->manufacturer, c->product);
		CHECK_EQ(det.virtualized, c->type != HYPERV_TYPE_NONE);
	}
}

TEST(firmware_names_other_than_the_systems_count)
{
	bare_metal();
	strscpy(ev.smbios.bios_vendor, "BHYVE", SMBIOS_STRING_MAX);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_BHYVE);
	bare_metal();
	strscpy(ev.smbios.board_product, "VirtualBox", SMBIOS_STRING_MAX);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
}

TEST(firmware_that_only_says_virtual_is_believed)
{
	bare_metal();
	say_smbios("Acme", "Thing");
	ev.smbios.virtual_machine = true;
	detect();
	CHECK(det.virtualized);
	CHECK_EQ(det.type, HYPERV_TYPE_UNKNOWN);
	CHECK_STR(det.name, "Unknown (\"Acme\")");
	say_smbios("", "");
	detect();
	CHECK_STR(det.name, "Unknown");
}

TEST(apples_framework_is_known_by_its_product)
{
	bare_metal();
	say_smbios("Apple Inc.", "Apple Virtualization Generic Platform");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_UNKNOWN);
	CHECK_STR(det.name,
		  "Unknown (\"Apple Virtualization Generic Platform\")");
	/* Its maker also makes machines. */
	say_smbios("Apple Inc.", "MacBookPro16,1");
	detect();
	CHECK(!det.virtualized);
}

TEST(long_makers_names_fit)
{
	char maker[SMBIOS_STRING_MAX];

	bare_metal();
	memset(maker, 'm', sizeof(maker) - 1);
	maker[sizeof(maker) - 1] = '\0';
	say_smbios(maker, "");
	ev.smbios.virtual_machine = true;
	detect();
	CHECK_EQ(strlen(det.name), strlen("Unknown (\"\")") + strlen(maker));
}

/* Stacked: what is on top of what, and who is called the hypervisor. */

TEST(kvm_with_hyperv_enlightenments_is_kvm)
{
	virtual_machine();
	set_block(BASE, BASE + 5, "Microsoft Hv");
	set_hyperv_interface(BASE);
	set_leaf(BASE + 3, BIT(5) | BIT(9), 0, 0, 0);
	set_block(KVM_AT, KVM_AT + 1, "KVMKVMKVM\0\0\0");
	set_leaf(KVM_AT + 1, BIT(3) | BIT(24), 0, 0, 1);
	say_smbios("QEMU", "Standard PC (Q35 + ICH9, 2009)");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_KVM);
	CHECK_EQ(det.count, 3);
	CHECK_EQ(rank_of(HYPERV_TYPE_QEMU), 1);
	CHECK_EQ(rank_of(HYPERV_TYPE_HYPERV), 2);
	CHECK(offers(HYPERV_TYPE_KVM, "clocksource2"));
	CHECK(!offers(HYPERV_TYPE_KVM, "clocksource"));
	CHECK(offers(HYPERV_TYPE_KVM, "clocksource-stable"));
	CHECK(offers(HYPERV_TYPE_KVM, "hint-realtime"));
	CHECK(offers(HYPERV_TYPE_HYPERV, "reference-tsc"));
	CHECK(!offers(HYPERV_TYPE_HYPERV, "synic"));
	CHECK(virt_offers_paravirt(&ev, &det));
}

TEST(kvm_hidden_behind_hyperv_enlightenments_is_qemu)
{
	virtual_machine();
	set_block(BASE, BASE + 5, "Microsoft Hv");
	set_hyperv_interface(BASE);
	say_smbios("QEMU", "Standard PC (Q35 + ICH9, 2009)");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_QEMU);
	CHECK_EQ(rank_of(HYPERV_TYPE_HYPERV), 1);
}

TEST(a_vendor_id_is_a_name_not_an_interface)
{
	virtual_machine();
	set_block(BASE, BASE + 5, "ACRNACRNACRN");
	set_hyperv_interface(BASE);
	set_leaf(BASE + 3, BIT(5), 0, 0, 0);
	set_block(KVM_AT, KVM_AT + 1, "KVMKVMKVM\0\0\0");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_KVM);
	CHECK_EQ(rank_of(HYPERV_TYPE_ACRN), 1);
	CHECK_EQ(rank_of(HYPERV_TYPE_HYPERV), 2);
	CHECK(det.found[1].match.opaque);
	CHECK(!offers(HYPERV_TYPE_ACRN, "privileged-vm"));
	CHECK(offers(HYPERV_TYPE_HYPERV, "hypercalls"));

	/* Without a block beside it, it is the best name there is. */
	virtual_machine();
	set_block(BASE, BASE + 5, "ACRNACRNACRN");
	set_hyperv_interface(BASE);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_ACRN);
}

TEST(a_name_on_hypervs_interface_is_weaker_than_a_block)
{
	virtual_machine();
	set_block(BASE, BASE + 5, "KVMKVMKVM\0\0\0");
	set_hyperv_interface(BASE);
	set_block(KVM_AT, KVM_AT + 1, "bhyve bhyve ");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_BHYVE);
	CHECK_EQ(rank_of(HYPERV_TYPE_KVM), 1);
}

TEST(xen_with_viridian_is_xen)
{
	virtual_machine();
	set_block(BASE, BASE + 6, "Microsoft Hv");
	set_hyperv_interface(BASE);
	set_block(BASE + 0x100, BASE + 0x105, "XenVMMXenVMM");
	set_leaf(BASE + 0x101, 4 << 16 | 17, 0, 0, 0);
	set_leaf(BASE + 0x102, 1, 0x40000200, 0, 0);
	set_leaf(BASE + 0x103, 4, 2, 2400000, 1);
	set_leaf(BASE + 0x104, BIT(3) | BIT(4), 0, 7, 0);
	say_smbios("Xen", "HVM domU");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_XEN);
	CHECK_EQ(det.count, 2);
	CHECK_EQ(rank_of(HYPERV_TYPE_HYPERV), 1);
	CHECK(offers(HYPERV_TYPE_XEN, "hypercall-page"));
	CHECK(offers(HYPERV_TYPE_XEN, "tsc-frequency"));
	CHECK(offers(HYPERV_TYPE_XEN, "domain-id"));
	CHECK(offers(HYPERV_TYPE_XEN, "rdtscp"));
	CHECK(!offers(HYPERV_TYPE_XEN, "upcall-vector"));
}

TEST(kvm_with_xens_interface_is_kvm)
{
	virtual_machine();
	set_block(BASE, BASE + 4, "XenVMMXenVMM");
	set_block(KVM_AT, KVM_AT + 1, "KVMKVMKVM\0\0\0");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_KVM);
	CHECK_EQ(rank_of(HYPERV_TYPE_XEN), 1);
}

static void virtualbox(void)
{
	strscpy(ev.smbios.bios_vendor, "innotek GmbH", SMBIOS_STRING_MAX);
	say_smbios("innotek GmbH", "VirtualBox");
}

TEST(virtualbox_without_provider_is_virtualbox)
{
	bare_metal();
	virtualbox();
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
	CHECK(!virt_offers_paravirt(&ev, &det));
}

TEST(virtualbox_with_provider_minimal_is_virtualbox)
{
	virtual_machine();
	virtualbox();
	set_leaf(BASE, BASE + 0x10, 0, 0, 0);
	set_leaf(BASE + 0x10, 2394229, 1000000, 0, 0);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
	CHECK_EQ(det.count, 1);
	CHECK(offers(HYPERV_TYPE_VIRTUALBOX, "tsc-frequency"));
	CHECK(offers(HYPERV_TYPE_VIRTUALBOX, "apic-frequency"));
}

TEST(virtualbox_with_provider_hyperv_is_virtualbox)
{
	virtual_machine();
	virtualbox();
	set_block(BASE, BASE + 6, "VBoxVBoxVBox");
	set_hyperv_interface(BASE);
	set_leaf(BASE + 3, BIT(1) | BIT(11), 0, 0, BIT(8));
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
	CHECK_EQ(det.count, 2);
	CHECK_EQ(rank_of(HYPERV_TYPE_HYPERV), 1);
	CHECK(offers(HYPERV_TYPE_HYPERV, "reference-counter"));
	CHECK(offers(HYPERV_TYPE_HYPERV, "tsc-frequency"));
	CHECK(!offers(HYPERV_TYPE_VIRTUALBOX, "tsc-frequency"));

	/* The same when the firmware's strings were changed. */
	say_smbios("Acme", "Thing");
	strscpy(ev.smbios.bios_vendor, "Acme", SMBIOS_STRING_MAX);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
}

TEST(virtualbox_with_provider_kvm_is_virtualbox)
{
	virtual_machine();
	virtualbox();
	set_block(BASE, BASE + 1, "KVMKVMKVM\0\0\0");
	set_leaf(BASE + 1, BIT(0) | BIT(3), 0, 0, 0);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
	CHECK_EQ(rank_of(HYPERV_TYPE_KVM), 1);
	CHECK(offers(HYPERV_TYPE_KVM, "clocksource2"));
	CHECK(virt_offers_paravirt(&ev, &det));
}

TEST(virtualboxs_firmware_beats_every_signature)
{
	virtual_machine();
	virtualbox();
	set_leaf(BASE, BASE + 0x10, 0, 0, 0);
	set_block(KVM_AT, KVM_AT + 1, "KVMKVMKVM\0\0\0");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);

	virtual_machine();
	virtualbox();
	set_block(BASE, BASE + 1, "VBoxVBoxVBox");
	set_block(KVM_AT, KVM_AT + 1, "KVMKVMKVM\0\0\0");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
}

TEST(a_nameless_block_elsewhere_is_unknown)
{
	virtual_machine();
	set_leaf(BASE, BASE + 0x10, 0, 0, 0);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_UNKNOWN);
	CHECK_STR(det.name, "Unknown");
	CHECK_EQ(det.count, 1);
}

TEST(vmware_with_hypervs_interface_is_vmware)
{
	virtual_machine();
	set_block(BASE, BASE + 0xa, "Microsoft Hv");
	set_hyperv_interface(BASE);
	say_smbios("VMware, Inc.", "VMware7,1");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VMWARE);
	CHECK_EQ(rank_of(HYPERV_TYPE_HYPERV), 1);
}

TEST(hyperv_itself_is_hyperv)
{
	virtual_machine();
	set_block(BASE, BASE + 0xb, "Microsoft Hv");
	set_hyperv_interface(BASE);
	set_leaf(BASE + 3, 0x00002e7f, 0x003b8030, 2, 0xa0e24a00);
	say_smbios("Microsoft Corporation", "Virtual Machine");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_HYPERV);
	CHECK_EQ(det.count, 1);
	CHECK(offers(HYPERV_TYPE_HYPERV, "hypercalls"));
	CHECK(offers(HYPERV_TYPE_HYPERV, "post-messages"));
}

TEST(hypervs_signature_without_its_interface_offers_nothing)
{
	virtual_machine();
	set_block(BASE, BASE + 6, "Microsoft Hv");
	set_leaf(BASE + 1, 0x12345678, 0, 0, 0);
	set_leaf(BASE + 3, 0xffffffff, 0xffffffff, 0, 0xffffffff);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_HYPERV);
	CHECK(!offers(HYPERV_TYPE_HYPERV, "hypercalls"));
	CHECK(!virt_offers_paravirt(&ev, &det));
}

TEST(hypervs_interface_counts_whatever_the_signature)
{
	virtual_machine();
	set_block(BASE, BASE + 6, "NobodyKnows\0");
	set_hyperv_interface(BASE);
	set_leaf(BASE + 3, BIT(5), 0, 0, 0);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_HYPERV);
	CHECK(offers(HYPERV_TYPE_HYPERV, "hypercalls"));
}

TEST(kvm_under_qemu_is_kvm_and_tcg_is_qemu)
{
	virtual_machine();
	set_block(BASE, BASE + 1, "KVMKVMKVM\0\0\0");
	say_smbios("QEMU", "Standard PC (Q35 + ICH9, 2009)");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_KVM);
	CHECK_EQ(rank_of(HYPERV_TYPE_QEMU), 1);

	virtual_machine();
	set_block(BASE, BASE + 1, "TCGTCGTCGTCG");
	say_smbios("QEMU", "Standard PC (Q35 + ICH9, 2009)");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_QEMU);
	CHECK_EQ(det.count, 1);
	CHECK(!virt_offers_paravirt(&ev, &det));
}

TEST(a_known_name_beats_an_unknown_one)
{
	virtual_machine();
	set_block(BASE, BASE + 1, "XYZXYZXYZXYZ");
	set_block(KVM_AT, KVM_AT + 1, "KVMKVMKVM\0\0\0");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_KVM);
	CHECK_EQ(det.count, 2);
	CHECK(!det.found[1].hv);
	CHECK_EQ(det.found[1].match.block, 0);
}

TEST(every_pair_of_signatures_is_kept_and_ranked)
{
	for (unsigned a = 0; a < ARRAY_SIZE(signature_cases); a++) {
		for (unsigned b = 0; b < ARRAY_SIZE(signature_cases); b++) {
			if (signature_cases[a].type == signature_cases[b].type)
				continue;
			virtual_machine();
			set_block(BASE, BASE + 1, signature_cases[a].signature);
			set_block(KVM_AT, KVM_AT + 1,
				  signature_cases[b].signature);
			detect();
			CHECK_EQ(det.count, 2);
			CHECK(det.type == signature_cases[a].type ||
			      det.type == signature_cases[b].type);
			CHECK(det.type != HYPERV_TYPE_UNKNOWN);
		}
	}
}

TEST(marking_sets_offered_and_forgets_the_rest)
{
	struct virt_feature *f;

	virtual_machine();
	set_block(BASE, BASE + 1, "KVMKVMKVM\0\0\0");
	set_leaf(BASE + 1, BIT(3), 0, 0, 0);
	detect();
	f = virt_find_feature(det.found[0].hv, "clocksource2");
	f->state = VIRT_ENABLED | VIRT_VERIFIED;
	virt_mark_offered(&ev, &det);
	CHECK_EQ(f->state, VIRT_OFFERED);
	bare_metal();
	detect();
	virt_mark_offered(&ev, &det);
	CHECK_EQ(f->state, 0);
}

/* On arm64: no CPUID at all. */
static void arm_machine(void)
{
	memset(&ev, 0, sizeof(ev));
	ev.looked_at = "SMCCC";
}

TEST(hypervisors_are_known_by_the_uid_of_smccc)
{
	arm_machine();
	virt_choose(&ev, &det);
	CHECK(!det.virtualized);
	ev.smccc = (struct virt_smccc){ .uid_present = true,
					.uid = { 0xb66fb428, 0xe911c52e,
						 0x564bcaa9, 0x743a004d } };
	ev.fdt.fw_cfg = true;
	virt_choose(&ev, &det);
	CHECK_STR(det.name, "KVM");
	CHECK_EQ(det.count, 2);
	CHECK_EQ(det.found[1].hv->type, HYPERV_TYPE_QEMU);

	arm_machine();
	ev.smccc = (struct virt_smccc){ .uid_present = true,
					.uid = { 0xdc1218a7, 0x694398c6,
						 0xd179cf9a, 0x67e6de8d } };
	virt_choose(&ev, &det);
	CHECK_STR(det.name, "Xen");
	ev.smccc = (struct virt_smccc){ .uid_present = true,
					.uid = { 0xb66fb428, 0xe911c52e,
						 0x564bcaa9, 0x743a004e } };
	virt_choose(&ev, &det);
	CHECK_EQ(det.type, HYPERV_TYPE_UNKNOWN);
	CHECK_STR(det.name,
		  "Unknown (\"28b46fb6-2ec5-11e9-a9ca-4b564e003a74\")");
}

TEST(calls_of_smccc_are_features_of_the_hypervisor_that_has_them)
{
	arm_machine();
	ev.smccc = (struct virt_smccc){
		.uid_present = true,
		.uid = { 0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d },
		.offers = { BIT(1), [4] = BIT(0) },
	};
	virt_choose(&ev, &det);
	virt_mark_offered(&ev, &det);
	CHECK(offers(HYPERV_TYPE_KVM, "ptp"));
	CHECK(offers(HYPERV_TYPE_KVM, "steal-time"));
	CHECK(!offers(HYPERV_TYPE_KVM, "mem-share"));
	CHECK(!offers(HYPERV_TYPE_KVM, "psci-cpu-suspend"));
	CHECK(virt_offers_paravirt(&ev, &det));
	/* What is only reported is no interface that is used. */
	memset(ev.smccc.offers, 0, sizeof(ev.smccc.offers));
	ev.smccc.offers[0] = BIT(3);
	CHECK(offers(HYPERV_TYPE_KVM, "mem-share"));
	CHECK(!virt_offers_paravirt(&ev, &det));
}

TEST(hypervisors_are_known_by_the_device_tree)
{
	static const struct {
		const char *compatible, *name;
	} cases[] = {
		{ "xen,xen-4.17", "Xen" },
		{ "xen,xen", "Xen" },
		{ "linux,kvm", "KVM" },
		{ "acme,vmm", "Unknown (\"acme,vmm\")" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		arm_machine();
		strscpy(ev.fdt.hypervisor, cases[i].compatible,
			sizeof(ev.fdt.hypervisor));
		virt_choose(&ev, &det);
		CHECK(det.virtualized);
		CHECK_STR(det.name, cases[i].name);
	}
	arm_machine();
	strscpy(ev.fdt.machine, "linux,dummy-virt", sizeof(ev.fdt.machine));
	virt_choose(&ev, &det);
	CHECK(det.virtualized);
	CHECK_STR(det.name, "Unknown");
}
