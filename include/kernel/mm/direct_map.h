/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the direct map has: for the architectures, which make it, once, at level
 * MEMORY. Before that memremap() gives out addresses in it, which stay.
 */
#pragma once

#include <kernel/mm/map.h>

/**
 * Remember that [@start, @end), whole pages, was handed out, to be mapped with
 * @type. 0; -EBUSY (it is mapped with another type) or -ENOMEM (too many).
 * Before arch_paging_init() only.
 */
int direct_map_note(phys_addr_t start, phys_addr_t end, enum memory_type type);

/**
 * Call @map for each range of whole pages that the direct map must have: all
 * RAM of bootmem_map(), whoever uses it, as MEMORY_WB, and what was noted.
 * Memory of other kinds is left out, so that nothing is cached by accident.
 * Ranges that touch [@text, @text_end) are cut there: within, nothing may be
 * written. Panics when the memory map is too ragged. Once.
 */
void direct_map_for_each(phys_addr_t text, phys_addr_t text_end,
			 void (*map)(phys_addr_t start, u64 size,
				     enum memory_type type, bool writable));
