/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounce buffers: mappings that are copies in a pool. */
#define pr_fmt(fmt) "software IO TLB: " fmt

#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "pool.h"

static struct dma_pool *first_pool;
static struct spinlock pools_lock;

struct dma_pool dma_no_pool = { .name = "none" };

static unsigned slots_of(size_t length)
{
	return (unsigned)((length + DMA_SLOT_BYTES - 1) >> DMA_SLOT_SHIFT);
}

static char *slot_memory(const struct dma_pool *pool, unsigned slot)
{
	return pool->memory + ((size_t)slot << DMA_SLOT_SHIFT);
}

static dma_addr_t slot_address(const struct dma_pool *pool, unsigned slot)
{
	return pool->start + ((u64)slot << DMA_SLOT_SHIFT);
}

/*
 * The whole run, so that the device sees nothing of what others had there
 * before, nor what was in the memory when it became a pool.
 */
static void fill(char *run, size_t run_bytes, const void *data, size_t length)
{
	if (data)
		memcpy(run, data, length);
	else
		length = 0;
	memset(run + length, 0, run_bytes - length);
}

int dma_pool_map(struct device *dev, void *data, size_t length,
		 enum dma_direction direction, dma_addr_t *address)
{
	struct dma_pool *pool = dev->dma_pool;
	unsigned n = slots_of(MIN(length, DMA_MAP_MAX + 1UL));
	bool reads = direction & DMA_TO_DEVICE;
	int slot;

	if (!n || n > pool->map_max || !(direction & DMA_BOTH))
		return -EINVAL;
	slot = dma_slots_take(pool, n, length < PAGE_SIZE ? 1 : 2,
			      direction & DMA_LASTING ? pool->lasting : 0,
			      reads ? length : 0);
	if (slot < 0) {
		atomic_fetch_add_relaxed(&pool->failed, (u64)1);
		return -EAGAIN;
	}
	fill(slot_memory(pool, (unsigned)slot), (size_t)n << DMA_SLOT_SHIFT,
	     reads ? data : NULL, length);
	pool->data[slot] = data;
	/* Whoever finds the tag finds the pointer. */
	atomic_store_release(&pool->tag[slot], dma_tag(length, direction));
	*address = slot_address(pool, (unsigned)slot);
	return 0;
}

static const char *wrong_tag(u32 found, u32 expected)
{
	if (!found)
		return "nothing begins there";
	return found >> DMA_TAG_SHIFT != expected >> DMA_TAG_SHIFT
		       ? "its length is another one"
		       : "its direction is another one";
}

/*
 * Claim what begins at @address and is as @tag says: its slot, or -1 after a
 * message. Of several who claim the same one has it.
 */
static int claim(struct dma_pool *pool, dma_addr_t address, size_t length,
		 unsigned direction)
{
	u64 at = address - pool->start;
	const char *why = "it is not in the pool";
	u32 tag = 0;

	if (length <= DMA_AREA_SLOTS_MAX * DMA_SLOT_BYTES)
		tag = dma_tag(length, direction);
	if (at < pool->size && IS_ALIGNED(at, (u64)DMA_SLOT_BYTES)) {
		u32 *begins = &pool->tag[at >> DMA_SLOT_SHIFT];
		u32 found = tag;

		/* The acquire pairs with dma_pool_map()'s release. */
		if (tag >> DMA_TAG_SHIFT &&
		    atomic_cmpxchg_acquire(begins, &found, 0U))
			return (int)(at >> DMA_SLOT_SHIFT);
		why = wrong_tag(atomic_read(begins), tag);
	}
	atomic_fetch_add_relaxed(&pool->refused, (u64)1);
	pr_err("%s: end of [%#lx, %#zx bytes] refused: %s", pool->name, address,
	       length, why);
	return -1;
}

void dma_pool_unmap(struct device *dev, dma_addr_t address, size_t length,
		    enum dma_direction direction)
{
	struct dma_pool *pool = dev->dma_pool;
	bool wrote = direction & DMA_FROM_DEVICE;
	int slot = claim(pool, address, length, direction);

	if (slot < 0)
		return;
	if (wrote)
		memcpy(pool->data[slot], slot_memory(pool, (unsigned)slot),
		       length);
	dma_slots_give(pool, (unsigned)slot, slots_of(length),
		       wrote ? length : 0);
}

/*
 * How long mappings may be. What lasts leaves room at the pool's start for the
 * longest mapping and the longest request, and for some small mappings too.
 */
static void set_limits(struct dma_pool *pool)
{
	pool->map_max = MIN(DMA_MAP_MAX >> DMA_SLOT_SHIFT, pool->slots / 2);
	pool->request_max = MAX(pool->map_max, pool->slots / 8);
	pool->lasting = MAX(pool->map_max + pool->map_max / 4, pool->slots / 4);
}

