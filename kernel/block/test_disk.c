/* SPDX-License-Identifier: BSD-2-Clause */
#include "test_disk.h"
#include <kernel/param.h>
#include <kernel/string.h>

static const char *test_disks = "";
param_string("blk_test", test_disks,
	     "disks that self-tests and benchmarks may OVERWRITE: vda,vdb");

const char *block_test_name(unsigned n)
{
	static char name[BLOCK_NAME_MAX];
	const char *at = test_disks, *end;

	while (n-- && at) {
		at = strchr(at, ',');
		at = at ? at + 1 : NULL;
	}
	if (!at || !*at)
		return NULL;
	strscpy(name, at, sizeof(name));
	end = strchr(name, ',');
	if (end)
		name[end - name] = '\0';
	return name;
}

struct block_device *block_bench_disk(bool write)
{
	const char *name = block_test_name(0);

	if (name)
		return block_find(name);
	return write ? NULL : block_next(NULL);
}
