/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this directory share. */
#pragma once

#include <asm/page.h>

/**
 * Map [@va, @va + @size) to @pa with @flags (PTE bits; PTE_PRESENT and the
 * leaf's size are added) under the PML4 @table, by pages of at most
 * @largest bytes. All three are multiples of 4 KiB. The addresses belong to the
 * caller, and nothing is mapped there. 0 or -ENOMEM, after which a part may be
 * mapped.
 */
int map_range(u64 *table, uintptr_t va, phys_addr_t pa, u64 size, u64 flags,
	      u64 largest);

/**
 * Remove the leaves that map [@va, @va + @size), which belongs to the caller
 * and does not end inside of a large page. The tables stay, for those who get
 * the addresses next. The caller flushes.
 */
void unmap_range(u64 *table, uintptr_t va, u64 size);

/**
 * Set PTE_WRITE and PTE_NX of the 4 KiB pages that map [@va, @va + @size),
 * which belongs to the caller, as @flags says. The caller flushes. 0 or
 * -EINVAL where there is no such page; those before it are changed.
 */
int protect_range(u64 *table, uintptr_t va, u64 size, u64 flags);

/**
 * A cleared page for a table, in the direct map, or NULL. Before there is a
 * page allocator it comes from bootmem, for good.
 */
u64 *new_table(void);

/** The bits for a page without execute right: PTE_NX, or 0 without NX. */
u64 pte_nx(void);

/** Final page tables: before arch_paging_init() NULL. */
u64 *kernel_root(void);

/*
 * What memremap() handed out before there were final page tables: it stays
 * mapped in the direct map.
 */
#define EARLY_RANGES_MAX 32
struct early_range {
	phys_addr_t start, end;
};
extern struct early_range early_ranges[EARLY_RANGES_MAX];
extern unsigned early_range_count;
