/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of timers and idling. */
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include "watchdog.h"

#define IDLE_MS 50
/* The host may take some of it before the timer is cancelled. */
#define CANCEL_MS 50
/* What an emulated machine on a busy host may be late. */
#define LATE_MAX_MS 1000

static struct {
	unsigned ran;
	u64 at[4];
	struct timer *order[4];
} seen;

static void note_run(struct timer *timer)
{
	if (seen.ran >= ARRAY_SIZE(seen.at))
		return;
	seen.at[seen.ran] = time_ns();
	seen.order[seen.ran] = timer;
	/* The idle loop of the test looks at this last. */
	WRITE_ONCE(seen.ran, seen.ran + 1);
}

/* A sleep cannot be bounded: see first that there are interrupts to end it. */
static bool has_timers(struct selftest *t)
{
	struct timer timer = { .handler = note_run };
	u64 start = time_ns();

	if (!timer_available()) {
		selftest_skip(t, "no timer interrupts");
		return false;
	}
	seen.ran = 0;
	timer_start(&timer, start);
	while (!READ_ONCE(seen.ran) &&
	       time_ns() - start < LATE_MAX_MS * NSEC_PER_MSEC)
		cpu_relax();
	timer_cancel(&timer);
	return EXPECT_EQ(t, seen.ran, 1);
}

/* Idle until @count handlers ran. False: it takes too long. */
static bool idle_until(unsigned count)
{
	u64 deadline = time_ns() + LATE_MAX_MS * NSEC_PER_MSEC;
	unsigned long state;

	for (;;) {
		state = local_irq_save();
		if (READ_ONCE(seen.ran) >= count || time_ns() > deadline)
			break;
		cpu_idle();
		local_irq_restore(state);
	}
	local_irq_restore(state);
	return READ_ONCE(seen.ran) >= count;
}

static void test_order(struct selftest *t)
{
	struct timer timers[3] = { { .handler = note_run },
				   { .handler = note_run },
				   { .handler = note_run } };
	static const u64 delay[] = { 3000000, 1000000, 2000000 };
	unsigned long state;
	u64 start;

	if (!has_timers(t))
		return;
	seen.ran = 0;
	/* None runs before all are set, however long the host takes. */
	state = local_irq_save();
	start = time_ns();
	for (unsigned i = 0; i < 3; i++)
		EXPECT_EQ(t, timer_start(&timers[i], start + delay[i]), 0);
	local_irq_restore(state);
	if (EXPECT(t, idle_until(3))) {
		EXPECT(t, seen.order[0] == &timers[1]);
		EXPECT(t, seen.order[1] == &timers[2]);
		EXPECT(t, seen.order[2] == &timers[0]);
		for (unsigned i = 0; i < 3; i++)
			EXPECT(t, seen.at[i] >= start + (i + 1) * 1000000);
		selftest_note(t, "late by %lu, %lu and %lu us",
			      (seen.at[0] - start) / 1000 - 1000,
			      (seen.at[1] - start) / 1000 - 2000,
			      (seen.at[2] - start) / 1000 - 3000);
	}
	for (unsigned i = 0; i < 3; i++)
		timer_cancel(&timers[i]);
}

/*
 * Interrupts that the devices need in @ms: a narrow clock must be looked at
 * before it wraps, and not every device can wait for long.
 */
static u64 interrupts_needed(u64 ms)
{
	const struct clocksource *cs = clocksource_current();
	u64 ns = ms * NSEC_PER_MSEC;
	u64 needed = ns / clockevent_current()->max_ns;

	if (cs->mask <= UINT32_MAX)
		needed +=
			ns / (clocksource_elapsed_ns(cs, 0, cs->mask) / 4) + 1;
	return needed;
}

static void test_cancel(struct selftest *t)
{
	struct timer timer = { .handler = note_run };
	u64 interrupts;

	if (!has_timers(t))
		return;
	interrupts = timer_interrupt_count(smp_processor_id());
	seen.ran = 0;
	EXPECT(t, !timer_cancel(&timer));
	timer_start(&timer, time_ns() + CANCEL_MS * NSEC_PER_MSEC);
	EXPECT(t, timer_cancel(&timer));
	udelay(CANCEL_MS * 1000 + 2000);
	EXPECT_EQ(t, seen.ran, 0);
	interrupts = timer_interrupt_count(smp_processor_id()) - interrupts;
	EXPECT(t, interrupts <= interrupts_needed(CANCEL_MS));
}

/*
 * While nothing is due there is no timer interrupt; what is due takes one, and
 * one more for each time that the device was early.
 */
static void test_tickless(struct selftest *t)
{
	struct timer timer = { .handler = note_run };
	u64 end, before, taken;

	if (!has_timers(t))
		return;
	end = time_ns() + IDLE_MS * NSEC_PER_MSEC;
	before = timer_interrupt_count(smp_processor_id());
	seen.ran = 0;
	timer_start(&timer, end);
	if (!EXPECT(t, idle_until(1)))
		timer_cancel(&timer);
	taken = timer_interrupt_count(smp_processor_id()) - before;
	EXPECT(t, time_ns() >= end);
	EXPECT(t, taken >= 1);
	EXPECT(t, taken <= 3 + interrupts_needed(IDLE_MS));
	selftest_note(t, "%lu timer interrupts in %u ms with one timer", taken,
		      IDLE_MS);
}

/* How late are timers that come at no particular moments? */
#define LATENESS_TIMERS	 64
#define LATENESS_STEP_NS 37000

static struct {
	struct timer timers[LATENESS_TIMERS];
	u64 late_ns[LATENESS_TIMERS]; /* in order */
} lateness;

static void note_lateness(struct timer *timer)
{
	u64 late = time_ns() - timer->node.key;
	unsigned i = seen.ran;

	for (; i > 0 && lateness.late_ns[i - 1] > late; i--)
		lateness.late_ns[i] = lateness.late_ns[i - 1];
	lateness.late_ns[i] = late;
	WRITE_ONCE(seen.ran, seen.ran + 1);
}

static void test_lateness(struct selftest *t)
{
	const u64 *late = lateness.late_ns;
	u64 due;

	if (!has_timers(t))
		return;
	seen.ran = 0;
	due = time_ns();
	for (unsigned i = 0; i < LATENESS_TIMERS; i++) {
		due += LATENESS_STEP_NS + i * 1000;
		lateness.timers[i].handler = note_lateness;
		timer_start(&lateness.timers[i], due);
	}
	if (EXPECT(t, idle_until(LATENESS_TIMERS))) {
		/* Before its time would be a huge number. */
		EXPECT(t,
		       late[LATENESS_TIMERS - 1] < LATE_MAX_MS * NSEC_PER_MSEC);
		selftest_note(t,
			      "late by %lu ns at least, %lu in the middle,"
			      " %lu in 15 of 16, %lu at most",
			      late[0], late[LATENESS_TIMERS / 2],
			      late[LATENESS_TIMERS * 15 / 16],
			      late[LATENESS_TIMERS - 1]);
	}
	for (unsigned i = 0; i < LATENESS_TIMERS; i++)
		timer_cancel(&lateness.timers[i]);
}

static const struct selftest_case time_cases[] = {
	{ .name = "timers-in-order", .run = test_order },
	{ .name = "timers-not-too-late", .run = test_lateness },
	{ .name = "cancelled-timer-silent", .run = test_cancel },
	{ .name = "idle-without-tick", .run = test_tickless },
	{},
};
SELFTEST_SUITE(time, "time", time_cases, 0);
