/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of the reference time, and of timers that are set to it. */
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/preempt.h>
#include <kernel/smp.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include "suite.h"

/* Exits are slow, the page is not. */
#define COUNTER_READS 4000U
#define PAGE_READS    200000U
#define COMPARISONS   50
/* A unit of the register, and what page and register may be apart. */
#define APART_NS       1000
#define RATE_NS	       (20 * NSEC_PER_MSEC)
#define RATE_TOLERANCE 100U /* one part in as many */
#define ATTEMPTS       20

/* The reference time against the clock; the CPU may be taken away meanwhile. */
static bool keeps_pace(struct selftest *t, u64 (*read)(void))
{
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		u64 clock = time_ns(), start = read(), ns;

		while (time_ns() - clock < RATE_NS)
			cpu_relax();
		ns = read() - start;
		clock = time_ns() - clock;
		if (ns >= clock - clock / RATE_TOLERANCE &&
		    ns <= clock + clock / RATE_TOLERANCE) {
			selftest_note(t, "%llu ns, by the clock %llu ns",
				      (unsigned long long)ns,
				      (unsigned long long)clock);
			return true;
		}
	}
	return false;
}

void hv_test_counter(struct selftest *t)
{
	if (!hv_test_runs(t, HV_REFERENCE_COUNTER))
		return;
	if (EXPECT(t, keeps_pace(t, hv_counter_ns)))
		hv_verified(HV_REFERENCE_COUNTER);
}

/* Between two readings of the register. */
void hv_test_page(struct selftest *t)
{
	u64 wrong = 0;

	if (!hv_test_runs(t, HV_REFERENCE_TSC))
		return;
	for (unsigned i = 0; i < COMPARISONS; i++) {
		u64 before = hv_counter_ns(), page = hv_tsc_ns(),
		    after = hv_counter_ns();

		if (!before || !page) {
			selftest_skip(t, "there is nothing to compare with");
			return;
		}
		wrong += page + APART_NS < before || page > after + APART_NS;
	}
	EXPECT_EQ(t, wrong, 0);
	if (EXPECT(t, keeps_pace(t, hv_tsc_ns)) && !selftest_failed(t))
		hv_verified(HV_REFERENCE_TSC);
}

static void race(struct selftest *t, u64 (*read)(void), unsigned reads)
{
	u64 handovers = 0, back;

	back = clock_race(read, &cpu_online_mask,
			  reads / cpumask_count(&cpu_online_mask), &handovers);
	EXPECT_EQ(t, back, 0);
	selftest_note(t, "%u reads, %llu of another CPU's", reads,
		      (unsigned long long)handovers);
}

void hv_test_monotonic(struct selftest *t)
{
	if (hv_test_runs(t, HV_REFERENCE_TSC))
		race(t, hv_tsc_ns, PAGE_READS);
}

void hv_test_counter_monotonic(struct selftest *t)
{
	if (hv_test_runs(t, HV_REFERENCE_COUNTER))
		race(t, hv_counter_ns, COUNTER_READS);
}

#define TIMER_NS       (2 * NSEC_PER_MSEC)
#define TIMER_LIMIT_NS (20 * NSEC_PER_SEC)
#define TIMER_LATE_NS  (10 * NSEC_PER_MSEC)
#define TIMER_EARLY_NS APART_NS
#define TIMER_CPUS     4
#define TIMER_NEVER    UINT64_MAX

/* What one CPU's timers did. */
struct trial {
	bool direct;
	int err;
	unsigned early;
	u64 late_ns; /* at best */
};

/* How late one came. */
static u64 one_timer(struct trial *trial, unsigned index)
{
	u64 due = hv_reference_ns() + TIMER_NS, seen, before;

	before = hv_stimer_seen_ns();
	trial->err = hv_stimer_set(index, trial->direct, due);
	if (trial->err)
		return TIMER_NEVER;
	/* Interrupts that are meant for others come in between. */
	do {
		seen = hv_stimer_seen_ns();
		if (seen > before && seen + TIMER_EARLY_NS >= due)
			return seen > due ? seen - due : 0;
		cpu_relax();
	} while (hv_reference_ns() < due + TIMER_LIMIT_NS);
	return TIMER_NEVER;
}

static void try_timers(void *arg)
{
	struct trial *trial = arg;
	unsigned index =
		trial->direct ? HV_STIMER_TEST_DIRECT : HV_STIMER_TEST_MESSAGE;

	trial->late_ns = TIMER_NEVER;
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		u64 late = one_timer(trial, index);

		if (late == TIMER_NEVER)
			return;
		trial->late_ns = MIN(trial->late_ns, late);
		if (late <= TIMER_LATE_NS)
			return;
	}
}

static void test_timers(struct selftest *t, bool direct)
{
	unsigned cpu, n = 0;
	u64 worst = 0;

	for_each_online_cpu(cpu) {
		struct thread_attr attr = { .bound = true, .cpu = cpu };
		struct trial trial = { .direct = direct };
		struct thread *thread;

		if (n++ == TIMER_CPUS)
			break;
		thread = thread_create("timer", try_timers, &trial, &attr);
		if (!EXPECT(t, thread))
			return;
		thread_join(thread);
		EXPECT_EQ(t, trial.err, 0);
		EXPECT(t, trial.late_ns <= TIMER_LATE_NS);
		worst = MAX(worst, trial.late_ns);
	}
	selftest_note(t, "at most %llu us late",
		      (unsigned long long)(worst / NSEC_PER_USEC));
}

void hv_test_direct_timers(struct selftest *t)
{
	if (!hv_test_runs(t, HV_DIRECT_TIMERS))
		return;
	test_timers(t, true);
	if (selftest_failed(t))
		return;
	hv_verified(HV_DIRECT_TIMERS);
	hv_verified(HV_STIMERS);
}

void hv_test_message_timers(struct selftest *t)
{
	u64 messages = hv_messages(), odd = hv_odd_messages();

	if (!hv_test_runs(t, HV_STIMERS) || !hv_test_runs(t, HV_SYNIC))
		return;
	test_timers(t, false);
	EXPECT_EQ(t, hv_odd_messages(), odd);
	if (!EXPECT(t, hv_messages() > messages) || selftest_failed(t))
		return;
	hv_verified(HV_STIMERS);
	hv_verified(HV_SYNIC);
}
