/* SPDX-License-Identifier: BSD-2-Clause */
#include "test_disk.h"
#include <kernel/param.h>
#include <kernel/string.h>

static const char *test_disk;
param_string("blk_test", test_disk,
	     "disk that self-tests and benchmarks of disks may OVERWRITE");

const char *block_test_name(void)
{
	return test_disk;
}

struct block_device *block_bench_disk(bool write)
{
	if (test_disk)
		return block_find(test_disk);
	return write ? NULL : block_next(NULL);
}
