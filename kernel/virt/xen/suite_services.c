/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of Xen's clock, timer, and what it does for CPUs that compete. */
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/x86.h>
#include "../suite_compete.h"
#include "internal.h"

/* Each costs an exit where Xen emulates the counter. */
#define RACE_READS	20000U
#define RACE_READS_LONG 10000000U
#define COMPARE_NS	(20 * NSEC_PER_MSEC)
#define COMPARISONS	5
#define RATE_TOLERANCE	10U /* one part in as many */

static void race(struct selftest *t, unsigned reads)
{
	unsigned cpus = cpumask_count(&cpu_online_mask);
	u64 handovers = 0;

	if (!virt_test_runs(t, HYPERV_TYPE_XEN, XEN_CLOCK))
		return;
	EXPECT_EQ(t,
		  clock_race(xen_system_time, &cpu_online_mask, reads / cpus,
			     &handovers),
		  0);
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

/* The clock against the counter, at the frequency that CPUID states. */
static bool rates_agree(struct selftest *t)
{
	u64 start = xen_system_time(), ticks = virt_counter(), ns, counted;

	while ((ns = xen_system_time() - start) < COMPARE_NS)
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
	bool agree = false;

	if (!virt_test_runs(t, HYPERV_TYPE_XEN, XEN_CLOCK))
		return;
	for (unsigned i = 0; i < COMPARISONS && !agree; i++)
		agree = rates_agree(t);
	if (EXPECT(t, agree))
		virt_service_verified(HYPERV_TYPE_XEN, XEN_CLOCK);
}

static void test_wall_clock(struct selftest *t)
{
	const char *from = virt_test_wall_clock(t, HYPERV_TYPE_XEN, XEN_CLOCK);

	if (from)
		EXPECT(t, !strcmp(from, "xen"));
}

#define SLEEPS	 20
#define SLEEP_NS (2 * NSEC_PER_MSEC)

/* On its CPU: how late the timer was, at least and at most. */
struct lateness {
	u64 least, most;
	u64 early; /* how often it was that */
};

static void sleep_often(void *arg)
{
	struct lateness *late = arg;

	*late = (struct lateness){ .least = UINT64_MAX };
	for (unsigned i = 0; i < SLEEPS; i++) {
		u64 due = time_ns() + SLEEP_NS, now;

		thread_sleep_ns(SLEEP_NS);
		now = time_ns();
		late->early += now < due;
		now = now > due ? now - due : 0;
		late->least = MIN(late->least, now);
		late->most = MAX(late->most, now);
	}
}

static bool sleeps_well(struct selftest *t, unsigned cpu)
{
	struct thread_attr attr = { .bound = true, .cpu = cpu };
	u64 before = xen_timer_events(cpu);
	struct thread *thread;
	struct lateness late;

	thread = thread_create("sleeps", sleep_often, &late, &attr);
	if (!EXPECT(t, thread))
		return false;
	thread_join(thread);
	selftest_note(t, "CPU %u: %llu to %llu us late", cpu,
		      (unsigned long long)(late.least / NSEC_PER_USEC),
		      (unsigned long long)(late.most / NSEC_PER_USEC));
	return EXPECT_EQ(t, late.early, 0) &&
	       EXPECT(t, xen_timer_events(cpu) - before >= SLEEPS);
}

static void test_timer(struct selftest *t)
{
	const struct clockevent *e = clockevent_current();
	unsigned cpu;

	if (!virt_test_runs(t, HYPERV_TYPE_XEN, XEN_TIMER))
		return;
	if (!e || strcmp(e->name, "xen")) {
		selftest_skip(t, "%s is used", e ? e->name : "no timer");
		return;
	}
	for_each_online_cpu(cpu)
		if (!sleeps_well(t, cpu))
			return;
	virt_service_verified(HYPERV_TYPE_XEN, XEN_TIMER);
}

static const struct selftest_case clock_cases[] = {
	{ .name = "never-goes-back", .run = test_monotonic },
	{ .name = "runs-at-the-counter's-rate", .run = test_rate },
	{ .name = "tells-the-time-of-day", .run = test_wall_clock },
	{ .name = "timer-is-never-early", .run = test_timer },
	{},
};
SELFTEST_SUITE(xen_clock, "xen-clock", clock_cases, 0);

static const struct selftest_case long_cases[] = {
	{ .name = "never-goes-back", .run = test_monotonic_long },
	{},
};
SELFTEST_SUITE(xen_clock_long, "xen-clock-long", long_cases, SELFTEST_MANUAL);

static void test_steal(struct selftest *t)
{
	virt_test_steal(t, HYPERV_TYPE_XEN, XEN_STEAL);
}

static void test_flush(struct selftest *t)
{
	virt_test_flush(t, HYPERV_TYPE_XEN, XEN_FLUSH, xen_tlb_flushes);
}

static void test_yield(struct selftest *t)
{
	virt_test_yield(t, HYPERV_TYPE_XEN, XEN_YIELD, xen_yields);
}

/* A kick that comes before the poll must end it: else its time does. */
static u64 kicked_poll_ns(struct selftest *t, unsigned port)
{
	u64 start = time_ns();

	EXPECT_EQ(t, xen_event_notify(port), 0);
	EXPECT(t, xen_poll(port));
	start = time_ns() - start;
	EXPECT(t, xen_event_pending(port));
	xen_event_clear(port);
	return start;
}

#define KICKS	     10
#define KICK_MOST_NS (XEN_POLL_MAX_NS / 4)

/* The host may take this CPU away in one of them, but hardly in all. */
static void test_kick(struct selftest *t)
{
	u64 least = UINT64_MAX;
	int port;

	if (!virt_test_runs(t, HYPERV_TYPE_XEN, XEN_POLL))
		return;
	port = xen_event_bind_ipi(smp_processor_id());
	if (!EXPECT(t, port >= 0))
		return;
	for (unsigned i = 0; i < KICKS; i++)
		least = MIN(least, kicked_poll_ns(t, (unsigned)port));
	xen_event_close((unsigned)port);
	selftest_note(t, "polled for %llu us",
		      (unsigned long long)(least / NSEC_PER_USEC));
	EXPECT(t, least < KICK_MOST_NS);
}

static void test_locks(struct selftest *t)
{
	virt_test_halting_locks(t, HYPERV_TYPE_XEN, XEN_POLL);
}

static const struct selftest_case compete_cases[] = {
	{ .name = "stolen-time-is-the-time-stood-still", .run = test_steal },
	{ .name = "kick-before-poll-is-not-lost", .run = test_kick },
	{ .name = "waiters-for-a-lock-poll-and-are-kicked", .run = test_locks },
	{ .name = "flush-of-a-CPU-that-does-not-run-is-in-time",
	  .run = test_flush },
	{ .name = "caller-yields-to-who-does-not-run", .run = test_yield },
	{},
};
SELFTEST_SUITE(xen_compete, "xen-compete", compete_cases, 0);
