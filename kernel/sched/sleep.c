/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleeping, with and without a limit. */
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/symbols.h>
#include "internal.h"

struct alarm {
	struct timer timer;
	struct thread *thread;
};

void sched_prepare_sleep(void)
{
	/* Before what the caller looks at next; see the top of core.c. */
	(void)atomic_xchg(&current_thread()->state, (u8)THREAD_WAITING);
}

static void ring(struct timer *timer)
{
	thread_wake(container_of(timer, struct alarm, timer)->thread);
}

/* No timers or no scheduler yet: look at the clock, and let others run. */
static void poll(u64 until_ns)
{
	struct thread *self = current_thread();

	while (atomic_read(&self->state) == THREAD_WAITING &&
	       time_ns() < until_ns) {
		schedule(SCHEDULE_YIELD);
		cpu_relax();
	}
	sched_cancel_sleep();
}

static void sleep_until(u64 until_ns)
{
	struct alarm alarm = { .timer = { .handler = ring },
			       .thread = current_thread() };

	if (!sched_running() || timer_start(&alarm.timer, until_ns)) {
		poll(until_ns);
		return;
	}
	schedule(SCHEDULE_SLEEP);
	timer_cancel(&alarm.timer);
}

bool sched_sleep(u64 until_ns)
{
	might_sleep();
	if (until_ns == WAIT_FOREVER && sched_running()) {
		schedule(SCHEDULE_SLEEP);
		return true;
	}
	if (time_ns() >= until_ns) {
		sched_cancel_sleep();
		return false;
	}
	sleep_until(until_ns);
	return time_ns() < until_ns;
}

void thread_sleep_until(u64 until_ns)
{
	do
		sched_prepare_sleep();
	while (sched_sleep(until_ns));
	sched_cancel_sleep();
}

void thread_sleep_ns(u64 ns)
{
	thread_sleep_until(time_ns() + ns);
}

void thread_yield(void)
{
	might_sleep();
	schedule(SCHEDULE_YIELD);
}

/* Sites that were reported, by their address; when it is full, no more. */
static uintptr_t sites[16];

static bool is_news(uintptr_t site)
{
	for (unsigned i = 0; i < ARRAY_SIZE(sites); i++) {
		uintptr_t old = 0;

		if (atomic_cmpxchg(&sites[i], &old, site))
			return true;
		if (old == site)
			return false;
	}
	return false;
}

static void report_sleeper(uintptr_t site)
{
	const struct thread *self = current_thread();

	if (!is_news(site))
		return;
	lock_debug_count(LOCK_SLEEP_IN_ATOMIC);
	pr_err("BUG: %s sleeps in atomic context at %pS: %s", self->name,
	       (void *)site,
	       in_interrupt()	    ? "in an interrupt"
	       : preempt_disabled() ? "preemption is disabled"
				    : "interrupts are masked");
	backtrace_print(0);
}

void might_sleep(void)
{
	bool atomic = preempt_disabled();

	if (IS_ENABLED(CONFIG_DEBUG_LOCKS) && irq_available())
		atomic |= !local_irq_enabled();
	if (unlikely(atomic) && sched_running())
		report_sleeper((uintptr_t)__builtin_return_address(0));
}
