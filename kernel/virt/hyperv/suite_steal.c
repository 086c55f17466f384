/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-test of steal time: CPUs that compete for one of the host's stand still
 * for about as long as was stolen from them.
 */
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include "suite.h"

#define CPUS_MAX      4
#define COMPETE_NS    (300 * NSEC_PER_MSEC)
#define STOLEN_MIN_NS (100 * NSEC_PER_MSEC)
/* A busy loop stands still for longer only when its CPU does not run. */
#define GAP_NS	     (500 * NSEC_PER_USEC)
#define TOLERANCE    10U /* one part in as many of the time on the clock */
#define MEASUREMENTS 5

struct runner {
	struct thread *thread;
	u64 gaps_ns, stolen_ns;
};

static unsigned ready, wanted;

static void run_busy(void *arg)
{
	struct runner *self = arg;
	unsigned cpu = smp_processor_id();
	u64 start, last, first, before;

	atomic_fetch_add(&ready, 1U);
	while (atomic_read(&ready) < atomic_read(&wanted))
		thread_yield();
	first = before = steal_clock(cpu);
	start = last = time_ns();
	self->gaps_ns = 0;
	while (last - start < COMPETE_NS) {
		u64 now = time_ns(), stolen = steal_clock(cpu);

		/*
		 * A gap in which nothing was stolen is not this host's doing,
		 * but that of another one below it.
		 */
		if (now - last > GAP_NS && stolen > before)
			self->gaps_ns += now - last;
		before = stolen;
		last = now;
	}
	self->stolen_ns = before - first;
}

static unsigned compete(struct runner *runners)
{
	unsigned cpu, n = 0;

	atomic_write(&ready, 0U);
	atomic_write(&wanted, UINT32_MAX);
	for_each_online_cpu(cpu) {
		struct thread_attr attr = { .bound = true, .cpu = cpu };

		if (n == CPUS_MAX)
			break;
		runners[n].thread =
			thread_create("competes", run_busy, &runners[n], &attr);
		n += runners[n].thread != NULL;
	}
	atomic_write(&wanted, n);
	for (unsigned i = 0; i < n; i++)
		thread_join(runners[i].thread);
	return n;
}

/* True if what was stolen is what the CPUs stood still. */
static bool measure(struct selftest *t, u64 *gaps, u64 *stolen)
{
	struct runner runners[CPUS_MAX] = { 0 };
	unsigned n = compete(runners);
	u64 off;

	*gaps = 0;
	*stolen = 0;
	for (unsigned i = 0; i < n; i++) {
		*gaps += runners[i].gaps_ns;
		*stolen += runners[i].stolen_ns;
	}
	selftest_note(t, "%u CPUs: stolen %llu us, stood still %llu us", n,
		      (unsigned long long)(*stolen / NSEC_PER_USEC),
		      (unsigned long long)(*gaps / NSEC_PER_USEC));
	off = *gaps > *stolen ? *gaps - *stolen : *stolen - *gaps;
	return off <= n * COMPETE_NS / TOLERANCE;
}

void hv_test_steal(struct selftest *t)
{
	bool right = false;
	u64 gaps = 0, stolen = 0;

	if (!hv_test_runs(t, HV_RUN_TIME))
		return;
	for (unsigned i = 0; i < MEASUREMENTS && !right; i++)
		right = measure(t, &gaps, &stolen);
	if (stolen < STOLEN_MIN_NS)
		selftest_skip(t, "the host has a CPU for each of this guest's");
	else if (right)
		hv_verified(HV_RUN_TIME);
	else if (EXPECT(t, stolen < 2 * gaps) && EXPECT(t, gaps < 2 * stolen))
		selftest_skip(t, "something below the host takes time too");
}
