/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of kvmclock, of the time the host steals, and of its time. */
#include <kernel/clocksource.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include <kernel/wallclock.h>
#include "../suite.h"
#include "internal.h"
#include "suite.h"

#define RACE_READS	 200000U
#define RACE_READS_LONG	 100000000U
#define COMPARE_NS	 (20 * NSEC_PER_MSEC)
#define COMPARISONS	 5
#define RATE_TOLERANCE	 100U /* one part in as many */
#define WALL_EARLIEST_NS (1700000000ULL * NSEC_PER_SEC)

bool kvm_test_runs(struct selftest *t, const char *feature)
{
	return virt_test_runs(t, HYPERV_TYPE_KVM, feature);
}

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
	const struct clocksource *cs = kvm_source();
	u64 handovers = 0, back;

	if (!kvm_test_runs(t, clock_feature()) || !EXPECT(t, cs))
		return;
	back = clock_race(cs->read, &cpu_online_mask,
			  reads / cpumask_count(&cpu_online_mask), &handovers);
	EXPECT_EQ(t, back, 0);
	selftest_note(t, "%u reads, %llu of another CPU's", reads,
		      (unsigned long long)handovers);
}

static void test_monotonic(struct selftest *t)
{
	race(t, RACE_READS);
}

static void test_monotonic_long(struct selftest *t)
{
	race(t, RACE_READS_LONG);
}

/* kvmclock against the counter, at the frequency that it was found to have. */
static bool rates_agree(struct selftest *t, const struct clocksource *cs)
{
	u64 start = cs->read(), ticks = virt_counter(), ns, counted;

	while ((ns = cs->read() - start) < COMPARE_NS)
		;
	ticks = virt_counter() - ticks;
	counted = ticks * NSEC_PER_MSEC / time_counter_khz();
	selftest_note(t, "%llu ns, by the counter %llu ns",
		      (unsigned long long)ns, (unsigned long long)counted);
	return counted >= ns - ns / RATE_TOLERANCE &&
	       counted <= ns + ns / RATE_TOLERANCE;
}

/* The host may take the CPU away between two readings. */
static void test_rate(struct selftest *t)
{
	const struct clocksource *cs = kvm_source();
	bool agree = false;

	if (!kvm_test_runs(t, clock_feature()) || !EXPECT(t, cs))
		return;
	for (unsigned i = 0; i < COMPARISONS && !agree; i++)
		agree = rates_agree(t, cs);
	if (EXPECT(t, agree))
		virt_service_verified(HYPERV_TYPE_KVM, clock_feature());
}

static void test_wall_clock(struct selftest *t)
{
	const struct wallclock *w;
	u64 now;

	if (!kvm_test_runs(t, clock_feature()))
		return;
	now = wall_time_ns();
	w = wallclock_current();
	if (!EXPECT(t, w))
		return;
	selftest_note(t, "from %s", w->name);
	EXPECT(t, !strncmp(w->name, "kvm", 3));
	EXPECT(t, now > WALL_EARLIEST_NS);
}

static const struct selftest_case clock_cases[] = {
	{ .name = "never-goes-back", .run = test_monotonic },
	{ .name = "runs-at-the-counter's-rate", .run = test_rate },
	{ .name = "tells-the-time-of-day", .run = test_wall_clock },
	{},
};
SELFTEST_SUITE(kvm_clock, "kvm-clock", clock_cases, 0);

static const struct selftest_case long_cases[] = {
	{ .name = "never-goes-back", .run = test_monotonic_long },
	{},
};
SELFTEST_SUITE(kvm_clock_long, "kvm-clock-long", long_cases, SELFTEST_MANUAL);
