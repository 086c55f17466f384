/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel virtual mappings of physical memory. Nothing is ever mapped both
 * writable and executable, and the kernel's text and read-only data have no
 * writable alias.
 */
#pragma once

#include <kernel/compiler.h>

enum memory_type {
	MEMORY_WB, /* write-back: RAM, firmware tables */
	MEMORY_WC, /* write-combining: framebuffers */
	MEMORY_UC, /* uncached: device registers */
};

/**
 * Map [@phys, @phys + @size) readable and writable, not executable. Before
 * level MEMORY this works for MEMORY_WB below 4 GiB only. Mappings are never
 * undone. Returns the address of the byte at @phys, or NULL (range wraps,
 * beyond the CPU's physical address width, or out of memory).
 */
void *memremap(phys_addr_t phys, u64 size, enum memory_type type);

/** Device registers: memremap() of MEMORY_UC, with the pointer type for it. */
void __iomem *ioremap(phys_addr_t phys, u64 size);

/**
 * First physical address that no RAM can be used at: it is wider than the
 * CPU's addresses or behind the end of the direct map.
 */
phys_addr_t arch_phys_end(void);

/** Address of RAM in the direct map, which covers all RAM. */
void *phys_to_virt(phys_addr_t phys);
/** The other way, also for addresses in the kernel image. */
phys_addr_t virt_to_phys(const void *virt);

/**
 * Replace the boot page tables by the final ones, from bootmem_map(). Called
 * once, at level MEMORY; panics when there is no memory for them.
 */
void arch_paging_init(void);
