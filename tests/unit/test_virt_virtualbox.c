/* SPDX-License-Identifier: BSD-2-Clause */
/* Recognising VirtualBox, which shows itself in a different way each time. */
#include "unit.h"
#include "fake_evidence.h"

#define BASE 0x40000000U

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

/* Its owner has changed what SMBIOS says. */
static void virtualbox_by_acpi(void)
{
	strscpy(ev.acpi.oem_id, "VBOX", VIRT_ACPI_OEM_ID_MAX);
	strscpy(ev.acpi.oem_table_id, "VBOXXSDT", VIRT_ACPI_OEM_TABLE_ID_MAX);
}

TEST(virtualbox_is_told_by_its_acpi_tables_with_every_provider)
{
	/* none: nothing in CPUID at all */
	bare_metal();
	virtualbox_by_acpi();
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
	CHECK_EQ(det.count, 1);
	CHECK_STR(det.found[0].match.reason, "ACPI");
	CHECK(!ev.block_count && det.virtualized);

	/* minimal: a block without a name */
	virtual_machine();
	virtualbox_by_acpi();
	set_leaf(BASE, BASE + 0x10, 0, 0, 0);
	set_leaf(BASE + 0x10, 2500000, 1000000, 0, 0);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
	CHECK_STR(det.found[0].match.reason, "ACPI, nameless CPUID block");
	CHECK(offers(HYPERV_TYPE_VIRTUALBOX, "tsc-frequency"));

	/* hyperv */
	virtual_machine();
	virtualbox_by_acpi();
	set_block(BASE, BASE + 6, "VBoxVBoxVBox");
	set_hyperv_interface(BASE);
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
	CHECK_STR(det.found[0].match.reason, "ACPI, CPUID signature");

	/* kvm: KVM's own signature */
	virtual_machine();
	virtualbox_by_acpi();
	set_block(BASE, BASE + 1, "KVMKVMKVM\0\0\0");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_VIRTUALBOX);
	CHECK_EQ(rank_of(HYPERV_TYPE_KVM), 1);
}

TEST(half_of_virtualboxs_acpi_names_is_not_virtualbox)
{
	virtual_machine();
	strscpy(ev.acpi.oem_id, "VBOX", VIRT_ACPI_OEM_ID_MAX);
	strscpy(ev.acpi.oem_table_id, "PCXSDT", VIRT_ACPI_OEM_TABLE_ID_MAX);
	set_block(BASE, BASE + 1, "KVMKVMKVM\0\0\0");
	detect();
	CHECK_EQ(det.type, HYPERV_TYPE_KVM);
}
