/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings of memory that is not, or not only, the kernel's. */
#include <kernel/mm/page.h>
#include "vm_area.h"

#define SIZE_OF_2M ((u64)PAGE_SIZE << PAGE_ORDER_2M)

static void *map_new(phys_addr_t start, u64 size, enum memory_type type)
{
	u64 align = size >= SIZE_OF_2M ? SIZE_OF_2M : PAGE_SIZE;
	struct vm_area *area =
		vm_area_alloc(&vm_anywhere, size, align, start % align, NULL);

	if (!area)
		return NULL;
	if (arch_map(area->start, start, size, type)) {
		vm_area_unmap(area);
		vm_area_free(area);
		return NULL;
	}
	return (void *)area->start;
}

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	phys_addr_t start = ALIGN_DOWN(phys, PAGE_SIZE);
	phys_addr_t end = phys + size;
	char *va;

	if (size == 0 || end < phys || end > arch_phys_limit())
		return NULL;
	end = ALIGN_UP(end, PAGE_SIZE);
	va = arch_paging_ready()
		     ? map_new(start, end - start, type)
		     : arch_early_memremap(start, end - start, type);
	return va ? va + (phys - start) : NULL;
}

void memunmap(const void *mapping)
{
	uintptr_t start = ALIGN_DOWN((uintptr_t)mapping, PAGE_SIZE);
	struct vm_area *area;

	/* Early mappings are addresses in the direct map. */
	if (!mapping || (start >= DIRECT_MAP_BASE &&
			 start - DIRECT_MAP_BASE < DIRECT_MAP_SIZE))
		return;
	area = vm_area_close(start, false);
	if (!area)
		return;
	vm_area_unmap(area);
	vm_area_free(area);
}

void __iomem *ioremap(phys_addr_t phys, u64 size)
{
	return (void __iomem *)memremap(phys, size, MEMORY_UC);
}

void iounmap(const volatile void __iomem *mapping)
{
	memunmap((const void __force *)(uintptr_t)mapping);
}
