/* SPDX-License-Identifier: BSD-2-Clause */
/* Flattened devicetree: Devicetree Specification 0.4, chapter 5. */
#pragma once

#include <kernel/types.h>

#define FDT_MAGIC	      0xd00dfeedU
#define FDT_VERSION	      17
#define FDT_LAST_COMP_VERSION 16
#define FDT_ALIGN	      8 /* of the blob, 5.6 */

#define FDT_BEGIN_NODE 1
#define FDT_END_NODE   2
#define FDT_PROP       3
#define FDT_NOP	       4
#define FDT_END	       9

/* 5.2 "Header". */
struct fdt_header {
	be32 magic;
	be32 totalsize;
	be32 off_dt_struct;
	be32 off_dt_strings;
	be32 off_mem_rsvmap;
	be32 version;
	be32 last_comp_version;
	be32 boot_cpuid_phys;
	be32 size_dt_strings;
	be32 size_dt_struct;
};
_Static_assert(sizeof(struct fdt_header) == 40, "Devicetree 0.4, 5.2");

/* 5.3.2: the list ends with an entry of zeros. */
struct fdt_reserve_entry {
	be64 address;
	be64 size;
};
_Static_assert(sizeof(struct fdt_reserve_entry) == 16, "Devicetree 0.4, 5.3.2");

/* 5.4.1: behind FDT_PROP, before the value. */
struct fdt_prop {
	be32 len;
	be32 nameoff;
};
_Static_assert(sizeof(struct fdt_prop) == 8, "Devicetree 0.4, 5.4.1");
