/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86/HVM direct boot ABI ("PVH"): Xen's public headers,
 * arch-x86/hvm/start_info.h. Version 0 ends before memmap_paddr.
 */
#pragma once

#include <kernel/types.h>

#define HVM_START_MAGIC 0x336ec578

struct hvm_start_info {
	le32 magic;
	le32 version;
	le32 flags;
	le32 nr_modules;
	le64 modlist_paddr;
	le64 cmdline_paddr;
	le64 rsdp_paddr;
	/* Version 1. */
	le64 memmap_paddr;
	le32 memmap_entries;
	le32 reserved;
};
_Static_assert(offsetof(struct hvm_start_info, memmap_paddr) == 40,
	       "start_info.h");
_Static_assert(sizeof(struct hvm_start_info) == 56, "start_info.h");

struct hvm_modlist_entry {
	le64 paddr;
	le64 size;
	le64 cmdline_paddr;
	le64 reserved;
};
_Static_assert(sizeof(struct hvm_modlist_entry) == 32, "start_info.h");

struct hvm_memmap_table_entry {
	le64 addr;
	le64 size;
	le32 type; /* as the BIOS's E820 call: <abi/e820.h> */
	le32 reserved;
};
_Static_assert(sizeof(struct hvm_memmap_table_entry) == 24, "start_info.h");
