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
#define AGREE_MS	20
#define AGREE_TRIES	5
#define AGREE_TOLERANCE 4 /* one part in as many */
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

/* A reading of one clock between two of another. */
struct between {
	u64 before, it, after;
};

static struct between read_between(const struct clocksource *outer,
				   const struct clocksource *inner)
{
	struct between r;

	r.before = outer->read();
	r.it = inner->read();
	r.after = outer->read();
	return r;
}

/*
 * A host may take the CPU away between any two readings. So what is known of
 * the time between two readings of @b is that it is not less, and not more,
 * than by @a those next to them are apart.
 */
static bool agree(struct selftest *t, const struct clocksource *a,
		  const struct clocksource *b)
{
	struct between first = read_between(a, b), last;
	u64 least, most, ns;

	udelay(AGREE_MS * 1000);
	last = read_between(a, b);
	least = clocksource_elapsed_ns(a, first.after, last.before);
	most = clocksource_elapsed_ns(a, first.before, last.after);
	ns = clocksource_elapsed_ns(b, first.it, last.it);
	selftest_note(t, "%lu to %lu ns by %s, %lu ns by %s", least, most,
		      a->name, ns, b->name);
	return ns >= least - least / AGREE_TOLERANCE &&
	       ns <= most + most / AGREE_TOLERANCE;
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
