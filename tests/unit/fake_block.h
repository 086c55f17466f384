/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the block layer needs of the kernel, for its tests: memory, a clock
 * that stands still, timers and work that run when the test says so.
 */
#pragma once

#include "unit.h"
#include <stdarg.h>
#include <stdlib.h>
#include <kernel/mm/map.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/timer.h>
#include <kernel/vsprintf.h>
#include <kernel/work.h>

#define FAKE_TIMERS 16
#define FAKE_WORKS  16

static u64 fake_now_ns = 1;
static struct timer *fake_timers[FAKE_TIMERS];
static u64 fake_timer_due[FAKE_TIMERS];
static struct work *fake_works[FAKE_WORKS];
static struct spinlock fake_lock;
static char fake_message[256]; /* the last one */
static unsigned fake_allocations_left = UINT32_MAX;
static u64 fake_allocations; /* that were not freed */

u64 time_ns(void)
{
	return atomic_read(&fake_now_ns);
}

void *kmalloc(size_t size)
{
	if (!fake_allocations_left)
		return NULL;
	fake_allocations_left--;
	fake_allocations++;
	return malloc(size);
}

void *kzalloc(size_t size)
{
	void *memory = kmalloc(size);

	return memory ? memset(memory, 0, size) : NULL;
}

void kfree(const void *memory)
{
	fake_allocations -= memory != NULL;
	free((void *)(uintptr_t)memory);
}

void *vmalloc(u64 size)
{
	return kmalloc(size);
}

void vfree(const void *memory)
{
	kfree(memory);
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	va_list ap;

	(void)level;
	(void)flags;
	va_start(ap, fmt);
	vsnprintf(fake_message, sizeof(fake_message), fmt, ap);
	va_end(ap);
}

/* The place of @object, or of NULL for a new one. */
static inline unsigned fake_find(void *const *all, unsigned n, const void *o)
{
	unsigned i = 0, place = n;

	for (; i < n; i++) {
		if (all[i] == o)
			return i;
		if (!all[i] && place == n)
			place = i;
	}
	if (place == n)
		abort();
	return place;
}

int timer_start(struct timer *timer, u64 expires_ns)
{
	unsigned i;

	spin_lock(&fake_lock);
	i = fake_find((void *const *)fake_timers, FAKE_TIMERS, timer);
	fake_timers[i] = timer;
	fake_timer_due[i] = expires_ns;
	spin_unlock(&fake_lock);
	return 0;
}

bool timer_cancel(struct timer *timer)
{
	unsigned i = fake_find((void *const *)fake_timers, FAKE_TIMERS, timer);
	bool was = fake_timers[i];

	fake_timers[i] = NULL;
	return was;
}

bool timer_available(void)
{
	return true;
}

bool work_queue(struct work *work)
{
	unsigned i;

	spin_lock(&fake_lock);
	i = fake_find((void *const *)fake_works, FAKE_WORKS, work);
	fake_works[i] = work;
	atomic_write(&work->pending, true);
	spin_unlock(&fake_lock);
	return true;
}

bool work_cancel(struct work *work)
{
	unsigned i = fake_find((void *const *)fake_works, FAKE_WORKS, work);
	bool was = fake_works[i];

	fake_works[i] = NULL;
	return was;
}

/* Run what was queued, and what that queues; true: there was some. */
static inline bool fake_run_works(void)
{
	bool any = false;

	for (unsigned i = 0; i < FAKE_WORKS; i++) {
		struct work *work = fake_works[i];

		if (!work)
			continue;
		fake_works[i] = NULL;
		work->fn(work);
		any = true;
		i = -1U;
	}
	return any;
}

/* Let @ns pass, with all timers that come due. */
static inline void fake_pass_time(u64 ns)
{
	u64 end = fake_now_ns + ns;

	for (;;) {
		unsigned next = FAKE_TIMERS;

		for (unsigned i = 0; i < FAKE_TIMERS; i++)
			if (fake_timers[i] && fake_timer_due[i] <= end &&
			    (next == FAKE_TIMERS ||
			     fake_timer_due[i] < fake_timer_due[next]))
				next = i;
		if (next == FAKE_TIMERS)
			break;
		fake_now_ns = MAX(fake_now_ns, fake_timer_due[next]);
		struct timer *timer = fake_timers[next];

		fake_timers[next] = NULL;
		timer->handler(timer);
	}
	fake_now_ns = end;
}

void smp_call_mask(const struct cpumask *mask, void (*fn)(void *arg), void *arg)
{
	(void)mask;
	fn(arg);
}

void might_sleep(void)
{
	CHECK(!preempt_disabled());
}

void sched_prepare_sleep(void)
{
}

/* Nobody else is there who could wake us. */
bool sched_sleep(u64 until_ns)
{
	(void)until_ns;
	abort();
}

bool thread_wake(struct thread *thread)
{
	(void)thread;
	return false;
}
