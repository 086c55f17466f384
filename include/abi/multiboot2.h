/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Multiboot2 boot information (specification 2.0, section 3.6): a header, then
 * tags, each starting on an 8-byte boundary. All values are little-endian.
 */
#pragma once

#include <kernel/types.h>

#define MB2_TAG_ALIGN 8

enum mb2_tag_type {
	MB2_TAG_END = 0,
	MB2_TAG_CMDLINE = 1,
	MB2_TAG_LOADER_NAME = 2,
	MB2_TAG_MODULE = 3,
	MB2_TAG_MMAP = 6,
	MB2_TAG_FRAMEBUFFER = 8,
	MB2_TAG_EFI64 = 12,
	MB2_TAG_ACPI_OLD = 14,
	MB2_TAG_ACPI_NEW = 15,
};

struct mb2_info {
	le32 total_size;
	le32 reserved;
};

struct mb2_tag {
	le32 type;
	le32 size; /* without the padding to the next tag */
};

struct mb2_tag_string {
	struct mb2_tag tag;
	char string[];
};

struct mb2_tag_module {
	struct mb2_tag tag;
	le32 mod_start;
	le32 mod_end;
	char string[];
};

struct mb2_mmap_entry {
	le64 base_addr;
	le64 length;
	le32 type; /* numbers of <abi/e820.h> */
	le32 reserved;
};
_Static_assert(sizeof(struct mb2_mmap_entry) == 24, "3.6.8");

struct mb2_tag_mmap {
	struct mb2_tag tag;
	le32 entry_size;
	le32 entry_version;
	char entries[];
};
_Static_assert(offsetof(struct mb2_tag_mmap, entries) == 16, "3.6.8");

enum mb2_framebuffer_type {
	MB2_FRAMEBUFFER_INDEXED = 0,
	MB2_FRAMEBUFFER_RGB = 1,
	MB2_FRAMEBUFFER_EGA_TEXT = 2,
};

struct mb2_tag_framebuffer {
	struct mb2_tag tag;
	le64 framebuffer_addr;
	le32 framebuffer_pitch;
	le32 framebuffer_width;
	le32 framebuffer_height;
	u8 framebuffer_bpp;
	u8 framebuffer_type;
	le16 reserved;
	/* For MB2_FRAMEBUFFER_RGB. */
	u8 red_field_position;
	u8 red_mask_size;
	u8 green_field_position;
	u8 green_mask_size;
	u8 blue_field_position;
	u8 blue_mask_size;
} __attribute__((packed));
_Static_assert(offsetof(struct mb2_tag_framebuffer, framebuffer_bpp) == 28,
	       "3.6.12");
_Static_assert(sizeof(struct mb2_tag_framebuffer) == 38, "3.6.12");

/* What every type of framebuffer has: GRUB's tag for text ends here. */
#define MB2_TAG_FRAMEBUFFER_MIN \
 offsetof(struct mb2_tag_framebuffer, red_field_position)
_Static_assert(MB2_TAG_FRAMEBUFFER_MIN == 32, "3.6.12");

struct mb2_tag_efi64 {
	struct mb2_tag tag;
	le64 pointer;
};

/* A copy of the RSDP follows the tag's header. */
struct mb2_tag_acpi {
	struct mb2_tag tag;
	u8 rsdp[];
};
