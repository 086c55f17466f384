/* SPDX-License-Identifier: BSD-2-Clause */
/* Page-table entries: Intel SDM volume 3A, 4.5 "4-level paging". */
#pragma once

#include <asm/layout.h>

#define PTE_PRESENT  0x001
#define PTE_WRITE    0x002
#define PTE_PWT	     0x008
#define PTE_PCD	     0x010
#define PTE_ACCESSED 0x020
#define PTE_DIRTY    0x040
#define PTE_LARGE    0x080 /* in a PDPTE or PDE: maps 1 GiB or 2 MiB */
#define PTE_GLOBAL   0x100
#define PTE_NX_BIT   63

#define PTES_PER_TABLE 512

#ifndef __ASSEMBLY__
# include <kernel/types.h>

# define PTE_NX	       (1ULL << PTE_NX_BIT)
# define PTE_ADDR_MASK 0x000ffffffffff000ULL

# define SIZE_4K 0x1000ULL
# define SIZE_2M 0x200000ULL
# define SIZE_1G 0x40000000ULL

/* Memory types through the PAT that paging_init_cpu() programs. */
# define PTE_TYPE_WB 0ULL
# define PTE_TYPE_WC PTE_PWT
# define PTE_TYPE_UC ((u64)(PTE_PCD | PTE_PWT))

/** What the entries on the way to an address say, for fault reports. */
struct page_walk {
	u64 entry[4];	 /* PML4E, PDPTE, PDE, PTE */
	unsigned levels; /* how many were read: to a leaf, a hole, or damage */
};

/** Walk the current page tables for @va. Any context. */
void paging_walk(uintptr_t va, struct page_walk *walk);

/** PAT, CR4 and EFER bits of this CPU. */
void paging_init_cpu(void);

/**
 * Count mappings that are writable and executable, over the whole address
 * space, and those of kernel text and read-only data that are writable.
 */
unsigned paging_count_wx(void);

/** True if the direct map uses 1 GiB pages. */
bool paging_uses_1g(void);
#endif
