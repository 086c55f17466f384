/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables of four levels, each with 512 entries of 8 bytes, as x86-64 and
 * arm64 (4 KiB granule) have them. What an entry looks like is the
 * architecture's matter.
 *
 * A range of addresses has one owner, who alone writes its leaves; tables above
 * them are shared, and are only ever added, so that no lock is needed. The one
 * exception is a table that maps nothing but its 2 MiB: it goes when their
 * owner maps a large page there.
 */
#pragma once

#include <asm/pgtable.h>

/*
 * From <asm/pgtable.h>; @shift is how many bits of an address are below an
 * entry's reach, PAGE_SHIFT at the last level:
 *   PTE_ADDR_MASK   of what an entry leads to
 *   PTE_RIGHTS      bits of a leaf that say what may be done there
 *   bool pte_present(u64 entry)
 *   bool pte_is_table(u64 entry, unsigned shift)   @entry is present
 *   u64 pte_make_table(phys_addr_t table)
 *   u64 pte_make_leaf(phys_addr_t phys, u64 flags, unsigned shift)
 *   u64 *pte_table_at(phys_addr_t table)   where it can be accessed
 *   void pgtable_mapped(void)   the CPU's walks see the new entries from now on
 */

/**
 * A cleared page for a table, or NULL: the architecture's. Before there is a
 * page allocator it comes from bootmem, for good.
 */
u64 *pgtable_new(void);

/**
 * Map [@va, @va + @size) to @pa with @flags (the architecture's bits of a leaf,
 * without those for its kind) under the top table @table, by pages of at most
 * @largest bytes. All three are multiples of 4 KiB. The addresses belong to the
 * caller, and nothing is mapped there, or just this. 0 or -ENOMEM, after which
 * a part may be mapped.
 */
int pgtable_map(u64 *table, uintptr_t va, phys_addr_t pa, u64 size, u64 flags,
		u64 largest);

/**
 * Remove the leaves that map [@va, @va + @size), which belongs to the caller
 * and does not end inside of a large page. The tables stay, for those who get
 * the addresses next. The caller flushes.
 */
void pgtable_unmap(u64 *table, uintptr_t va, u64 size);

/**
 * Replace PTE_RIGHTS of the 4 KiB pages that map [@va, @va + @size), which
 * belongs to the caller, by those in @flags. The caller flushes. 0 or -EINVAL
 * where there is no such page; those before it are changed.
 */
int pgtable_protect(u64 *table, uintptr_t va, u64 size, u64 flags);
