/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of clocks. */
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/wallclock.h>
#include "watchdog.h"

#define CLOCK_READS 100000
/* How long two clocks are compared, and how often until they agree. */
#define AGREE_MS    20
#define AGREE_TRIES 3
/* What a real-time clock and the clock may be apart: it tells whole seconds. */
#define WALL_APART_MAX_NS (2 * NSEC_PER_SEC)

/*
 * Readings of all CPUs together. A short run suffices to see that CPUs differ
 * by what programs could notice; a thorough one takes 10000000.
 */
static unsigned race_reads = 200000;
param_uint("selftest_clock_reads", race_reads,
	   "times that CPUs tell each other in the self-test of clocks");
/* They are done in parts, because interrupts are masked in each. */
#define RACES 50

static void test_monotonic(struct selftest *t)
{
	u64 last = time_ns();

	for (unsigned i = 0; i < CLOCK_READS; i++) {
		u64 now = time_ns();

		if (!EXPECT(t, now >= last))
			return;
		last = now;
	}
}

/* Within what a busy host may do to two readings. */
static bool agree(struct selftest *t, const struct clocksource *a,
		  const struct clocksource *b)
{
	u64 a0 = a->read(), b0 = b->read(), a_ns, b_ns;

	udelay(AGREE_MS * 1000);
	b_ns = clocksource_elapsed_ns(b, b0, b->read());
	a_ns = clocksource_elapsed_ns(a, a0, a->read());
	selftest_note(t, "%lu ns by %s, %lu ns by %s", a_ns, a->name, b_ns,
		      b->name);
	return a_ns / 2 < b_ns && b_ns / 2 < a_ns;
}

/* Now and then a host takes the CPU away until a narrow clock has wrapped. */
static void test_agree(struct selftest *t)
{
	const struct clocksource *a = clocksource_nth(0);
	const struct clocksource *b = clocksource_nth(1);
	unsigned tries = 0;

	if (!b) {
		selftest_skip(t, "only one clock");
		return;
	}
	while (tries < AGREE_TRIES && !agree(t, a, b))
		tries++;
	EXPECT(t, tries < AGREE_TRIES);
}

/* Time does not go back from one CPU to another. */
static void test_across_cpus(struct selftest *t)
{
	unsigned cpus = cpumask_count(&cpu_online_mask);
	unsigned rounds = race_reads / RACES / cpus + 1;
	u64 handovers = 0, start = time_ns(), back = 0, passed;

	if (cpus == 1) {
		selftest_skip(t, "only one CPU");
		return;
	}
	for (unsigned i = 0; i < RACES && !back; i++)
		back = clock_race(time_ns, &cpu_online_mask, rounds,
				  &handovers);
	passed = time_ns() - start;
	EXPECT_EQ(t, back, 0);
	EXPECT(t, handovers > 0);
	selftest_note(t,
		      "%u readings on %u CPUs, %lu of them after another's,"
		      " in %llu ms",
		      rounds * RACES * cpus, cpus, handovers,
		      passed / NSEC_PER_MSEC);
}

/* It is read again, and has gone on as the clock did. */
static void test_wall_clock(struct selftest *t)
{
	const struct wallclock *w;
	u64 now = wall_time_ns(), again;

	w = wallclock_current();
	if (!w) {
		EXPECT_EQ(t, now, 0);
		selftest_skip(t, "nothing here says what time it is");
		return;
	}
	if (!EXPECT_EQ(t, w->read(&again), 0))
		return;
	now = wall_time_ns();
	EXPECT(t, now < again + WALL_APART_MAX_NS);
	EXPECT(t, again < now + WALL_APART_MAX_NS);
	EXPECT(t, wall_time_ns() >= now);
}

static const struct selftest_case clock_cases[] = {
	{ .name = "monotonic", .run = test_monotonic },
	{ .name = "monotonic-across-cpus", .run = test_across_cpus },
	{ .name = "clocks-agree", .run = test_agree },
	{ .name = "wall-clock-goes-on", .run = test_wall_clock },
	{},
};
SELFTEST_SUITE(clock, "clock", clock_cases, 0);
