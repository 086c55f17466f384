/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's address space (48 bits, 4 KiB granule, through TTBR1). Read by
 * C, assembly and the linker script. It is x86's, so that the rest of the
 * kernel knows one layout.
 *
 *   0xffff800000000000  64 TiB  direct map of all RAM, no execute
 *   0xffffc00000000000  32 TiB  memremap() and vmalloc()
 *   0xffffffff80000000   8 MiB  the kernel image
 *   0xffffffff81000000  96 MiB  loaded modules
 *
 * The lower half, TTBR0's, is empty.
 */
#pragma once

#define DIRECT_MAP_BASE 0xffff800000000000
#define DIRECT_MAP_SIZE 0x0000400000000000
#define REMAP_BASE	0xffffc00000000000
#define REMAP_SIZE	0x0000200000000000

/* Where the image is linked; it is loaded at any page. */
#define KERNEL_VMA 0xffffffff80000000
/* Most the image may span: what head.S has tables for. */
#define KERNEL_PTS	4
#define KERNEL_MAX_SIZE (KERNEL_PTS * 0x200000)

/*
 * From the image's begin to the modules' end are less than 128 MiB, so that
 * modules are the same objects as what is built in: all their branches reach.
 */
#define MODULES_BASE 0xffffffff81000000
#define MODULES_SIZE 0x0000000006000000

/* Tables for what is mapped before there are final ones. */
#define BOOT_TABLE_POOL 24

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096
