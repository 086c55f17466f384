/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that reach all RAM: what they are given is the memory itself. */
#include <kernel/dma.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/page.h>

/* Nothing fails for want of room, so nobody waits. */
void dma_wait(struct device *dev __unused, struct dma_waiter *waiter __unused)
{
}

void dma_wait_cancel(struct device *dev __unused,
		     struct dma_waiter *waiter __unused)
{
}

void *dma_alloc(struct device *dev __unused, size_t size, dma_addr_t *address)
{
	phys_addr_t phys = alloc_pages(page_order_for(size), ALLOC_ZERO);

	*address = phys;
	return phys ? phys_to_virt(phys) : NULL;
}

void dma_free(struct device *dev __unused, void *memory, size_t size,
	      dma_addr_t address __unused)
{
	free_pages(virt_to_phys(memory), page_order_for(size));
}

/* Whatever is RAM, also where it is the kernel's own. */
static bool is_ram(phys_addr_t start, phys_addr_t end)
{
	const struct memmap *map = bootmem_map();

	/* Sorted: what goes on in the next entry is found there. */
	for (unsigned i = 0; i < map->count && start < end; i++) {
		const struct memmap_entry *e = &map->entries[i];

		if ((e->type == MEMMAP_RAM || e->type == MEMMAP_KERNEL) &&
		    e->start <= start && start < e->end)
			start = e->end;
	}
	return start >= end;
}

bool dma_reaches(const struct device *dev __unused, dma_addr_t address,
		 size_t length)
{
	return length && address + length > address &&
	       is_ram(address, address + length);
}
