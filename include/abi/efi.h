/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UEFI 2.10: the part of the 64-bit system table that leads to configuration
 * tables (4.3 and 4.6).
 */
#pragma once

#include <kernel/types.h>

struct efi_guid {
	u8 bytes[16]; /* as in memory: the first three fields little-endian */
};

struct efi_table_header {
	le64 signature;
	le32 revision;
	le32 header_size;
	le32 crc32;
	le32 reserved;
} __attribute__((packed));
_Static_assert(sizeof(struct efi_table_header) == 24, "EFI table header");

#define EFI_SYSTEM_TABLE_SIGNATURE 0x5453595320494249ULL /* "IBI SYST" */

struct efi_system_table {
	struct efi_table_header header;
	le64 firmware_vendor;
	le32 firmware_revision;
	u8 padding[4];
	le64 console_in_handle;
	le64 con_in;
	le64 console_out_handle;
	le64 con_out;
	le64 standard_error_handle;
	le64 std_err;
	le64 runtime_services;
	le64 boot_services;
	le64 number_of_table_entries;
	le64 configuration_table;
} __attribute__((packed));
_Static_assert(sizeof(struct efi_system_table) == 120, "EFI system table");
_Static_assert(offsetof(struct efi_system_table, number_of_table_entries) ==
		       104,
	       "EFI system table");

struct efi_configuration_table {
	struct efi_guid vendor_guid;
	le64 vendor_table;
} __attribute__((packed));
_Static_assert(sizeof(struct efi_configuration_table) == 24,
	       "EFI configuration table");

/* 4.6.1: eb9d2d31-2d88-11d3-9a16-0090273fc14d, the entry point "_SM_" */
#define EFI_SMBIOS_TABLE_GUID                                              \
 {                                                                         \
  {                                                                        \
   0x31, 0x2d, 0x9d, 0xeb, 0x88, 0x2d, 0xd3, 0x11, 0x9a, 0x16, 0x00, 0x90, \
	   0x27, 0x3f, 0xc1, 0x4d                                          \
  }                                                                        \
 }
/* f2fd1544-9794-4a2c-992e-e5bbcf20e394, the entry point "_SM3_" */
#define EFI_SMBIOS3_TABLE_GUID                                             \
 {                                                                         \
  {                                                                        \
   0x44, 0x15, 0xfd, 0xf2, 0x94, 0x97, 0x2c, 0x4a, 0x99, 0x2e, 0xe5, 0xbb, \
	   0xcf, 0x20, 0xe3, 0x94                                          \
  }                                                                        \
 }
