/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers: a heap of them on each CPU. */
#include "events.h"
#include <kernel/errno.h>
#include <kernel/preempt.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/timer.h>

/*
 * The most handlers that run in one interrupt: what a timer that starts itself
 * again in the past leaves to the rest of the system.
 */
#define TIMERS_PER_INTERRUPT 64

/*
 * The heap and its members belong to the lock, whose holder masks interrupts.
 * Two of them are taken in the order of their CPUs.
 */
struct timer_queue {
	struct spinlock lock;
	struct timer_heap heap;
	u64 armed_ns;	       /* when the device will interrupt */
	struct timer *running; /* whose handler is being called */
	bool busy;	       /* timers_run() will arm the device */
	bool polled;	       /* there is none: a thread looks */
	u64 interrupts;
};

static DEFINE_PER_CPU(struct timer_queue, queues);

static struct timer *timer_of(struct timer_node *node)
{
	return container_of(node, struct timer, node);
}

static u64 first_due(const struct timer_queue *q)
{
	return q->heap.root ? q->heap.root->key : NOTHING_DUE;
}

/* Make this CPU's device interrupt when its first timer is due. */
static void program(struct timer_queue *q)
{
	u64 due = first_due(q);

	if (q->busy || q->polled || due == q->armed_ns)
		return;
	q->armed_ns = due;
	clockevent_arm(due);
}

/* A timer's home is changed under the lock of the one that it had. */
static struct timer_queue *lock_home(const struct timer *timer)
{
	for (;;) {
		unsigned home = READ_ONCE(timer->home);
		struct timer_queue *q;

		if (!home)
			return NULL;
		q = &per_cpu(queues, home - 1);
		spin_lock(&q->lock);
		if (READ_ONCE(timer->home) == home)
			return q;
		spin_unlock(&q->lock);
	}
}

static void lock_two(unsigned a, unsigned b)
{
	spin_lock(&per_cpu(queues, MIN(a, b)).lock);
	if (a != b)
		spin_lock(&per_cpu(queues, MAX(a, b)).lock);
}

static void unlock_two(unsigned a, unsigned b)
{
	if (a != b)
		spin_unlock(&per_cpu(queues, MAX(a, b)).lock);
	spin_unlock(&per_cpu(queues, MIN(a, b)).lock);
}

/* Lock CPU @here's timers and those that @timer is among: their CPU. */
static unsigned lock_with_home(struct timer *timer, unsigned here)
{
	unsigned home = 0;

	/* Its first home; two CPUs that start it at once agree on one. */
	if (!READ_ONCE(timer->home))
		atomic_cmpxchg(&timer->home, &home, here + 1);
	for (;;) {
		home = READ_ONCE(timer->home);
		lock_two(here, home - 1);
		if (READ_ONCE(timer->home) == home)
			return home - 1;
		unlock_two(here, home - 1);
	}
}

/* Both CPUs' timers are locked. */
static void move(struct timer *timer, unsigned from, unsigned to, u64 due)
{
	if (timer->node.queued)
		timer_heap_remove(&per_cpu(queues, from).heap, &timer->node);
	timer->node.key = due;
	timer_heap_add(&per_cpu(queues, to).heap, &timer->node);
	WRITE_ONCE(timer->home, to + 1);
}

int timer_start(struct timer *timer, u64 expires_ns)
{
	unsigned long state = local_irq_save();
	unsigned here = smp_processor_id(), home, to = here;

	if (!timer_available() && !per_cpu(queues, here).polled) {
		local_irq_restore(state);
		return -ENODEV;
	}
	home = lock_with_home(timer, here);
	if (per_cpu(queues, home).running == timer)
		to = home;
	move(timer, home, to, MAX(expires_ns, NOTHING_DUE + 1));
	/* The other CPU is in timers_run() and will look itself. */
	if (to == here)
		program(&per_cpu(queues, here));
	unlock_two(here, home);
	local_irq_restore(state);
	return 0;
}

/* True if the handler runs on another CPU: then it is to be tried again. */
static bool cancel_once(struct timer *timer, bool *was_set)
{
	struct timer_queue *here = this_cpu_ptr(queues);
	struct timer_queue *q = lock_home(timer);
	bool running;

	if (!q)
		return false;
	if (timer->node.queued) {
		timer_heap_remove(&q->heap, &timer->node);
		*was_set = true;
		/* Another CPU finds out when its device interrupts. */
		if (q == here)
			program(q);
	}
	running = q->running == timer && q != here;
	spin_unlock(&q->lock);
	return running;
}

bool timer_cancel(struct timer *timer)
{
	bool was_set = false, again;

	do {
		unsigned long state = local_irq_save();

		again = cancel_once(timer, &was_set);
		local_irq_restore(state);
		cpu_relax();
	} while (again);
	return was_set;
}

/* The first timer if it is due at @now, taken off the heap. */
static struct timer *take_due(struct timer_queue *q, u64 now)
{
	struct timer_node *first = q->heap.root;

	if (!first || first->key > now)
		return NULL;
	timer_heap_remove(&q->heap, first);
	return timer_of(first);
}

/* When the handler has returned its timer may be gone. */
static void run(struct timer_queue *q, struct timer *timer)
{
	q->running = timer;
	spin_unlock(&q->lock);
	timer->handler(timer);
	spin_lock(&q->lock);
	q->running = NULL;
}

/*
 * The device may be early, because it counts at another rate than the clock or
 * cannot wait that long; then it is set again.
 */
void timers_run(void)
{
	struct timer_queue *q = this_cpu_ptr(queues);
	struct timer *timer;
	u64 now = time_ns();

	spin_lock(&q->lock);
	q->interrupts += !q->polled;
	q->busy = true;
	for (unsigned n = 0; n < TIMERS_PER_INTERRUPT; n++) {
		timer = take_due(q, now);
		if (!timer)
			break;
		run(q, timer);
	}
	q->busy = false;
	q->armed_ns = NOTHING_DUE;
	program(q);
	spin_unlock(&q->lock);
}

void timers_polled(unsigned cpu)
{
	per_cpu(queues, cpu).polled = true;
}

void timers_poll(void)
{
	struct timer_queue *q;
	unsigned long state;

	preempt_disable();
	state = local_irq_save();
	q = this_cpu_ptr(queues);
	if (q->heap.root && time_ns() >= q->heap.root->key)
		timers_run();
	local_irq_restore(state);
	preempt_enable();
}

void timers_rearm(void)
{
	struct timer_queue *q = this_cpu_ptr(queues);

	spin_lock(&q->lock);
	q->armed_ns = NOTHING_DUE;
	program(q);
	spin_unlock(&q->lock);
}

u64 timer_interrupt_count(unsigned cpu)
{
	return READ_ONCE(per_cpu(queues, cpu).interrupts);
}

u64 timer_next_ns(unsigned cpu)
{
	struct timer_queue *q = &per_cpu(queues, cpu);
	unsigned long state = spin_lock_irqsave(&q->lock);
	u64 due = first_due(q);

	spin_unlock_irqrestore(&q->lock, state);
	return due;
}
