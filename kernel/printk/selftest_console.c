/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of the console core, with a console that only remembers. It
 * cannot be taken away again; between tests it prints nothing.
 */
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include "log.h"

/* A thread that a write starts, and how long that one's own writing took. */
struct interruption {
	struct thread *urgent;
	u64 took;
};

static struct {
	char text[256]; /* the first of what was written */
	size_t length;
	unsigned syncs;
	bool nest;			/* log on top of the next write */
	struct interruption *interrupt; /* of the next write, or NULL */
} seen;

static void start_urgent(struct interruption *i);

static void recorder_write(struct console *con, const char *s, size_t n)
{
	/* Drivers must not; this stands for an NMI in the middle of one. */
	if (seen.nest) {
		seen.nest = false;
		printk(LOG_EMERG, LOG_PLAIN, "# selftest: nested");
	}
	if (seen.interrupt) {
		struct interruption *interrupt = seen.interrupt;

		seen.interrupt = NULL;
		start_urgent(interrupt);
	}
	n = MIN(n, sizeof(seen.text) - 1 - seen.length);
	memcpy(seen.text + seen.length, s, n);
	seen.length += n;
	seen.text[seen.length] = '\0';
}

static void recorder_sync(struct console *con)
{
	seen.syncs++;
}

static struct console recorder = { .name = "selftest0" };

static void forget(void)
{
	memset(&seen, 0, sizeof(seen));
}

/* Returns false if the recorder cannot be used. */
static bool recorder_start(struct selftest *t)
{
	int ret = 0;

	forget();
	recorder.write = recorder_write;
	recorder.sync = recorder_sync;
	if (!(recorder.flags & CONSOLE_ACTIVE))
		ret = console_register(&recorder);
	/* console= does not name it, but it is no console of the user's. */
	recorder.flags &= ~(unsigned)CONSOLE_MUTED;
	return EXPECT(t, ret == 0 || ret == -EPERM);
}

static void recorder_stop(void)
{
	recorder.write = NULL;
}

static void test_replay(struct selftest *t)
{
	char line[LOG_LINE_MAX];
	struct log_record record;
	u64 seq = 0;
	bool again = recorder.flags & CONSOLE_ACTIVE;

	if (!recorder_start(t))
		return;
	/* As if it had never printed anything. */
	forget();
	recorder.seq = 0;
	console_flush();
	recorder_stop();
	EXPECT(t, seen.syncs == 1);
	if (again)
		selftest_note(t, "the console is from an earlier run");
	/* The oldest record comes first, unless some were lost before it. */
	if (!log_read(&seq, &record) || record.seq ||
	    !log_record_shown(&record))
		return;
	log_format(&record, line, sizeof(seen.text));
	EXPECT(t, str_has_prefix(seen.text, line));
}

static void test_order(struct selftest *t)
{
	const char *first, *second, *third;

	if (!recorder_start(t))
		return;
	forget();
	printk(LOG_EMERG, LOG_PLAIN, "# selftest: logged");
	console_puts("# selftest: written\n");
	printk(LOG_EMERG, LOG_PLAIN, "# selftest: logged again");
	recorder_stop();
	first = strstr(seen.text, "# selftest: logged\n");
	second = strstr(seen.text, "# selftest: written\n");
	third = strstr(seen.text, "# selftest: logged again\n");
	EXPECT(t, first && second && third && first < second && second < third);
}

static void test_nested(struct selftest *t)
{
	const char *outer, *inner;

	if (!recorder_start(t))
		return;
	forget();
	seen.nest = true;
	printk(LOG_EMERG, LOG_PLAIN, "# selftest: interrupted");
	recorder_stop();
	outer = strstr(seen.text, "# selftest: interrupted\n");
	inner = strstr(seen.text, "# selftest: nested\n");
	EXPECT(t, outer && inner && outer < inner);
}

/* Print, and say how long that took. */
static void urgent_main(void *took)
{
	u64 start = time_ns();

	console_puts("# selftest: urgent\n");
	*(u64 *)took = time_ns() - start;
}

static void relaxed_main(void *arg)
{
	seen.interrupt = arg;
	console_puts("# selftest: relaxed\n");
}

/* In the middle of relaxed_main()'s writing; it runs at once, on its CPU. */
static void start_urgent(struct interruption *i)
{
	const struct thread_attr attr = {
		.priority = THREAD_PRIORITY_HIGH,
		.bound = true,
		.cpu = smp_processor_id(),
	};

	i->urgent = thread_create("urgent", urgent_main, &i->took, &attr);
}

/* Who needs the owner's CPU lets it print. */
static void test_urgent(struct selftest *t)
{
	const struct thread_attr attr = {
		.priority = THREAD_PRIORITY_LOW,
		.bound = true,
		.cpu = smp_processor_id(),
	};
	struct interruption i = { 0 };
	struct thread *relaxed;

	if (!timer_available()) {
		selftest_skip(t, "there are no timers");
		return;
	}
	if (!recorder_start(t))
		return;
	forget();
	relaxed = thread_create("relaxed", relaxed_main, &i, &attr);
	if (relaxed)
		thread_join(relaxed);
	if (i.urgent)
		thread_join(i.urgent);
	recorder_stop();
	EXPECT(t, relaxed && i.urgent);
	EXPECT(t, strstr(seen.text, "# selftest: urgent\n"));
	EXPECT(t, i.took < CONSOLE_LOCK_TIMEOUT_MS * NSEC_PER_MSEC / 2);
}

static void test_active(struct selftest *t)
{
	unsigned n = 0;

	for (struct console *con = console_first(); con; con = con->next) {
		if (con->write && !(con->flags & CONSOLE_MUTED)) {
			selftest_note(t, "%s prints", con->name);
			EXPECT(t, !(con->flags & CONSOLE_STALLED));
			n++;
		}
	}
	if (!n)
		selftest_skip(t, "this machine has no console");
}

static const struct selftest_case console_cases[] = {
	{ .name = "active", .run = test_active },
	{ .name = "replay", .run = test_replay },
	{ .name = "order", .run = test_order },
	{ .name = "nested", .run = test_nested },
	{ .name = "urgent", .run = test_urgent },
	{},
};
SELFTEST_SUITE(console, "console", console_cases, 0);
