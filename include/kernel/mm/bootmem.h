/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page allocation before there is a page allocator, from the normalized memory
 * map: whole pages, from the top of RAM below a limit downwards, never freed.
 */
#pragma once

#include <kernel/mm/memmap.h>

/** Allocate from @map, which stays the caller's and is changed. */
void bootmem_init(struct memmap *map);

/**
 * Allocate @size bytes (rounded up to pages), aligned to the power of two
 * @align, ending at or below @limit (0: anywhere). The memory is not cleared.
 * Returns its physical address, or 0 when there is none.
 */
phys_addr_t bootmem_alloc(u64 size, u64 align, phys_addr_t limit);

/**
 * From now on bootmem_alloc() finds nothing: the page allocator (see
 * <kernel/mm/page.h>) has taken what was left.
 */
void bootmem_close(void);

/** Bytes of RAM that were not allocated. */
u64 bootmem_free_bytes(void);

/** The memory map: what bootmem_alloc() gave out is MEMMAP_KERNEL. */
const struct memmap *bootmem_map(void);
