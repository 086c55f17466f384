/* SPDX-License-Identifier: BSD-2-Clause */
/* What the self-tests of memory share. */
#pragma once

#include <kernel/types.h>

/** The next number of a generator: the same ones in each boot. */
u32 suite_random(void);

/**
 * Take all free blocks of 2^@order_min pages and more, so that there is no
 * memory but smaller ones. Returns what suite_give_back() takes.
 */
phys_addr_t suite_hoard(unsigned order_min);

/** Free it all; the number of pages that it was. */
u64 suite_give_back(phys_addr_t hoard);
