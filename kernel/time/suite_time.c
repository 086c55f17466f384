/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of clocks, timers and idling. */
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include "watchdog.h"

#define CLOCK_READS 100000
#define IDLE_MS	    50
/* The host may take some of it before the timer is cancelled. */
#define CANCEL_MS 50
/* What an emulated machine on a busy host may be late. */
#define LATE_MAX_MS 200

static bool has_timers(struct selftest *t)
{
	if (!timer_available())
		selftest_skip(t, "no timer interrupts");
	return timer_available();
}

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

/* The clocks agree within what a busy host may do to two readings. */
static void test_agree(struct selftest *t)
{
	const struct clocksource *a = clocksource_nth(0);
	const struct clocksource *b = clocksource_nth(1);
	u64 a0, b0, a_ns, b_ns;

	if (!b) {
		selftest_skip(t, "only one clock");
		return;
	}
	a0 = a->read();
	b0 = b->read();
	udelay(20000);
	b_ns = clocksource_elapsed_ns(b, b0, b->read());
	a_ns = clocksource_elapsed_ns(a, a0, a->read());
	selftest_note(t, "%lu ns by %s, %lu ns by %s", a_ns, a->name, b_ns,
		      b->name);
	EXPECT(t, a_ns / 2 < b_ns && b_ns / 2 < a_ns);
}

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

static void test_cancel(struct selftest *t)
{
	struct timer timer = { .handler = note_run };
	u64 interrupts = timer_interrupt_count(smp_processor_id());

	if (!has_timers(t))
		return;
	seen.ran = 0;
	EXPECT(t, !timer_cancel(&timer));
	timer_start(&timer, time_ns() + CANCEL_MS * NSEC_PER_MSEC);
	EXPECT(t, timer_cancel(&timer));
	udelay(CANCEL_MS * 1000 + 2000);
	EXPECT_EQ(t, seen.ran, 0);
	EXPECT_EQ(t, timer_interrupt_count(smp_processor_id()), interrupts);
}

/*
 * While nothing is due there is no timer interrupt; what is due takes one, and
 * one more for each time that the device was early.
 */
static void test_tickless(struct selftest *t)
{
	struct timer timer = { .handler = note_run };
	u64 start = time_ns(), end = start + IDLE_MS * NSEC_PER_MSEC;
	u64 before = timer_interrupt_count(smp_processor_id()), taken;

	if (!has_timers(t))
		return;
	/* A narrow clock must be looked at before it wraps. */
	if (clocksource_current()->mask <= UINT32_MAX) {
		selftest_skip(t, "%s wraps", clocksource_current()->name);
		return;
	}
	seen.ran = 0;
	timer_start(&timer, end);
	if (!EXPECT(t, idle_until(1)))
		timer_cancel(&timer);
	taken = timer_interrupt_count(smp_processor_id()) - before;
	EXPECT(t, time_ns() >= end);
	EXPECT(t, taken >= 1 && taken <= 3);
	selftest_note(t, "%lu timer interrupts in %u ms with one timer", taken,
		      IDLE_MS);
}

static const struct selftest_case time_cases[] = {
	{ .name = "clock-monotonic", .run = test_monotonic },
	{ .name = "clocks-agree", .run = test_agree },
	{ .name = "timers-in-order", .run = test_order },
	{ .name = "cancelled-timer-silent", .run = test_cancel },
	{ .name = "idle-without-tick", .run = test_tickless },
	{},
};
SELFTEST_SUITE(time, "time", time_cases, 0);