void *dma_pool_alloc(struct dma_pool *pool, size_t size, dma_addr_t *address)
{
	size_t whole = ALIGN_UP(size, (size_t)PAGE_SIZE);
	unsigned n = slots_of(whole);
	void *memory;
	int slot;

	if (!size || size > DMA_AREA_SLOTS_MAX * DMA_SLOT_BYTES || !pool->slots)
		return NULL;
	slot = dma_slots_take(pool, n, 2, pool->lasting, 0);
	if (slot < 0)
		return NULL;
	memory = slot_memory(pool, (unsigned)slot);
	memset(memory, 0, whole);
	atomic_store_release(&pool->tag[slot], dma_tag(size, 0));
	*address = slot_address(pool, (unsigned)slot);
	return memory;
}

void dma_pool_free(struct dma_pool *pool, size_t size, dma_addr_t address)
{
	int slot = claim(pool, address, size, 0);

	if (slot >= 0)
		dma_slots_give(pool, (unsigned)slot,
			       slots_of(ALIGN_UP(size, (size_t)PAGE_SIZE)), 0);
}

void dma_pool_get_stats(struct dma_pool *pool, struct dma_pool_stats *stats)
{
	*stats = (struct dma_pool_stats){
		.failed = atomic_read(&pool->failed),
		.refused = atomic_read(&pool->refused),
	};
	for (u32 i = 0; i < pool->areas; i++) {
		struct dma_area *area = &pool->area[i];
		unsigned long irq = spin_lock_irqsave(&area->lock);

		stats->used += area->slots - area->free;
		stats->used_max += area->used_max;
		stats->mapped += area->mapped;
		stats->copied += area->copied;
		spin_unlock_irqrestore(&area->lock, irq);
	}
}

/* One block for what is known about all slots and areas. */
static bool alloc_records(struct dma_pool *pool)
{
	size_t areas = pool->areas * sizeof(*pool->area);
	size_t data = pool->slots * sizeof(*pool->data);
	size_t tags = pool->slots * sizeof(*pool->tag);
	phys_addr_t block;

	pool->order = page_order_for(areas + data + tags);
	block = alloc_pages(pool->order, 0);
	if (!block)
		return false;
	pool->area = phys_to_virt(block);
	pool->data = (void **)((char *)pool->area + areas);
	pool->tag = (u32 *)((char *)pool->data + data);
	memset(pool->tag, 0, tags);
	return true;
}

static void add_pool(struct dma_pool *pool)
{
	struct dma_pool **link = &first_pool;

	spin_lock(&pools_lock);
	while (*link)
		link = &(*link)->next;
	*link = pool;
	spin_unlock(&pools_lock);
}

struct dma_pool *dma_pool_create(const char *name, phys_addr_t start, u64 size)
{
	phys_addr_t from = ALIGN_UP(start, (phys_addr_t)PAGE_SIZE);
	struct dma_pool *pool;

	size -= MIN(size, from - start);
	size = MIN(ALIGN_DOWN(size, (u64)PAGE_SIZE), DMA_POOL_BYTES_MAX);
	if (!size)
		return NULL;
	pool = kzalloc(sizeof(*pool));
	if (!pool)
		return NULL;
	strscpy(pool->name, name, sizeof(pool->name));
	pool->start = from;
	pool->size = size;
	pool->memory = phys_to_virt(from);
	pool->slots = (u32)(size >> DMA_SLOT_SHIFT);
	set_limits(pool);
	pool->wake.work.fn = dma_pool_wake_work;
	dma_slots_divide(pool);
	if (!alloc_records(pool)) {
		kfree(pool);
		return NULL;
	}
	dma_slots_init(pool);
	add_pool(pool);
	return pool;
}

int dma_pool_destroy(struct dma_pool *pool)
{
	struct dma_pool **link = &first_pool;
	struct dma_pool_stats stats;

	dma_pool_get_stats(pool, &stats);
	if (stats.used)
		return -EBUSY;
	work_cancel_delayed(&pool->wake);
	spin_lock(&pools_lock);
	while (*link != pool)
		link = &(*link)->next;
	*link = pool->next;
	spin_unlock(&pools_lock);
	free_pages(virt_to_phys(pool->area), pool->order);
	kfree(pool);
	return 0;
}

struct dma_pool *dma_pool_next(struct dma_pool *pool)
{
	struct dma_pool *next;

	spin_lock(&pools_lock);
	next = pool ? pool->next : first_pool;
	spin_unlock(&pools_lock);
	return next;
}

void dma_pool_announce(const struct dma_pool *pool)
{
	pr_info("mapped [mem 0x%016lx-0x%016lx] (%luMB)", pool->start,
		(pool->start + pool->size), (pool->size >> 20));
}
