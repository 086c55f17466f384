/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot-time page allocation from the normalized memory map: whole pages, from
 * the top of RAM below a limit downwards, never freed.
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

/** Bytes of RAM still free. */
u64 bootmem_free_bytes(void);

/** The map as it is now: what was allocated is MEMMAP_KERNEL. */
const struct memmap *bootmem_map(void);
