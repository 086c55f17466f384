/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Those who found a pool full.
 *
 * No wake-up is lost, though who fails does not know when that was: a waiter
 * remembers how many runs had been given back when it was called last, which
 * was before its latest attempt. Is the number another one when it waits, it
 * is called again, perhaps for nothing. Otherwise nothing has been given back
 * since; and what comes back later is seen, because the number is read under
 * the areas' locks after pool->waiting was set: who gives back under such a
 * lock either was counted or finds pool->waiting.
 *
 * Waiters are called by a thread, never by who gives back or waits: those may
 * hold the locks that waiters take. And they are not called all the time: who
 * wants several mappings at once gives back the first when it finds no room for
 * the last, and would so call itself and others like it, who do the same.
 */
#include <kernel/cpu.h>
#include <kernel/time.h>
#include "pool.h"

/* Policy: from one time that waiters are called to the next. */
#define WAKE_INTERVAL_NS (200 * NSEC_PER_USEC)

static void add(struct dma_pool *pool, struct dma_waiter *waiter)
{
	if (waiter->waiting)
		return;
	waiter->waiting = true;
	waiter->next = NULL;
	if (pool->last_waiter)
		pool->last_waiter->next = waiter;
	else
		pool->first_waiter = waiter;
	pool->last_waiter = waiter;
}

/* @waiter comes after @before (NULL: it is the first). */
static void take_out(struct dma_pool *pool, struct dma_waiter *waiter,
		     struct dma_waiter *before)
{
	if (before)
		before->next = waiter->next;
	else
		pool->first_waiter = waiter->next;
	if (pool->last_waiter == waiter)
		pool->last_waiter = before;
	waiter->waiting = false;
}

void dma_pool_wake(struct dma_pool *pool)
{
	u64 due = READ_ONCE(pool->woken_ns) + WAKE_INTERVAL_NS;

	if (time_ns() >= due || work_queue_at(&pool->wake, due))
		work_queue(&pool->wake.work);
}

void dma_pool_wait(struct dma_pool *pool, struct dma_waiter *waiter)
{
	unsigned long irq = spin_lock_irqsave(&pool->wait_lock);
	bool due;

	add(pool, waiter);
	WRITE_ONCE(pool->waiting, true);
	due = dma_slots_released(pool) != waiter->seen;
	spin_unlock_irqrestore(&pool->wait_lock, irq);
	if (due)
		dma_pool_wake(pool);
}

/* The first one that has not seen that @released runs were given back. */
static struct dma_waiter *take_due(struct dma_pool *pool, u64 released)
{
	struct dma_waiter *before = NULL, *waiter = pool->first_waiter;

	while (waiter && waiter->seen == released) {
		before = waiter;
		waiter = waiter->next;
	}
	if (waiter)
		take_out(pool, waiter, before);
	return waiter;
}

/*
 * Each waiter at most once, however often it comes back meanwhile: it has seen
 * what there is to be seen. What is given back meanwhile queues this again.
 */
void dma_pool_wake_work(struct work *work)
{
	struct dma_pool *pool = container_of(work, struct dma_pool, wake.work);
	u64 released = dma_slots_released(pool);
	unsigned long irq = spin_lock_irqsave(&pool->wait_lock);
	struct dma_waiter *waiter;

	while ((waiter = take_due(pool, released))) {
		waiter->seen = released;
		pool->running = waiter;
		spin_unlock(&pool->wait_lock);
		waiter->fn(waiter);
		spin_lock(&pool->wait_lock);
		pool->running = NULL;
	}
	WRITE_ONCE(pool->waiting, pool->first_waiter != NULL);
	WRITE_ONCE(pool->woken_ns, time_ns());
	spin_unlock_irqrestore(&pool->wait_lock, irq);
}

/* True if its fn runs. */
static bool withdraw(struct dma_pool *pool, struct dma_waiter *waiter)
{
	unsigned long irq = spin_lock_irqsave(&pool->wait_lock);
	struct dma_waiter *before = NULL, *it = pool->first_waiter;
	bool runs = pool->running == waiter;

	while (it && it != waiter) {
		before = it;
		it = it->next;
	}
	if (it)
		take_out(pool, it, before);
	spin_unlock_irqrestore(&pool->wait_lock, irq);
	return runs;
}

void dma_pool_wait_cancel(struct dma_pool *pool, struct dma_waiter *waiter)
{
	/* It runs with interrupts masked on another CPU: not for long. */
	while (withdraw(pool, waiter))
		cpu_relax();
}
