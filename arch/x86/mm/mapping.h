/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this directory share. */
#pragma once

#include <asm/page.h>

/** The bits for a page without execute right: PTE_NX, or 0 without NX. */
u64 pte_nx(void);

/** Final page tables: before arch_paging_init() NULL. */
u64 *kernel_root(void);
