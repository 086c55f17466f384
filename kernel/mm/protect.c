/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory for modules, and pages that are no longer writable. */
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include "vm_area.h"

void *vmalloc_module(u64 size)
{
	static const struct vm_range modules = { MODULES_BASE, MODULES_SIZE };

	return vmalloc_range(&modules, size);
}

int memory_protect(const void *start, u64 size, unsigned rights)
{
	uintptr_t va = (uintptr_t)start;
	int ret;

	if (!IS_ALIGNED(va | size, PAGE_SIZE) ||
	    rights == (MEMORY_WRITE | MEMORY_EXECUTE))
		return -EINVAL;
	ret = arch_protect(va, size, rights);
	tlb_flush_kernel_range(va, va + size);
	return ret;
}
