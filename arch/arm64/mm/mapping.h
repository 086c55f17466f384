/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <asm/page.h>
#include <kernel/mm/map.h>

/** Descriptor bits of a page of data of @type. */
u64 data_flags(enum memory_type type);

/** Final page tables: before arch_paging_init() NULL. */
u64 *kernel_root(void);

/* From head.S. */
extern u64 boot_l0[], boot_table_pool[];
extern char boot_page_tables[], boot_page_tables_end[];
