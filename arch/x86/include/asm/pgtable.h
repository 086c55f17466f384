/* SPDX-License-Identifier: BSD-2-Clause */
/* What <kernel/mm/pgtable.h> asks of page-table entries. */
#pragma once

#include <asm/page.h>
#include <kernel/mm/map.h>

/* Writable pages are dirty from the beginning: nobody looks. */
#define PTE_RIGHTS (PTE_WRITE | PTE_DIRTY | PTE_NX)

static inline bool pte_present(u64 entry)
{
	return entry & PTE_PRESENT;
}

/* In a PTE the bit of large pages means a memory type. */
static inline bool pte_is_table(u64 entry, unsigned shift)
{
	return shift > PAGE_SHIFT && !(entry & PTE_LARGE);
}

static inline u64 pte_make_table(phys_addr_t table)
{
	return table | PTE_PRESENT | PTE_WRITE;
}

static inline u64 pte_make_leaf(phys_addr_t phys, u64 flags, unsigned shift)
{
	return phys | flags | PTE_PRESENT | PTE_ACCESSED |
	       (shift > PAGE_SHIFT ? PTE_LARGE : 0);
}

static inline u64 *pte_table_at(phys_addr_t table)
{
	return phys_to_virt(table);
}

/* Entries that were not present are not kept: Intel SDM volume 3A, 4.10.2.3. */
static inline void pgtable_mapped(void)
{
}
