/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation tables: Arm ARM (DDI 0487), D8.3 "Translation table descriptor
 * formats", stage 1, 4 KiB granule.
 */
#pragma once

#include <asm/layout.h>

#define PTE_VALID     0x001
#define PTE_TABLE     0x002 /* a table, or at the last level a page */
#define PTE_RDONLY    0x080 /* AP[2] */
#define PTE_SHARED    0x300 /* inner shareable */
#define PTE_AF	      0x400
#define PTE_PXN	      0x0020000000000000
#define PTE_UXN	      0x0040000000000000
#define PTE_TYPE_STEP 4 /* from one MAIR attribute to the next */

/* Memory types through MAIR_EL1. */
#define MAIR_WB	    0
#define MAIR_NC	    1
#define MAIR_DEVICE 2
/* Write-back; not cacheable; device, early write acknowledgement. */
#define MAIR_VALUE 0x0444ff

#define PTES_PER_TABLE 512

/* The rights of the image's parts. */
#define PTE_NORMAL   (PTE_VALID | PTE_SHARED | PTE_AF | MAIR_WB * PTE_TYPE_STEP)
#define PTE_IMAGE_RX (PTE_NORMAL | PTE_RDONLY | PTE_UXN)
#define PTE_IMAGE_R  (PTE_IMAGE_RX | PTE_PXN)
#define PTE_IMAGE_RW (PTE_IMAGE_R & ~PTE_RDONLY)

#ifndef __ASSEMBLY__
# include <kernel/types.h>

# define PTE_NX	       ((u64)(PTE_PXN | PTE_UXN))
# define PTE_ADDR_MASK 0x0000fffffffff000ULL

# define SIZE_4K 0x1000ULL
# define SIZE_2M 0x200000ULL
# define SIZE_1G 0x40000000ULL

/** What the entries on the way to an address say, for fault reports. */
struct page_walk {
	u64 entry[4];	 /* levels 0 to 3 */
	unsigned levels; /* how many were read: to a leaf, a hole, or damage */
};

/** Walk the kernel's tables for @va. Any context. */
void paging_walk(uintptr_t va, struct page_walk *walk);

/**
 * Count mappings that are writable and executable, over the whole address
 * space, and those of kernel text and read-only data that are writable.
 */
unsigned paging_count_wx(void);
#endif
