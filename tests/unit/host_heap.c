/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/mm/slab.h>
#include <kernel/string.h>
#include "host.h"

static unsigned left = HOST_HEAP_NEVER;

void host_heap_fail_after(unsigned count)
{
	left = count;
}

static bool may(void)
{
	if (left == HOST_HEAP_NEVER)
		return true;
	if (!left)
		return false;
	left--;
	return true;
}

void *kmalloc(size_t size)
{
	void *p = may() ? malloc(size ? size : 1) : NULL;

	/* What was not cleared is not 0. */
	if (p)
		memset(p, 0xa5, size);
	return p;
}

void *kzalloc(size_t size)
{
	return may() ? calloc(1, size ? size : 1) : NULL;
}

void kfree(const void *object)
{
	free((void *)(uintptr_t)object);
}
