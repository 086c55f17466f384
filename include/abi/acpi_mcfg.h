/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MCFG: where PCI Express configuration space is in memory. PCI Firmware
 * Specification 3.3 (PCI-SIG, 2021), 4.1.2.
 */
#pragma once

#include <abi/acpi.h>

#define ACPI_MCFG_SIGNATURE "MCFG"

struct acpi_mcfg_entry {
	le64 base_address; /* of bus 0, even if start_bus is not 0 */
	le16 segment;
	u8 start_bus;
	u8 end_bus; /* included */
	le32 reserved;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_mcfg_entry) == 16, "MCFG entry");
_Static_assert(offsetof(struct acpi_mcfg_entry, start_bus) == 10, "MCFG entry");

struct acpi_mcfg {
	struct acpi_sdt_header header;
	u8 reserved[8];
	struct acpi_mcfg_entry entry[];
} __attribute__((packed));
_Static_assert(offsetof(struct acpi_mcfg, entry) == 44, "MCFG");
