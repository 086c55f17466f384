/* SPDX-License-Identifier: BSD-2-Clause */
/* The Generic Timer Description Table: ACPI 6.5, 5.2.25. */
#pragma once

#include <abi/acpi.h>

#define ACPI_GTDT_SIGNATURE "GTDT"

struct acpi_gtdt {
	struct acpi_sdt_header header;
	le64 cnt_control_base;
	le32 reserved;
	le32 secure_el1_gsiv;
	le32 secure_el1_flags;
	le32 non_secure_el1_gsiv;
	le32 non_secure_el1_flags;
	le32 virtual_el1_gsiv;
	le32 virtual_el1_flags;
	le32 el2_gsiv;
	le32 el2_flags;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_gtdt) == 80, "GTDT");
_Static_assert(offsetof(struct acpi_gtdt, virtual_el1_gsiv) == 64, "GTDT");
