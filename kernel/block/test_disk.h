/* SPDX-License-Identifier: BSD-2-Clause */
/* Which disk tests may use. */
#pragma once

#include <kernel/block.h>

/** The name of the disk that may be overwritten, or NULL. */
const char *block_test_name(void);

/**
 * The disk to be measured, with a reference, or NULL: that one, or the first of
 * all if it is not to be written (@write).
 */
struct block_device *block_bench_disk(bool write);
