/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's address space (48-bit, 4-level paging). Read by C, assembly
 * and the linker script.
 *
 *   0xffff800000000000  64 TiB  direct map of all RAM, no execute
 *   0xffffc00000000000  32 TiB  memremap() and vmalloc()
 *   0xffffffff80000000   8 MiB  the kernel image (-mcmodel=kernel)
 *   0xffffffffa0000000 256 MiB  loaded modules, which are compiled like it
 *
 * The lower half is empty.
 */
#pragma once

#define DIRECT_MAP_BASE 0xffff800000000000
#define DIRECT_MAP_SIZE 0x0000400000000000
#define REMAP_BASE	0xffffc00000000000
#define REMAP_SIZE	0x0000200000000000

/* Link-time difference between virtual and physical addresses. */
#define KERNEL_VMA 0xffffffff80000000
/* Where the image asks to be loaded; a loader may choose another page. */
#define KERNEL_LOAD_PHYS 0x100000
/* Most the image may span, from KERNEL_VMA: what head.S has tables for. */
#define KERNEL_PTS	4
#define KERNEL_MAX_SIZE (KERNEL_PTS * 0x200000)

/*
 * In the same top 2 GiB, so that modules are the same objects as what is built
 * in: all their calls and addresses reach.
 */
#define MODULES_BASE 0xffffffffa0000000
#define MODULES_SIZE 0x0000000010000000

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096

/* What head.S tells x86_start() about the way in. */
#define BOOT_MULTIBOOT2 0x36d76289 /* Multiboot2, 3.3: value of EAX */
#define BOOT_PVH	0x336ec578 /* hvm_start_info.magic */
