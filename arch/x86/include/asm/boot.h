/* SPDX-License-Identifier: BSD-2-Clause */
/* The adapters between boot protocols and struct boot_info. */
#pragma once

#include <kernel/boot_info.h>

/*
 * Both adapters read the loader's data as untrusted: @info is its physical
 * address, read through memremap(). What is malformed is left out with one
 * line each. What must survive in place is added to the memory map as
 * MEMMAP_KERNEL. Called once, before any level.
 */
void multiboot2_read(phys_addr_t info, struct boot_info *bi);
void pvh_read(phys_addr_t info, struct boot_info *bi);

#ifdef CONFIG_XEN_PARAVIRT
/** The memory map as Xen tells it by hypercall, if it is there and does. */
void pvh_read_xen_memmap(struct boot_info *bi);
#else
static inline void pvh_read_xen_memmap(struct boot_info *bi)
{
	(void)bi;
}
#endif

/** memmap_add() with a type number of <abi/e820.h>; unknown: reserved. */
void boot_add_e820(struct boot_info *bi, u64 start, u64 size, u32 type);

/* From head.S. */
extern u64 boot_counter;
extern u32 boot_magic, boot_info_phys;
extern u32 boot_delta;
