/* SPDX-License-Identifier: BSD-2-Clause */
/* SMBIOS (DMTF DSP0134): who says they made this machine. */
#pragma once

#include <kernel/compiler.h>

#define SMBIOS_STRING_MAX 64

/* Strings are printable ASCII, cut to fit; "" when absent. */
struct smbios_info {
	char bios_vendor[SMBIOS_STRING_MAX]; /* type 0 */
	char bios_version[SMBIOS_STRING_MAX];
	char system_manufacturer[SMBIOS_STRING_MAX]; /* type 1 */
	char system_product[SMBIOS_STRING_MAX];
	char system_version[SMBIOS_STRING_MAX];
	char board_manufacturer[SMBIOS_STRING_MAX]; /* type 2 */
	char board_product[SMBIOS_STRING_MAX];
	bool virtual_machine; /* type 0, characteristics extension 2, bit 4 */
};

/**
 * Parse a structure table of @length bytes at @table, as untrusted data, into
 * @info (cleared first). 0, or -EBADMSG when it is malformed; what was read
 * before the bad structure stays.
 */
int smbios_parse(const void *table, size_t length, struct smbios_info *info);

/**
 * Find the entry point (EFI configuration table, else the BIOS area
 * 0xf0000-0xfffff; "_SM3_" and "_SM_"), check it, and parse its table.
 * 0, -ENOENT or -EBADMSG. @efi_system_table is a physical address or 0.
 */
int smbios_read(phys_addr_t efi_system_table, struct smbios_info *info);
