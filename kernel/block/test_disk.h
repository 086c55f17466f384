/* SPDX-License-Identifier: BSD-2-Clause */
/* Which disks tests may use. */
#pragma once

#include <kernel/block.h>

/**
 * The name of the @n-th disk that blk_test= lets be overwritten, or NULL. It is
 * overwritten by the next call.
 */
const char *block_test_name(unsigned n);

/**
 * The disk to be measured, with a reference, or NULL: the first of those, or
 * the first of all if it is not to be written (@write).
 */
struct block_device *block_bench_disk(bool write);
