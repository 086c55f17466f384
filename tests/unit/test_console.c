/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console core. Consoles cannot be taken away again, so the tests share
 * two, and are in an order.
 */
#include <pthread.h>
#include "unit.h"
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>

/* Passes quickly, so that what waits for a console gives up in the end. */
u64 time_ns(void)
{
	static u64 now;

	return __atomic_add_fetch(&now, 100 * NSEC_PER_USEC, __ATOMIC_RELAXED);
}

/* A console that keeps what it was given. */
struct recorder {
	struct console console;
	char text[1 << 20];
	size_t length;
	unsigned writes, syncs;
	void (*on_write)(void); /* once, inside the next write */
	const char *input;
};

static void recorder_write(struct console *con, const char *s, size_t n)
{
	struct recorder *r = con->private;
	void (*interrupt)(void) = r->on_write;

	r->on_write = NULL;
	if (interrupt)
		interrupt();
	r->writes++;
	for (; n && r->length < sizeof(r->text) - 1; n--)
		r->text[r->length++] = *s++;
	r->text[r->length] = '\0';
}

static void recorder_sync(struct console *con)
{
	struct recorder *r = con->private;

	r->syncs++;
}

static int recorder_getc(struct console *con)
{
	struct recorder *r = con->private;

	return r->input && *r->input ? *r->input++ : -1;
}

#define RECORDER(id, n)                        \
 static struct recorder id = {                 \
	 .console = { .name = n,               \
		      .write = recorder_write, \
		      .sync = recorder_sync,   \
		      .getc = recorder_getc,   \
		      .private = &(id) },      \
 }

RECORDER(serial, "ttyS0");
RECORDER(screen, "tty0");
RECORDER(unwanted, "hvc0");

static void clear(struct recorder *r)
{
	r->length = 0;
	r->text[0] = '\0';
	r->writes = r->syncs = 0;
}

TEST(console_parameters_name_consoles_and_options)
{
	static char cmdline[] = "printk.time=0 console=ttyS0,115200n8 "
				"console=tty0 console=ttyS0,9600";

	CHECK(console_options("ttyS0") == NULL);
	CHECK_EQ(param_parse(cmdline), 0);
	CHECK_STR(console_options("ttyS0"), "9600");
	CHECK_STR(console_options("tty0"), "");
	CHECK(console_options("ttyS") == NULL);
	CHECK(console_options("ttyS00") == NULL);
	CHECK(console_options("hvc0") == NULL);
}

TEST(malformed_console_parameters_are_refused)
{
	static char bare[] = "console", empty[] = "console=";
	static char many[] = "console=a console=b console=c console=d "
			     "console=e console=f console=g";

	CHECK_EQ(param_parse(bare), 1);
	CHECK_EQ(param_parse(empty), 1);
	/* 3 + 7, of which 8 have room. */
	CHECK_EQ(param_parse(many), 2);
}

TEST(without_a_console_output_is_kept_in_the_log)
{
	u64 seq = 0;
	struct log_record record;

	pr_info("early");
	console_puts("goes nowhere\n");
	CHECK_EQ(console_getc(), -1);
	while (log_read(&seq, &record) && record.length != 5)
		continue;
	CHECK_MEM(record.text, "early", 5);
}

TEST(a_new_console_gets_the_whole_log_and_one_sync)
{
	pr_info("second");
	pr_debug("not for the consoles");
	CHECK_EQ(console_register(&serial.console), 0);
	CHECK(strstr(serial.text, "early\n"));
	CHECK(strstr(serial.text, "second\n"));
	CHECK(!strstr(serial.text, "not for the consoles"));
	CHECK(strstr(serial.text, "early\n") < strstr(serial.text, "second\n"));
	CHECK(serial.writes > 1);
	CHECK_EQ(serial.syncs, 1);
}

TEST(a_name_is_taken_once)
{
	static struct console again = { .name = "ttyS0" };

	CHECK_EQ(console_register(&again), -EEXIST);
	CHECK(console_first() == &serial.console);
	CHECK(serial.console.next == NULL);
}

TEST(a_console_left_out_gives_only_input)
{
	unwanted.input = "k";
	CHECK_EQ(console_register(&unwanted.console), -EPERM);
	pr_info("for the others");
	CHECK_EQ(unwanted.writes, 0);
	CHECK_EQ(console_getc(), 'k');
	CHECK_EQ(console_getc(), -1);
}

TEST(every_console_gets_everything)
{
	CHECK_EQ(console_register(&screen.console), 0);
	clear(&serial);
	clear(&screen);
	pr_info("one");
	console_printf("%s-%d\n", "two", 2);
	pr_info("three");
	CHECK_STR(serial.text, "one\ntwo-2\nthree\n");
	CHECK_STR(screen.text, serial.text);
}

TEST(long_console_output_is_not_cut)
{
	static char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	clear(&serial);
	console_printf("%s", text);
	CHECK_STR(serial.text, text);
}

