/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of kvmclock, of the time the host steals, and of its time. */
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "../suite.h"
#include "internal.h"
#include "suite.h"

#define RACE_READS	200000U
#define RACE_READS_LONG 100000000U
/* At once: interrupts are masked meanwhile. */
#define RACE_READS_PART 200000U
#define COMPARE_NS	(20 * NSEC_PER_MSEC)
#define COMPARISONS	5
#define RATE_TOLERANCE	1000U /* one part in as many */

static const char *clock_feature(void)
{
	return virt_service_runs(HYPERV_TYPE_KVM, KVM_CLOCK) ? KVM_CLOCK
							     : KVM_CLOCK_OLD;
}

static const struct clocksource *kvm_source(void)
{
	const struct clocksource *cs;

	for (unsigned n = 0; (cs = clocksource_nth(n)); n++)
		if (!strcmp(cs->name, "kvm-clock"))
			return cs;
	return NULL;
}

/* Of all CPUs together, each as often as any. */
static void race(struct selftest *t, unsigned reads)
{
	unsigned cpus = cpumask_count(&cpu_online_mask);
	unsigned rounds = RACE_READS_PART / cpus;
	u64 handovers = 0, back = 0, done = 0, start = time_ns();
	const struct clocksource *cs = kvm_source();

	if (!kvm_test_runs(t, clock_feature()) || !EXPECT(t, cs))
		return;
	for (; done < reads && !back; done += rounds * cpus)
		back = clock_race(cs->read, &cpu_online_mask, rounds,
				  &handovers);
	EXPECT_EQ(t, back, 0);
	EXPECT(t, cpus == 1 || handovers);
	selftest_note(t, "%llu reads, %llu of another CPU's, in %llu ms",
		      (unsigned long long)done, (unsigned long long)handovers,
		      (unsigned long long)((time_ns() - start) /
					   NSEC_PER_MSEC));
}

static void test_monotonic(struct selftest *t)
{
	race(t, RACE_READS);
}

static void test_monotonic_long(struct selftest *t)
{
	race(t, RACE_READS_LONG);
}

/* What another clock says, and kvmclock before and after it was asked. */
struct moment {
	u64 before, after, other_ns;
};

static u64 read_counter(void)
{
	u64 ticks = virt_counter(), khz = time_counter_khz();

	return ticks / khz * NSEC_PER_MSEC + ticks % khz * NSEC_PER_MSEC / khz;
}

static u64 read_host(void)
{
	u64 ns = 0, ticks;

	return kvm_clock_pair(&ns, &ticks) ? 0 : ns;
}

static struct moment moment_of(const struct clocksource *cs, u64 (*other)(void))
{
	struct moment m;

	m.before = cs->read();
	m.other_ns = other();
	m.after = cs->read();
	return m;
}

/*
 * The host may take the CPU away between any two readings: so what passed by
 * the other clock is between two times by kvmclock.
 */
static bool rates_agree(struct selftest *t, const struct clocksource *cs,
			u64 (*other)(void))
{
	struct moment first = moment_of(cs, other), last;
	u64 least, most, ns;

	while (cs->read() - first.after < COMPARE_NS)
		cpu_relax();
	last = moment_of(cs, other);
	least = last.before - first.after;
	most = last.after - first.before;
	ns = last.other_ns - first.other_ns;
	selftest_note(t, "%llu to %llu ns, by the other clock %llu ns",
		      (unsigned long long)least, (unsigned long long)most,
		      (unsigned long long)ns);
	return ns >= least - least / RATE_TOLERANCE &&
	       ns <= most + most / RATE_TOLERANCE;
}

static bool expect_rates(struct selftest *t, u64 (*other)(void))
{
	const struct clocksource *cs = kvm_source();
	bool agree = false;

	if (!EXPECT(t, cs))
		return false;
	for (unsigned i = 0; i < COMPARISONS && !agree; i++)
		agree = rates_agree(t, cs, other);
	return EXPECT(t, agree);
}

static void test_rate(struct selftest *t)
{
	if (kvm_test_runs(t, clock_feature()) && expect_rates(t, read_counter))
		virt_service_verified(HYPERV_TYPE_KVM, clock_feature());
}

/* Somebody may set the host's clock once, but not at each comparison. */
static void test_host(struct selftest *t)
{
	if (!kvm_test_runs(t, clock_feature()))
		return;
	if (read_host())
		expect_rates(t, read_host);
	else
		selftest_skip(t, "the host's clock is not the counter");
}

static void test_wall_clock(struct selftest *t)
{
	const char *from =
		virt_test_wall_clock(t, HYPERV_TYPE_KVM, clock_feature());

	if (from)
		EXPECT(t, !strncmp(from, "kvm", 3));
}

static const struct selftest_case clock_cases[] = {
	{ .name = "never-goes-back", .run = test_monotonic },
	{ .name = "runs-at-the-counter's-rate", .run = test_rate },
	{ .name = "runs-at-the-host's-rate", .run = test_host },
	{ .name = "tells-the-time-of-day", .run = test_wall_clock },
	{},
};
SELFTEST_SUITE(kvm_clock, "kvm-clock", clock_cases, 0);

static const struct selftest_case long_cases[] = {
	{ .name = "never-goes-back", .run = test_monotonic_long },
	{},
};
SELFTEST_SUITE(kvm_clock_long, "kvm-clock-long", long_cases, SELFTEST_MANUAL);
