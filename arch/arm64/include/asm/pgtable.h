/* SPDX-License-Identifier: BSD-2-Clause */
/* What <kernel/mm/pgtable.h> asks of translation table descriptors. */
#pragma once

#include <asm/page.h>
#include <kernel/mm/map.h>

#define PTE_RIGHTS (PTE_RDONLY | PTE_NX)

static inline bool pte_present(u64 entry)
{
	return entry & PTE_VALID;
}

/* At the last level the bit of tables is one of pages. */
static inline bool pte_is_table(u64 entry, unsigned shift)
{
	return shift > PAGE_SHIFT && entry & PTE_TABLE;
}

static inline u64 pte_make_table(phys_addr_t table)
{
	return table | PTE_VALID | PTE_TABLE;
}

static inline u64 pte_make_leaf(phys_addr_t phys, u64 flags, unsigned shift)
{
	return phys | flags | PTE_VALID | PTE_AF |
	       (shift > PAGE_SHIFT ? 0 : PTE_TABLE);
}

/* In the boot's tables not all are in the direct map (remap.c). */
u64 *pte_table_at(phys_addr_t table);

/* The walks of this CPU see the entries before anything uses them. */
static inline void pgtable_mapped(void)
{
	__asm__ __volatile__("dsb ishst; isb" : : : "memory");
}
