/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of no CPU's page tables, for what does not care which it is. */
#pragma once

#include <asm/layout.h>
#include <kernel/mm/map.h>

#define PTE_PRESENT    0x1
#define PTE_TABLE      0x2
#define PTE_WRITE      0x4
#define PTE_ADDR_MASK  0x0000fffffffff000ULL
#define PTE_RIGHTS     PTE_WRITE
#define PTES_PER_TABLE 512

static inline bool pte_present(u64 entry)
{
	return entry & PTE_PRESENT;
}

static inline bool pte_is_table(u64 entry, unsigned shift)
{
	return shift > PAGE_SHIFT && entry & PTE_TABLE;
}

static inline u64 pte_make_table(phys_addr_t table)
{
	return table | PTE_PRESENT | PTE_TABLE;
}

static inline u64 pte_make_leaf(phys_addr_t phys, u64 flags, unsigned shift)
{
	return phys | flags | PTE_PRESENT |
	       (shift > PAGE_SHIFT ? 0 : PTE_TABLE);
}

static inline u64 *pte_table_at(phys_addr_t table)
{
	return phys_to_virt(table);
}

void pgtable_mapped(void);
