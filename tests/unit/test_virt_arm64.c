/* SPDX-License-Identifier: BSD-2-Clause */
/* Recognition on arm64: SMCCC and the device tree. */
#include "unit.h"
#include "fake_evidence.h"

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
