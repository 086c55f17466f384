/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of steal time, and CPUs that compete for other tests. They need a
 * host that has less CPUs for this guest than it has threads; on others they
 * are skipped.
 */
#include <kernel/cpu.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include "internal.h"
#include "suite.h"
#include "suite_compete.h"

#define BUSY_CPUS_MAX 4
/* How long CPUs are made to compete, and what shows that they do. */
#define COMPETE_NS    (300 * NSEC_PER_MSEC)
#define STOLEN_MIN_NS (20 * NSEC_PER_MSEC)
#define LIMIT_NS      (5 * NSEC_PER_SEC)
/*
 * A loop that reads the clock stands still for longer than this only when its
 * CPU does not run: the host's time slices are milliseconds, its interrupts
 * take less.
 */
#define GAP_NS		(500 * NSEC_PER_USEC)
#define STEAL_TOLERANCE 20U /* 5 % of the time on the clock */
/* What the host needs to change from one CPU to another, as stolen time. */
#define CHANGE_NS (200 * NSEC_PER_USEC)
/* Fewer say nothing about each. */
#define GAPS_MIN 10
/* Below the host there may be another one, which takes time as well. */
#define MEASUREMENTS 5

/* What one CPU saw, or all. */
struct tally {
	u64 stolen_ns;
	u64 gaps_ns;		/* it stood still, and time was stolen */
	unsigned gaps, matched; /* ... and as long as the gap was */
};

struct runner {
	struct thread *thread;
	struct tally seen;
};

static struct {
	unsigned ready;
	bool end;
	struct runner runners[BUSY_CPUS_MAX];
	unsigned count;
} busy;

static void note_gap(struct tally *seen, u64 gap, u64 stolen)
{
	u64 off = gap > stolen ? gap - stolen : stolen - gap;

	seen->gaps_ns += gap;
	seen->gaps++;
	seen->matched += off <= gap / STEAL_TOLERANCE + CHANGE_NS;
}

/*
 * Time in which this CPU stood still, and what was stolen meanwhile. Other
 * threads of the CPU, of which there are hardly any, run for less than a gap.
 * A gap in which nothing was stolen is not this host's doing, but that of
 * another one below it.
 */
static void measure(struct tally *seen)
{
	unsigned cpu = smp_processor_id();
	u64 first = steal_clock(cpu), stolen = first;
	u64 before = first, earlier = first;
	u64 start = time_ns(), last = start;

	*seen = (struct tally){ 0 };
	while (!atomic_read(&busy.end) && last - start < LIMIT_NS) {
		u64 now = time_ns();

		stolen = steal_clock(cpu);
		/* It may have stood still between the two readings. */
		if (now - last > GAP_NS && stolen > earlier)
			note_gap(seen, now - last, stolen - earlier);
		earlier = before;
		before = stolen;
		last = now;
	}
	seen->stolen_ns = stolen - first;
}

static void run_busy(void *arg)
{
	struct runner *self = arg;
	u64 until = time_ns() + LIMIT_NS;

	atomic_fetch_add(&busy.ready, 1U);
	while (!atomic_read(&busy.end) &&
	       atomic_read(&busy.ready) <= BUSY_CPUS_MAX && time_ns() < until)
		thread_yield();
	measure(&self->seen);
}

void kvm_busy_start(void)
{
	unsigned cpu, n = 0;

	atomic_write(&busy.ready, 0U);
	atomic_write(&busy.end, false);
	for_each_online_cpu(cpu) {
		struct thread_attr attr = { .bound = true, .cpu = cpu };

		if (n == BUSY_CPUS_MAX)
			break;
		busy.runners[n].thread = thread_create("competes", run_busy,
						       &busy.runners[n], &attr);
		n += busy.runners[n].thread != NULL;
	}
	busy.count = n;
}

void kvm_busy_end(void)
{
	atomic_write(&busy.end, true);
	for (unsigned i = 0; i < busy.count; i++)
		thread_join(busy.runners[i].thread);
}

/* Keep some CPUs busy. What they saw is in `busy`. */
static void compete(u64 ns)
{
	kvm_busy_start();
	while (atomic_read(&busy.ready) < busy.count)
		thread_sleep_ns(NSEC_PER_MSEC);
	/* All are there: go. */
	atomic_write(&busy.ready, BUSY_CPUS_MAX + 1U);
	thread_sleep_ns(ns);
	kvm_busy_end();
}

static struct tally sum(void)
{
	struct tally all = { 0 };

	for (unsigned i = 0; i < busy.count; i++) {
		const struct tally *seen = &busy.runners[i].seen;

		all.stolen_ns += seen->stolen_ns;
		all.gaps_ns += seen->gaps_ns;
		all.gaps += seen->gaps;
		all.matched += seen->matched;
	}
	return all;
}

/* True if the host has not enough CPUs; else @t is skipped. */
static bool competes(struct selftest *t, u64 stolen)
{
	if (stolen < STOLEN_MIN_NS)
		selftest_skip(t, "the host has a CPU for each of this guest's");
	return stolen >= STOLEN_MIN_NS;
}

bool kvm_test_competes(struct selftest *t)
{
	compete(COMPETE_NS);
	return competes(t, sum().stolen_ns);
}

/*
 * All that was stolen is all the time that CPUs stood still. A host below this
 * one makes some gaps longer than what this one stole, but not all: then each
 * is looked at by itself, and half of them must match.
 */
static bool is_stood_still(const struct tally *all)
{
	u64 wall = busy.count * COMPETE_NS;
	u64 off = all->gaps_ns > all->stolen_ns ? all->gaps_ns - all->stolen_ns
						: all->stolen_ns - all->gaps_ns;

	return off <= wall / STEAL_TOLERANCE ||
	       (all->stolen_ns < all->gaps_ns && all->gaps >= GAPS_MIN &&
		all->matched >= all->gaps / 2);
}

static void test_steal(struct selftest *t)
{
	bool is_so = false;
	struct tally all;

	if (!kvm_test_runs(t, KVM_STEAL))
		return;
	for (unsigned i = 0; i < MEASUREMENTS && !is_so; i++) {
		compete(COMPETE_NS);
		all = sum();
		selftest_note(t,
			      "%u CPUs: stolen %llu us, stood still %llu us in "
			      "%u gaps, %u of them as long as the host says",
			      busy.count,
			      (unsigned long long)(all.stolen_ns /
						   NSEC_PER_USEC),
			      (unsigned long long)(all.gaps_ns / NSEC_PER_USEC),
			      all.gaps, all.matched);
		if (!competes(t, all.stolen_ns))
			return;
		is_so = is_stood_still(&all);
	}
	if (is_so)
		virt_service_verified(HYPERV_TYPE_KVM, KVM_STEAL);
	else if (EXPECT(t, all.stolen_ns < all.gaps_ns) &&
		 EXPECT(t, all.stolen_ns > all.gaps_ns / 2))
		selftest_skip(t, "something below the host takes time too");
}

static const struct selftest_case steal_cases[] = {
	{ .name = "stolen-time-is-the-time-stood-still", .run = test_steal },
	{},
};
SELFTEST_SUITE(kvm_steal, "kvm-steal", steal_cases, 0);
