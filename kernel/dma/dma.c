/* SPDX-License-Identifier: BSD-2-Clause */
/* The two kinds of reach: all RAM, or a pool. */
#include <kernel/mm/bootmem.h>
#include <kernel/mm/page.h>
#include "pool.h"

static bool has_pool(const struct device *dev)
{
	return IS_ENABLED(CONFIG_DMA_POOL) && dev->dma_pool;
}

/* Without a pool nothing fails for want of room, and nobody waits. */
void dma_wait(struct device *dev, struct dma_waiter *waiter)
{
	if (has_pool(dev))
		dma_pool_wait(dev->dma_pool, waiter);
}

void dma_wait_cancel(struct device *dev, struct dma_waiter *waiter)
{
	if (has_pool(dev))
		dma_pool_wait_cancel(dev->dma_pool, waiter);
}

void *dma_alloc(struct device *dev, size_t size, dma_addr_t *address)
{
	phys_addr_t phys;

	if (has_pool(dev))
		return dma_pool_alloc(dev->dma_pool, size, address);
	phys = alloc_pages(page_order_for(size), ALLOC_ZERO);
	*address = phys;
	return phys ? phys_to_virt(phys) : NULL;
}

void dma_free(struct device *dev, void *memory, size_t size, dma_addr_t address)
{
	if (has_pool(dev))
		dma_pool_free(dev->dma_pool, size, address);
	else
		free_pages(virt_to_phys(memory), page_order_for(size));
}

size_t dma_request_max(const struct device *dev)
{
	return has_pool(dev)
		       ? (size_t)dev->dma_pool->request_max << DMA_SLOT_SHIFT
		       : SIZE_MAX;
}

size_t dma_share(const struct device *dev)
{
	return has_pool(dev)
		       ? (size_t)dev->dma_pool->slots / 8 << DMA_SLOT_SHIFT
		       : SIZE_MAX;
}

/* Whatever is RAM, also where it is the kernel's own. */
static bool is_ram(phys_addr_t start, phys_addr_t end)
{
	const struct memmap *map = bootmem_map();

	/* Sorted: what goes on in the next entry is found there. */
	for (unsigned i = 0; i < map->count && start < end; i++) {
		const struct memmap_entry *e = &map->entries[i];

		if (memmap_is_memory(e->type) && e->start <= start &&
		    start < e->end)
			start = e->end;
	}
	return start >= end;
}

bool dma_reaches(const struct device *dev, dma_addr_t address, size_t length)
{
	const struct dma_pool *pool = dev->dma_pool;
	dma_addr_t end = address + length;

	if (end <= address)
		return false;
	if (has_pool(dev))
		return address >= pool->start &&
		       end <= pool->start + pool->size;
	return is_ram(address, end);
}