static void interrupt_logs(void)
{
	pr_info("interrupt");
	/* It must not wait for the code that it interrupted either. */
	console_flush();
}

TEST(logging_on_top_of_the_owner_neither_waits_nor_gets_lost)
{
	clear(&serial);
	clear(&screen);
	serial.on_write = interrupt_logs;
	pr_info("interrupted");
	CHECK_STR(serial.text, "interrupted\ninterrupt\n");
	CHECK_STR(screen.text, "interrupted\ninterrupt\n");

	clear(&serial);
	clear(&screen);
	screen.on_write = interrupt_logs;
	console_puts("direct\n");
	CHECK_STR(serial.text, "direct\ninterrupt\n");
	CHECK_STR(screen.text, "direct\ninterrupt\n");
}

static void interrupt_writes(void)
{
	console_puts("past the log\n");
}

TEST(writing_on_top_of_the_owner_goes_through_the_log)
{
	clear(&serial);
	serial.on_write = interrupt_writes;
	pr_info("interrupted");
	CHECK_STR(serial.text, "interrupted\npast the log\n");
}

static void interrupt_floods(void)
{
	for (unsigned i = 0; i < (2U << CONFIG_LOG_SLOTS_SHIFT); i++)
		pr_info("flood");
}

TEST(a_lapped_console_says_how_much_it_lost)
{
	char expect[64];

	clear(&serial);
	serial.on_write = interrupt_floods;
	pr_info("interrupted");
	scnprintf(expect, sizeof(expect),
		  "interrupted\n** %u log records lost **\nflood\n",
		  1U << CONFIG_LOG_SLOTS_SHIFT);
	CHECK(str_has_prefix(serial.text, expect));
}

static void stall(void)
{
	serial.console.flags |= CONSOLE_STALLED;
}

TEST(a_stalled_console_is_reported_once)
{
	clear(&screen);
	serial.on_write = stall;
	pr_info("first");
	pr_info("second");
	CHECK(str_has_prefix(screen.text, "first\nttyS0: "));
	CHECK_EQ(screen.writes, 3);
}

RECORDER(early, "ttyS7");
RECORDER(late, "ttyS7");

static void drain_late(struct console *con)
{
	clear(con->private);
}

TEST(a_console_takes_the_place_of_another_and_repeats_nothing)
{
	late.console.drain = drain_late;
	CHECK_EQ(console_replace(&early.console, &late.console), -ENOENT);
	CHECK_EQ(console_register(&early.console), -EPERM);
	early.console.flags &= ~(unsigned)CONSOLE_MUTED;
	late.console.name = "ttyS0"; /* one that console= does not leave out */
	pr_info("by the early one");
	CHECK(strstr(early.text, "by the early one\n"));
	clear(&early);
	CHECK_EQ(console_replace(&early.console, &late.console), 0);
	pr_info("by the late one");
	CHECK_STR(late.text, "by the late one\n");
	CHECK_EQ(early.length, 0);
	CHECK(!(early.console.flags & CONSOLE_ACTIVE));
	console_drain();
	CHECK_EQ(late.length, 0);
	console_unregister(&late.console);
	pr_info("by nobody");
	CHECK_EQ(late.length, 0);
}

#define THREADS		 4
#define LINES_PER_THREAD 100

static void *log_lines(void *arg)
{
	for (unsigned i = 0; i < LINES_PER_THREAD; i++)
		pr_info("thread %c line %u end", *(char *)arg, i);
	return NULL;
}

/* Every line of every thread, each once, in its thread's order. */
static bool has_all_lines(const char *text)
{
	unsigned next[THREADS] = {};

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		unsigned id = (unsigned)(line[7] - 'a');
		char expect[64];

		if (!CHECK(id < THREADS))
			return false;
		scnprintf(expect, sizeof(expect), "thread %c line %u end\n",
			  'a' + id, next[id]++);
		if (!CHECK(str_has_prefix(line, expect)))
			return false;
	}
	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(next[i], LINES_PER_THREAD);
	return true;
}

TEST(concurrent_printks_are_all_printed_once)
{
	static char ids[THREADS] = { 'a', 'b', 'c', 'd' };
	pthread_t threads[THREADS];

	clear(&serial);
	clear(&screen);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, log_lines, &ids[i]);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK(has_all_lines(serial.text));
	CHECK(has_all_lines(screen.text));
}

static void crash(void)
{
	console_enter_panic();
	pr_emerg("panic");
	pr_debug("details");
	console_puts("direct\n");
}

TEST(a_panic_on_top_of_the_owner_prints_everything)
{
	clear(&serial);
	clear(&screen);
	serial.on_write = crash;
	pr_info("never finished");
	/* The panic is first, since its caller is suspended. */
	CHECK(str_has_prefix(serial.text, "panic\ndetails\ndirect\n"));
	CHECK(str_has_prefix(screen.text,
			     "never finished\npanic\ndetails\ndirect\n"));
}
