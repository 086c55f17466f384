/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of deferred work. */
#include <kernel/atomic.h>
#include <kernel/completion.h>
#include <kernel/cpu.h>
#include <kernel/selftest.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/work.h>

#define LIMIT_MS 10000
#define ITEMS	 32
#define RACES	 100

static struct {
	unsigned runs;
	unsigned inside;
	unsigned overlaps;
	bool atomic; /* it ran where it must not sleep */
} seen;

static void note_run(struct work *work __unused)
{
	if (atomic_fetch_add(&seen.inside, 1U))
		atomic_fetch_add(&seen.overlaps, 1U);
	atomic_fetch_add(&seen.runs, 1U);
	seen.atomic |= preempt_disabled();
	atomic_fetch_add(&seen.inside, -1U);
}

static void test_flush(struct selftest *t)
{
	static struct work items[ITEMS];

	seen.runs = 0;
	for (unsigned i = 0; i < ITEMS; i++) {
		items[i].fn = note_run;
		EXPECT(t, work_queue(&items[i]));
	}
	for (unsigned i = 0; i < ITEMS; i++)
		work_flush(&items[i]);
	EXPECT_EQ(t, seen.runs, ITEMS);
	EXPECT(t, !seen.atomic);
	/* Nothing to wait for. */
	work_flush(&items[0]);
	EXPECT(t, !work_cancel(&items[0]));
}

/* It queues itself while it runs, and is never run twice at a time. */
static void test_once_at_a_time(struct selftest *t)
{
	static struct work work = { .fn = note_run };
	unsigned queued = 0;

	seen.runs = 0;
	seen.overlaps = 0;
	for (unsigned i = 0; i < RACES; i++) {
		queued += work_queue(&work);
		if (i % 4 == 0)
			thread_yield();
	}
	work_flush(&work);
	EXPECT_EQ(t, seen.runs, queued);
	EXPECT_EQ(t, seen.overlaps, 0);
}

/* Cancelled or run: one of the two, each time, and nothing afterwards. */
static void test_cancel(struct selftest *t)
{
	static struct work work = { .fn = note_run };
	unsigned cancelled = 0;

	seen.runs = 0;
	for (unsigned i = 0; i < RACES; i++) {
		EXPECT(t, work_queue(&work));
		for (unsigned n = 0; n < i % 8 * 100; n++)
			cpu_relax();
		cancelled += work_cancel(&work);
		if (!EXPECT_EQ(t, atomic_read(&seen.runs) + cancelled, i + 1))
			break;
	}
	selftest_note(t, "%u of %u cancelled", cancelled, RACES);
}

static struct completion all_busy;
static unsigned busy;

static void block(struct work *work __unused)
{
	u64 until = time_ns() + LIMIT_MS * NSEC_PER_MSEC;

	if (atomic_fetch_add(&busy, 1U) + 1 == WORKERS_MAX - 1)
		complete_all(&all_busy);
	if (completion_wait_until(&all_busy, until))
		atomic_fetch_add(&seen.runs, 1U);
}

/* Work that sleeps does not keep other work from running. */
static void test_pool_grows(struct selftest *t)
{
	static struct work items[WORKERS_MAX - 1];

	busy = 0;
	seen.runs = 0;
	all_busy = (struct completion){ 0 };
	for (unsigned i = 0; i < ARRAY_SIZE(items); i++) {
		items[i].fn = block;
		work_queue(&items[i]);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(items); i++)
		work_flush(&items[i]);
	EXPECT_EQ(t, seen.runs, WORKERS_MAX - 1);
}

static void test_delayed(struct selftest *t)
{
	static struct delayed_work work = { .work.fn = note_run };
	u64 start = time_ns(), until = start + LIMIT_MS * NSEC_PER_MSEC;

	if (!timer_available()) {
		selftest_skip(t, "no timers");
		return;
	}
	seen.runs = 0;
	EXPECT_EQ(t, work_queue_at(&work, start + 2 * NSEC_PER_MSEC), 0);
	while (!atomic_read(&seen.runs) && time_ns() < until)
		thread_sleep_ns(NSEC_PER_MSEC / 10);
	EXPECT_EQ(t, seen.runs, 1);
	EXPECT(t, time_ns() - start >= 2 * NSEC_PER_MSEC);
	EXPECT(t, !work_cancel_delayed(&work));
	EXPECT_EQ(t, work_queue_at(&work, until), 0);
	EXPECT(t, work_cancel_delayed(&work));
	EXPECT_EQ(t, seen.runs, 1);
}

static const struct selftest_case work_cases[] = {
	{ .name = "flush-waits-for-all", .run = test_flush },
	{ .name = "once-at-a-time", .run = test_once_at_a_time },
	{ .name = "cancelled-or-run", .run = test_cancel },
	{ .name = "sleeping-work-blocks-no-other", .run = test_pool_grows },
	{ .name = "delayed", .run = test_delayed },
	{},
};
SELFTEST_SUITE(work, "work", work_cases, 0);
