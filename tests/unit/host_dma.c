/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/dma.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/work.h>
#include "host.h"

#define PAGE 4096UL

size_t host_dma_pool_room, host_dma_bytes;
size_t host_dma_request_max = DMA_MAP_MAX, host_dma_share = DMA_MAP_MAX;
unsigned host_dma_mappings, host_dma_waiters, host_dma_limited;

static char pool;
struct dma_pool *const host_dma_pool = (struct dma_pool *)(void *)&pool;

int dma_limit_to_platform(struct device *dev)
{
	host_dma_limited++;
	return 0;
}

static struct dma_waiter *waiting;
static void *last_copy;

void *host_dma_last_copy(void)
{
	return last_copy;
}

/* Before the copy that a pool has of a mapping. */
struct copy {
	void *data;
	size_t length;
	enum dma_direction direction;
} __aligned(16);

static void wake_waiter(struct work *work)
{
	struct dma_waiter *waiter = waiting;

	if (!waiter)
		return;
	waiting = NULL;
	host_dma_waiters--;
	waiter->waiting = false;
	waiter->fn(waiter);
}

static struct work wake = { .fn = wake_waiter };

void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(uintptr_t)phys;
}

phys_addr_t virt_to_phys(const void *virt)
{
	return (uintptr_t)virt;
}

phys_addr_t arch_phys_end(void)
{
	return ~0ULL;
}

int dma_pool_map(struct device *dev, void *data, size_t length,
		 enum dma_direction direction, dma_addr_t *address)
{
	struct copy *copy;

	if (length > host_dma_pool_room)
		return -EAGAIN;
	host_dma_pool_room -= length;
	host_dma_mappings++;
	last_copy = copy = malloc(sizeof(*copy) + length);
	*copy = (struct copy){ data, length, direction };
	memset(copy + 1, 0, length);
	if (direction & DMA_TO_DEVICE)
		memcpy(copy + 1, data, length);
	*address = (uintptr_t)(copy + 1);
	return 0;
}

void dma_pool_unmap(struct device *dev, dma_addr_t address, size_t length,
		    enum dma_direction direction)
{
	struct copy *copy = (struct copy *)(uintptr_t)address - 1;

	if (copy->length != length || copy->direction != direction)
		abort();
	if (direction & DMA_FROM_DEVICE)
		memcpy(copy->data, copy + 1, length);
	free(copy);
	host_dma_pool_room += length;
	host_dma_mappings--;
	if (waiting)
		work_queue(&wake);
}

void dma_wait(struct device *dev, struct dma_waiter *waiter)
{
	if (waiter->waiting)
		return;
	if (waiting)
		abort(); /* one is enough for the tests */
	waiter->waiting = true;
	waiting = waiter;
	host_dma_waiters++;
}

void dma_wait_cancel(struct device *dev, struct dma_waiter *waiter)
{
	if (!waiter->waiting)
		return;
	waiter->waiting = false;
	waiting = NULL;
	host_dma_waiters--;
}

void *dma_alloc(struct device *dev, size_t size, dma_addr_t *address)
{
	void *memory = aligned_alloc(PAGE, (size + PAGE - 1) / PAGE * PAGE);

	memset(memory, 0, size);
	host_dma_bytes += size;
	*address = (uintptr_t)memory;
	return memory;
}

void dma_free(struct device *dev, void *memory, size_t size, dma_addr_t address)
{
	if (address != (uintptr_t)memory)
		abort();
	host_dma_bytes -= size;
	free(memory);
}

size_t dma_request_max(const struct device *dev)
{
	return dev->dma_pool ? host_dma_request_max : SIZE_MAX;
}

size_t dma_share(const struct device *dev)
{
	return dev->dma_pool ? host_dma_share : SIZE_MAX;
}

bool dma_reaches(const struct device *dev, dma_addr_t address, size_t length)
{
	return address && length;
}
