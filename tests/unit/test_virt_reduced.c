/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel that was built to know Hyper-V and nobody else. */
#include "unit.h"
#include "fake_cpuid.h"
#include <kernel/virt/msr.h>

int virt_rdmsr(u32 msr, u64 *value)
{
	(void)msr;
	(void)value;
	return -1;
}

TEST(a_hypervisor_left_out_is_unknown_with_its_signature)
{
	virtual_machine();
	set_block(0x40000000, 0x40000001, "KVMKVMKVM\0\0\0");
	say_smbios("QEMU", "Standard PC (Q35 + ICH9, 2009)");
	detect();
	CHECK(det.virtualized);
	CHECK_EQ(det.type, HYPERV_TYPE_UNKNOWN);
	CHECK_STR(det.name, "Unknown (\"KVMKVMKVM\")");
	CHECK(!virt_offers_paravirt(&ev, &det));
}

TEST(what_is_left_in_still_wins)
{
	virtual_machine();
	set_block(0x40000000, 0x40000006, "Microsoft Hv");
	set_hyperv_interface(0x40000000);
	set_block(KVM_AT, KVM_AT + 1, "KVMKVMKVM\0\0\0");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_HYPERV);
	CHECK_EQ(det.count, 2);
	CHECK(!det.found[1].hv);
}

/* What there is on arm64, where there are no leaves. */
TEST(hyperv_is_known_by_the_fadt_and_by_the_uid_of_smccc)
{
	memset(&ev, 0, sizeof(ev));
	ev.looked_at = "SMCCC";
	strscpy(ev.acpi.hypervisor_vendor, "MsHyperV",
		sizeof(ev.acpi.hypervisor_vendor));
	virt_choose(&ev, &det);
	CHECK(det.virtualized);
	CHECK_STR(det.name, "Hyper-V");
	CHECK_STR(det.found[0].match.reason, "ACPI hypervisor vendor");
	strscpy(ev.acpi.hypervisor_vendor, "MsHyper",
		sizeof(ev.acpi.hypervisor_vendor));
	virt_choose(&ev, &det);
	CHECK(!det.virtualized);
	ev.smccc = (struct virt_smccc){
		.uid_present = true,
		.uid = { 0x4d32ba58, 0xcd244764, 0x8eef6c75, 0x16597024 },
	};
	virt_choose(&ev, &det);
	CHECK_STR(det.name, "Hyper-V");
}
