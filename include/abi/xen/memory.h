/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's memory: Xen, xen/include/public/memory.h. */
#pragma once

#include <abi/xen/xen.h>

#define XENMEM_decrease_reservation 1
#define XENMEM_current_reservation  3
#define XENMEM_maximum_reservation  4
#define XENMEM_populate_physmap	    6
#define XENMEM_add_to_physmap	    7
#define XENMEM_memory_map	    9
#define XENMEM_remove_from_physmap  15

/* XENMEM_decrease_reservation and _populate_physmap: how many it did. */
struct xen_memory_reservation {
	u64 extent_start; /* address of an array of frame numbers */
	u64 nr_extents;
	u32 extent_order; /* of 2^n pages each */
	u32 mem_flags;
	xen_domid_t domid;
	u16 pad[3];
};
_Static_assert(sizeof(struct xen_memory_reservation) == 32, "memory.h");

#define XENMAPSPACE_shared_info 0
#define XENMAPSPACE_grant_table 1

/* XENMAPSPACE_grant_table's index: the status frames of grant version 2. */
#define XENMAPIDX_grant_table_status 0x80000000U

struct xen_add_to_physmap {
	xen_domid_t domid;
	u16 size; /* of XENMAPSPACE_gmfn_range only */
	u32 space;
	u64 idx;
	u64 gpfn; /* where it is to appear: what was there is given up */
};
_Static_assert(sizeof(struct xen_add_to_physmap) == 24, "memory.h");
_Static_assert(offsetof(struct xen_add_to_physmap, gpfn) == 16, "memory.h");

struct xen_remove_from_physmap {
	xen_domid_t domid;
	u16 pad[3];
	u64 gpfn;
};
_Static_assert(sizeof(struct xen_remove_from_physmap) == 16, "memory.h");

struct xen_memory_map {
	u32 nr_entries; /* in: room; out: how many there are */
	u32 pad;
	u64 buffer; /* address of an array of struct xen_e820_entry */
};
_Static_assert(sizeof(struct xen_memory_map) == 16, "memory.h");

/* As the BIOS's call INT 15h, E820: types are those of <abi/e820.h>. */
struct xen_e820_entry {
	u64 addr;
	u64 size;
	u32 type;
} __attribute__((packed));
_Static_assert(sizeof(struct xen_e820_entry) == 20, "memory.h");
