/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <asm/page.h>
#include <kernel/mm/map.h>

/**
 * Map [@va, @va + @size) to @pa with @flags (descriptor bits, without those
 * for a table's or leaf's kind) under the level 0 table @table, by pages of at
 * most @largest bytes. All three are multiples of 4 KiB. The addresses belong
 * to the caller, and nothing is mapped there, or just this. 0 or -ENOMEM, after
 * which a part may be mapped.
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
 * Replace the rights of [@va, @va + @size), mapped by 4 KiB pages, by those
 * in @flags: PTE_RDONLY, PTE_PXN, PTE_UXN. The caller flushes. 0 or -EINVAL.
 */
int protect_range(u64 *table, uintptr_t va, u64 size, u64 flags);

/** A cleared page for a table, or NULL (paging.c). */
u64 *new_table(void);

/** Where the table at @phys can be accessed (remap.c). */
u64 *table_at(phys_addr_t phys);

/** Descriptor bits of a page of data of @type. */
u64 data_flags(enum memory_type type);

/** Final page tables: before arch_paging_init() NULL. */
u64 *kernel_root(void);

/* From head.S. */
extern u64 boot_l0[], boot_table_pool[];
extern char boot_page_tables[], boot_page_tables_end[];

/*
 * What memremap() handed out before there were final page tables: it stays
 * mapped in the direct map.
 */
#define EARLY_RANGES_MAX 32
struct early_range {
	phys_addr_t start, end;
	enum memory_type type;
};
extern struct early_range early_ranges[EARLY_RANGES_MAX];
extern unsigned early_range_count;
