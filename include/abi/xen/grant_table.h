/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that a domain lets others use: Xen, xen/include/public/grant_table.h,
 * version 1 of its table.
 */
#pragma once

#include <abi/xen/xen.h>

struct grant_entry_v1 {
	u16 flags;
	xen_domid_t domid; /* who may use it */
	u32 frame;
};
_Static_assert(sizeof(struct grant_entry_v1) == 8, "grant_table.h");
_Static_assert(offsetof(struct grant_entry_v1, frame) == 4, "grant_table.h");

#define GTF_permit_access 1U
#define GTF_readonly	  (1U << 2)
#define GTF_reading	  (1U << 3) /* Xen's: somebody has it mapped */
#define GTF_writing	  (1U << 4)

/* What the toolstack fills in: console, xenstore; the others are spare. */
#define GNTTAB_NR_RESERVED_ENTRIES 8

#define GNTTABOP_copy	    5
#define GNTTABOP_query_size 6

/* Results, in their structures. */
#define GNTST_okay		0
#define GNTST_general_error	(-1)
#define GNTST_bad_gntref	(-3)
#define GNTST_permission_denied (-8)

struct gnttab_query_size {
	xen_domid_t dom;
	u16 pad;
	u32 nr_frames;	   /* out */
	u32 max_nr_frames; /* out */
	s16 status;	   /* out: GNTST_... */
	u16 pad2;
};
_Static_assert(sizeof(struct gnttab_query_size) == 16, "grant_table.h");

#define GNTCOPY_source_gref 1U
#define GNTCOPY_dest_gref   2U

struct gnttab_copy_end {
	u64 where; /* a reference or a frame number, as flags say */
	xen_domid_t domid;
	u16 offset;
	u32 pad;
};

struct gnttab_copy {
	struct gnttab_copy_end source, dest;
	u16 len;
	u16 flags;
	s16 status; /* out: GNTST_... */
	u16 pad;
};
_Static_assert(sizeof(struct gnttab_copy_end) == 16, "grant_table.h");
_Static_assert(sizeof(struct gnttab_copy) == 40, "grant_table.h");
_Static_assert(offsetof(struct gnttab_copy, len) == 32, "grant_table.h");
