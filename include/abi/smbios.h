/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SMBIOS: DMTF DSP0134 version 3.7, chapters 5 (access), 6.1 (structures) and
 * 7.1 to 7.3 (types 0 to 2). Formatted areas grew with the versions: check
 * header.length before each field.
 */
#pragma once

#include <kernel/types.h>

/* 5.2: where a PC's BIOS has its entry point, on 16-byte boundaries */
#define SMBIOS_AREA_START     0xf0000U
#define SMBIOS_AREA_SIZE      0x10000U
#define SMBIOS_AREA_ALIGNMENT 16U

/* 5.2.1 */
#define SMBIOS_ANCHOR		   "_SM_"
#define SMBIOS_INTERMEDIATE_ANCHOR "_DMI_"
#define SMBIOS_INTERMEDIATE_OFFSET 0x10
#define SMBIOS_INTERMEDIATE_LENGTH 0x0f
/* 2.1 of the specification says 0x1e where the structure has 0x1f bytes. */
#define SMBIOS_ENTRY_LENGTH_MIN 0x1e

struct smbios_entry {
	char anchor[4];
	u8 checksum; /* makes `length` bytes add up to 0 */
	u8 length;
	u8 major_version;
	u8 minor_version;
	le16 max_structure_size;
	u8 entry_point_revision;
	u8 formatted_area[5];
	char intermediate_anchor[5];
	u8 intermediate_checksum; /* of the 15 bytes from that anchor on */
	le16 table_length;
	le32 table_address;
	le16 structure_count;
	u8 bcd_revision;
} __attribute__((packed));
_Static_assert(sizeof(struct smbios_entry) == 0x1f, "SMBIOS entry");
_Static_assert(offsetof(struct smbios_entry, intermediate_anchor) == 0x10,
	       "SMBIOS entry");
_Static_assert(offsetof(struct smbios_entry, table_address) == 0x18,
	       "SMBIOS entry");

/* 5.2.2 */
#define SMBIOS3_ANCHOR "_SM3_"

struct smbios3_entry {
	char anchor[5];
	u8 checksum;
	u8 length;
	u8 major_version;
	u8 minor_version;
	u8 docrev;
	u8 entry_point_revision;
	u8 reserved;
	le32 table_max_size;
	le64 table_address;
} __attribute__((packed));
_Static_assert(sizeof(struct smbios3_entry) == 0x18, "SMBIOS 3 entry");
_Static_assert(offsetof(struct smbios3_entry, table_address) == 0x10,
	       "SMBIOS 3 entry");

/* 6.1.2: every structure; its strings follow the formatted area */
struct smbios_header {
	u8 type;
	u8 length; /* of the formatted area, this header included */
	le16 handle;
} __attribute__((packed));
_Static_assert(sizeof(struct smbios_header) == 4, "SMBIOS header");

enum smbios_type {
	SMBIOS_TYPE_BIOS = 0,
	SMBIOS_TYPE_SYSTEM = 1,
	SMBIOS_TYPE_BOARD = 2,
	SMBIOS_TYPE_END = 127,
};

/* Offsets of string numbers in the formatted areas: 7.1, 7.2, 7.3 */
#define SMBIOS_BIOS_VENDOR	   0x04
#define SMBIOS_BIOS_VERSION	   0x05
#define SMBIOS_BIOS_EXTENSION_2	   0x13 /* characteristics, 7.1.2.2 */
#define SMBIOS_SYSTEM_MANUFACTURER 0x04
#define SMBIOS_SYSTEM_PRODUCT	   0x05
#define SMBIOS_SYSTEM_VERSION	   0x06
#define SMBIOS_BOARD_MANUFACTURER  0x04
#define SMBIOS_BOARD_PRODUCT	   0x05

#define SMBIOS_EXTENSION_2_VIRTUAL_MACHINE (1U << 4)
