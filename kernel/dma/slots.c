/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs of slots: a bit for each, the first run that fits. */
#include <kernel/smp.h>
#include <kernel/string.h>
#include "pool.h"

/*
 * The first slot in [@at, @end) whose bit differs from those of @skip, which
 * is 0 or all ones; @end if there is none.
 */
static unsigned find_bit(const u64 *used, unsigned at, unsigned end, u64 skip)
{
	while (at < end) {
		u64 bits = (used[at / 64] ^ skip) >> at % 64;

		if (bits)
			return MIN(at + (unsigned)__builtin_ctzll(bits), end);
		at = ALIGN_UP(at + 1, 64U);
	}
	return end;
}

/* The first run of @n free slots from @at on, or -1. */
static int find_run(const struct dma_area *area, unsigned at, unsigned n,
		    unsigned align)
{
	at = ALIGN_UP(at, align);
	while (at + n <= area->slots) {
		unsigned taken = find_bit(area->used, at, at + n, 0);

		if (taken == at + n)
			return (int)at;
		at = ALIGN_UP(find_bit(area->used, taken, area->slots, ~0ULL),
			      align);
	}
	return -1;
}

/* Turn over the bits of [@at, @at + @n), which are all the same. */
static void turn_run(u64 *used, unsigned at, unsigned n)
{
	while (n) {
		unsigned bits = MIN(64 - at % 64, n);

		used[at / 64] ^= ~0ULL >> (64 - bits) << at % 64;
		at += bits;
		n -= bits;
	}
}

static int take_in(struct dma_area *area, unsigned n, unsigned align,
		   unsigned from, size_t copied)
{
	unsigned begin = from > area->first ? from - area->first : 0;
	unsigned long irq;
	int at;

	/* A run given back after this is in area->released: see wait.c. */
	if (READ_ONCE(area->free) < n)
		return -1;
	irq = spin_lock_irqsave(&area->lock);
	at = find_run(area, begin, n, align);
	if (at >= 0) {
		turn_run(area->used, (unsigned)at, n);
		WRITE_ONCE(area->free, area->free - n);
		area->used_max = MAX(area->used_max, area->slots - area->free);
		area->mapped++;
		area->copied += copied;
	}
	spin_unlock_irqrestore(&area->lock, irq);
	return at < 0 ? -1 : (int)area->first + at;
}

int dma_slots_take(struct dma_pool *pool, unsigned n, unsigned align,
		   unsigned from, size_t copied)
{
	/* Another CPU's area would do as well, if the thread is moved. */
	unsigned index = smp_processor_id() * pool->stride % pool->areas;
	int slot = -1;

	for (unsigned i = 0; i < pool->areas && slot < 0; i++) {
		slot = take_in(&pool->area[index], n, align, from, copied);
		if (++index == pool->areas)
			index = 0;
	}
	return slot;
}

void dma_slots_give(struct dma_pool *pool, unsigned slot, unsigned n,
		    size_t copied)
{
	struct dma_area *area = &pool->area[slot >> pool->area_shift];
	unsigned long irq = spin_lock_irqsave(&area->lock);
	bool wake;

	turn_run(area->used, slot - area->first, n);
	WRITE_ONCE(area->free, area->free + n);
	area->released++;
	area->copied += copied;
	wake = READ_ONCE(pool->waiting);
	spin_unlock_irqrestore(&area->lock, irq);
	if (unlikely(wake))
		dma_pool_wake(pool);
}

u64 dma_slots_released(struct dma_pool *pool)
{
	u64 sum = 0;

	for (unsigned i = 0; i < pool->areas; i++) {
		struct dma_area *area = &pool->area[i];
		unsigned long irq = spin_lock_irqsave(&area->lock);

		sum += area->released;
		spin_unlock_irqrestore(&area->lock, irq);
	}
	return sum;
}

/*
 * As many areas as CPUs, if they do not become too small for what devices
 * share with CPUs for long.
 */
void dma_slots_divide(struct dma_pool *pool)
{
	unsigned shift = (unsigned)__builtin_ctz(DMA_AREA_SLOTS_MAX);

	while (BIT(shift) > DMA_AREA_SLOTS_MIN &&
	       pool->slots >> shift < cpu_count())
		shift--;
	pool->area_shift = shift;
	pool->areas = (pool->slots + BIT(shift) - 1) >> shift;
	pool->stride = MAX(pool->areas / cpu_count(), 1U);
}

void dma_slots_init(struct dma_pool *pool)
{
	for (u32 i = 0; i < pool->areas; i++) {
		u32 first = i << pool->area_shift;
		u32 slots = MIN(pool->slots - first, BIT(pool->area_shift));

		pool->area[i] = (struct dma_area){
			.first = first,
			.slots = slots,
			.free = slots,
		};
	}
}
