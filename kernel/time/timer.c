/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers, and the device that interrupts when the next one is due. */
#define pr_fmt(fmt) "timer: " fmt

#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/timer.h>

#define NEVER UINT64_MAX

/*
 * The shortest time that is worth an interrupt of its own, and the most
 * handlers that run in one: what a timer that starts itself again in the past
 * leaves to the rest of the system.
 */
#define TIMER_MIN_NS	     1000
#define TIMERS_PER_INTERRUPT 64

static struct {
	struct spinlock lock; /* of all that follows */
	struct timer_heap heap;
	struct clockevent *event;
	u64 armed_ns; /* when the device will interrupt */
	bool running; /* timer_interrupt() will program the device */
	u64 interrupts;
} timers = { .armed_ns = NEVER };

static struct timer *timer_of(struct timer_node *node)
{
	return container_of(node, struct timer, node);
}

/* Make the device interrupt when the first timer is due, and not before. */
static void program(void)
{
	const struct timer_node *first = timers.heap.root;
	u64 due = first ? first->key : NEVER, now;

	if (timers.running || due == timers.armed_ns)
		return;
	timers.armed_ns = due;
	if (!first) {
		timers.event->stop();
		return;
	}
	now = time_ns();
	due = due > now ? due - now : 0;
	timers.event->set(MIN(MAX(due, TIMER_MIN_NS), timers.event->max_ns));
}

bool timer_available(void)
{
	return READ_ONCE(timers.event);
}

int timer_start(struct timer *timer, u64 expires_ns)
{
	unsigned long state;

	if (!timer_available())
		return -ENODEV;
	state = spin_lock_irqsave(&timers.lock);
	if (timer->node.queued)
		timer_heap_remove(&timers.heap, &timer->node);
	/* The last value means that nothing is due. */
	timer->node.key = MIN(expires_ns, NEVER - 1);
	timer_heap_add(&timers.heap, &timer->node);
	program();
	spin_unlock_irqrestore(&timers.lock, state);
	return 0;
}

bool timer_cancel(struct timer *timer)
{
	unsigned long state = spin_lock_irqsave(&timers.lock);
	bool queued = timer->node.queued;

	if (queued) {
		timer_heap_remove(&timers.heap, &timer->node);
		program();
	}
	spin_unlock_irqrestore(&timers.lock, state);
	return queued;
}

/* The first timer if it is due at @now, taken off the heap. */
static struct timer *take_due(u64 now)
{
	struct timer_node *first = timers.heap.root;

	if (!first || first->key > now)
		return NULL;
	timer_heap_remove(&timers.heap, first);
	return timer_of(first);
}

/*
 * The device may be early, because it counts at another rate than the clock or
 * cannot wait that long; then it is set again.
 */
void timer_interrupt(void)
{
	struct timer *timer;
	unsigned ran = 0;
	u64 now;

	clocksource_watch();
	now = time_ns();
	spin_lock(&timers.lock);
	timers.interrupts++;
	timers.running = true;
	while (ran++ < TIMERS_PER_INTERRUPT && (timer = take_due(now))) {
		spin_unlock(&timers.lock);
		timer->handler(timer);
		spin_lock(&timers.lock);
	}
	timers.running = false;
	timers.armed_ns = NEVER;
	program();
	spin_unlock(&timers.lock);
}

u64 timer_interrupt_count(void)
{
	return READ_ONCE(timers.interrupts);
}

/* The best device rated below @limit, working or not. */
static struct clockevent *best_below(unsigned limit)
{
	struct clockevent *best = NULL;

	table_for_each(struct clockevent, clockevent, it) {
		struct clockevent *e = *it;

		if (e->rating < limit && (!best || e->rating > best->rating))
			best = e;
	}
	return best;
}

/* The best one of those that works. */
static struct clockevent *find_event(unsigned limit)
{
	struct clockevent *event = best_below(limit);

	while (event && event->probe())
		event = best_below(event->rating);
	return event;
}

const struct clockevent *clockevent_current(void)
{
	return READ_ONCE(timers.event);
}

void clockevent_init(void)
{
	WRITE_ONCE(timers.event, find_event(UINT32_MAX));
	if (timers.event)
		pr_info("%s, one shot, no tick", timers.event->name);
	else
		pr_notice("no timer interrupts: waiting costs CPU time");
}

void clockevent_withdraw(struct clockevent *event)
{
	unsigned long state = spin_lock_irqsave(&timers.lock);

	if (timers.event == event) {
		event->stop();
		timers.armed_ns = NEVER;
		WRITE_ONCE(timers.event, find_event(event->rating));
		if (timers.event)
			program();
	}
	spin_unlock_irqrestore(&timers.lock, state);
}
