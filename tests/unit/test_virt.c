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
	CHECK(offers(HYPERV_TYPE_XEN, "hypercalls"));
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
