/* SPDX-License-Identifier: BSD-2-Clause */
/* Partition tables: MBR, and GPT of UEFI 2.10, 5. */
#pragma once

#include <kernel/types.h>

/* UEFI 2.10, 5.2.1, table 5-1: an entry of the MBR. Addresses are in blocks. */
struct mbr_partition {
	u8 boot_indicator;
	u8 starting_chs[3];
	u8 os_type;
	u8 ending_chs[3];
	le32 starting_lba;
	le32 size_in_lba;
} __attribute__((packed));

_Static_assert(sizeof(struct mbr_partition) == 16, "mbr_partition");

#define MBR_PARTITIONS 4

struct mbr {
	u8 boot_code[446];
	struct mbr_partition partition[MBR_PARTITIONS];
	le16 signature;
} __attribute__((packed));

_Static_assert(sizeof(struct mbr) == 512, "mbr");
_Static_assert(offsetof(struct mbr, partition) == 446, "mbr.partition");

#define MBR_SIGNATURE		0xaa55
#define MBR_TYPE_EMPTY		0x00
#define MBR_TYPE_EXTENDED	0x05
#define MBR_TYPE_EXTENDED_LBA	0x0f
#define MBR_TYPE_EXTENDED_LINUX 0x85
#define MBR_TYPE_GPT		0xee /* protective: 5.2.3 */

/* UEFI 2.10, 5.3.2, table 5-5. */
struct gpt_header {
	le64 signature;
	le32 revision;
	le32 header_size;
	le32 header_crc32;
	le32 reserved;
	le64 my_lba;
	le64 alternate_lba;
	le64 first_usable_lba;
	le64 last_usable_lba;
	u8 disk_guid[16];
	le64 partition_entry_lba;
	le32 number_of_partition_entries;
	le32 size_of_partition_entry;
	le32 partition_entry_array_crc32;
} __attribute__((packed));

_Static_assert(sizeof(struct gpt_header) == 92, "gpt_header");
_Static_assert(offsetof(struct gpt_header, my_lba) == 24, "gpt_header.my_lba");
_Static_assert(offsetof(struct gpt_header, partition_entry_lba) == 72,
	       "gpt_header.partition_entry_lba");

#define GPT_SIGNATURE	0x5452415020494645ULL /* "EFI PART" */
#define GPT_HEADER_MIN	92
#define GPT_ENTRY_MIN	128 /* and 128 * 2^n */
#define GPT_PRIMARY_LBA 1

/* UEFI 2.10, 5.3.3, table 5-6. */
struct gpt_entry {
	u8 partition_type_guid[16]; /* all zero: unused */
	u8 unique_partition_guid[16];
	le64 starting_lba;
	le64 ending_lba; /* the last one of it */
	le64 attributes;
	le16 partition_name[36];
} __attribute__((packed));

_Static_assert(sizeof(struct gpt_entry) == 128, "gpt_entry");
_Static_assert(offsetof(struct gpt_entry, starting_lba) == 32,
	       "gpt_entry.starting_lba");
