/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is contiguous for the kernel only. */
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include "vm_area.h"

/* Free the first @count of @pages, and the array. */
static void free_array(phys_addr_t *pages, u64 count)
{
	while (count-- > 0)
		free_pages(pages[count], 0);
	kfree(pages);
}

static phys_addr_t *alloc_array(u64 count)
{
	phys_addr_t *pages = kmalloc(count * sizeof(*pages));

	for (u64 i = 0; pages && i < count; i++) {
		pages[i] = alloc_pages(0, 0);
		if (!pages[i]) {
			free_array(pages, i);
			return NULL;
		}
	}
	return pages;
}

static int map_array(const struct vm_area *area, u64 count)
{
	int err = 0;

	for (u64 i = 0; i < count && !err; i++)
		err = arch_map(area->start + i * PAGE_SIZE, area->pages[i],
			       PAGE_SIZE, MEMORY_WB);
	return err;
}

void *vmalloc_range(const struct vm_range *range, u64 size)
{
	u64 count = size / PAGE_SIZE + (size % PAGE_SIZE != 0);
	struct vm_area *area;
	phys_addr_t *pages;

	/* More than there is: also keeps the sizes below from wrapping. */
	if (count == 0 || count > page_free_count())
		return NULL;
	pages = alloc_array(count);
	if (!pages)
		return NULL;
	area = vm_area_alloc(range, count * PAGE_SIZE, PAGE_SIZE, 0, pages);
	if (!area)
		goto free_pages_of_it;
	if (map_array(area, count))
		goto unmap;
	return (void *)area->start;

unmap:
	vm_area_unmap(area);
	vm_area_free(area);
free_pages_of_it:
	free_array(pages, count);
	return NULL;
}

void *vmalloc(u64 size)
{
	return vmalloc_range(&vm_anywhere, size);
}

void vfree(const void *memory)
{
	struct vm_area *area;
	phys_addr_t *pages;
	u64 count;

	if (!memory)
		return;
	area = vm_area_close((uintptr_t)memory, true);
	if (!area)
		return;
	pages = area->pages;
	count = area->size / PAGE_SIZE;
	vm_area_unmap(area);
	vm_area_free(area);
	free_array(pages, count);
}
