/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: which thread runs on which CPU, and the sleep and the wake-up
 * that everything else that waits is made of.
 *
 * Each CPU has a queue of the threads that want it. Policy: a thread that
 * wakes goes to the CPU it ran on last if that is idle, else to any idle one,
 * else back to its queue; a CPU that becomes idle takes a thread from the
 * longest of other queues. There is no tick: a timer runs only while somebody
 * of equal priority waits for the running thread's turn to end.
 *
 * Where there are no timers (<kernel/timer.h>), threads run until they yield
 * or sleep, and sleeping with a time limit costs CPU time.
 */
#pragma once

#include <kernel/preempt.h>
#include <kernel/static_call.h>
#include <kernel/time.h>

/* How long a thread may run while others of its priority wait. */
#define SCHED_SLICE_NS (5 * NSEC_PER_MSEC)

/* For all functions with a time limit: none. */
#define WAIT_FOREVER UINT64_MAX

/**
 * Report, once for each call site, a caller that could sleep where it must
 * not: preemption disabled, in an interrupt, or (CONFIG_DEBUG_LOCKS) with
 * interrupts masked. In every function that may sleep.
 */
void might_sleep(void);

/*
 * Sleep until something holds:
 *
 *	for (;;) {
 *		sched_prepare_sleep();
 *		if (something)
 *			break;
 *		if (!sched_sleep(until_ns))
 *			...time is up: look once more and go
 *	}
 *	sched_cancel_sleep();
 *
 * and who makes it hold calls thread_wake() afterwards.
 */

/** From now on thread_wake() keeps the caller from sleeping: full barrier. */
void sched_prepare_sleep(void);
static inline void sched_cancel_sleep(void);

/**
 * Sleep until somebody calls thread_wake() or @until_ns comes, unless that
 * happened since sched_prepare_sleep(). False: the time has come.
 */
bool sched_sleep(u64 until_ns);

/**
 * Wake @thread, which must not end meanwhile. What the caller stored before is
 * seen by it after sched_prepare_sleep() or sched_sleep(). False: it was not
 * about to sleep. Any context but NMI.
 */
bool thread_wake(struct thread *thread);

static inline void sched_cancel_sleep(void)
{
	/* Nobody else changes WAITING to anything but this. */
	__atomic_store_n(&current_thread()->state, THREAD_RUNNABLE,
			 __ATOMIC_RELAXED);
}

/** True from level SCHED on. */
bool sched_running(void);

/**
 * For CPUs that come up: the caller's thread, which stays for good, becomes
 * this CPU's idle thread and gets its name. Interrupts masked.
 */
__noreturn void sched_start_cpu(void);

/**
 * Before an idle CPU sleeps: wait a short time for something to do, if that is
 * likely to come. True: there is something. Interrupts masked, on return too.
 * Without a hypervisor nobody waits.
 */
DECLARE_STATIC_CALL(bool, idle_poll, (void));

/** Threads that wait for @cpu, without the one that runs. */
unsigned sched_queued(unsigned cpu);

/** What one CPU did since it came up, in ns. */
struct sched_cpu_times {
	u64 busy_ns;
	u64 idle_ns;
	u64 steal_ns; /* others used the host's CPU; in neither of those */
	u64 switches;
};
void sched_get_times(unsigned cpu, struct sched_cpu_times *times);

/*
 * For how many ns since some time in the past the host did not run @cpu,
 * though it had something to do. Called on any CPU, with interrupts masked.
 */
typedef u64 (*steal_clock_fn)(unsigned cpu);

/**
 * From now on what @clock tells is charged to no thread; NULL: nobody knows.
 * Returns the one before.
 */
steal_clock_fn sched_set_steal_clock(steal_clock_fn clock);

/** What it tells for @cpu, or 0. */
u64 steal_clock(unsigned cpu);
