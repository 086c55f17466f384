/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory types of the BIOS call INT 15h AX=E820h: ACPI specification 6.5,
 * table 15.2. Multiboot2 and PVH use the same numbers.
 */
#pragma once

enum e820_type {
	E820_RAM = 1,
	E820_RESERVED = 2,
	E820_ACPI = 3,
	E820_NVS = 4,
	E820_UNUSABLE = 5,
	E820_DISABLED = 6,
	E820_PERSISTENT = 7,
};
