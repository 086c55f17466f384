/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Free pages that each CPU keeps for itself: giving out and taking back one
 * page is what happens most, and costs no lock that others want. A CPU's own
 * lock is free but when memory runs out and somebody empties all caches.
 * A kept page looks like one in use to pages.c, so it is merged with nothing.
 */
#include <kernel/atomic.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include "frames.h"

/* Policy: 128 KiB a CPU at most, and half of it at a time. */
#define CACHE_PAGES 32
#define CACHE_BATCH 16

struct page_cache {
	struct spinlock lock; /* taken before that of pages.c */
	u32 count;	      /* others read it without the lock */
	u32 frames[CACHE_PAGES];
	u64 allocated, freed;
};

static DEFINE_PER_CPU(struct page_cache, cache);

u32 page_cache_take(void)
{
	unsigned long irq = local_irq_save();
	struct page_cache *c = this_cpu_ptr(cache);
	u32 frame = 0;

	spin_lock(&c->lock);
	if (!c->count)
		page_move_out(c->frames, &c->count, CACHE_BATCH);
	if (c->count) {
		atomic_write(&c->count, c->count - 1);
		frame = c->frames[c->count];
		c->allocated++;
		atomic_write(&frame_find(frame)->token, page_token(frame));
	}
	/* Interrupts first, as in spin_unlock_irqrestore(). */
	spin_unlock_irqrestore(&c->lock, irq);
	return frame;
}

/* Of several that free the same page at the same time, one is right. */
static bool claim(u32 frame)
{
	u64 token = page_token(frame);
	struct page *page = frame_find(frame);

	return page && atomic_cmpxchg(&page->token, &token, 0);
}

bool page_cache_give(phys_addr_t phys)
{
	u32 frame = (u32)(phys >> PAGE_SHIFT);
	struct page_cache *c;
	unsigned long irq;

	if (phys >> PAGE_SHIFT >= FRAME_MAX || !IS_ALIGNED(phys, PAGE_SIZE) ||
	    !page_may_be_kept(frame) || !claim(frame))
		return false;
	irq = local_irq_save();
	c = this_cpu_ptr(cache);
	spin_lock(&c->lock);
	if (c->count == CACHE_PAGES)
		page_move_in(c->frames, &c->count, CACHE_BATCH);
	c->frames[c->count] = frame;
	atomic_write(&c->count, c->count + 1);
	c->freed++;
	spin_unlock_irqrestore(&c->lock, irq);
	return true;
}

void page_cache_drain(void)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		struct page_cache *c = &per_cpu(cache, cpu);
		unsigned long irq = spin_lock_irqsave(&c->lock);

		page_move_in(c->frames, &c->count, c->count);
		spin_unlock_irqrestore(&c->lock, irq);
	}
}

void page_cache_reset(void)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		per_cpu(cache, cpu) = (struct page_cache){ 0 };
}

u64 page_cache_count(void)
{
	u64 pages = 0;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		pages += atomic_read(&per_cpu(cache, cpu).count);
	return pages;
}

void page_cache_add_stats(struct page_stats *stats)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const struct page_cache *c = &per_cpu(cache, cpu);

		stats->allocated += READ_ONCE(c->allocated);
		stats->freed += READ_ONCE(c->freed);
	}
}
