/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Getting the log, and what goes past it, onto the consoles.
 *
 * One context at a time owns the consoles. Whoever has something to print
 * asks for it by counting up `requests` and then tries to become the owner.
 * If someone else is, perhaps the very code we interrupted, there is nothing
 * to wait for: an owner looks at `requests` again after it let go, and prints
 * what came meanwhile. So any context can print, NMI included, and nothing
 * stays behind in the log. Policy: the owner prints everybody's records, for
 * as long as there are any.
 */
#include <kernel/atomic.h>
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>
#include "log.h"

static struct console *consoles;
static u32 owned;
static u64 requests;
static bool panicking;
static u32 visitors; /* without being the owner */

#define CONSOLE_SELECT_MAX 8

/* How often who waits for the owner looks: a line takes some 100 us. */
#define OWNER_POLL_US 100

/* One console=name[,options]. */
static struct console_select {
	const char *name;
	size_t name_length;
	const char *options;
} selected[CONSOLE_SELECT_MAX];
static unsigned selected_count;

static int select_console(const struct param *p, const char *value)
{
	struct console_select *s = &selected[selected_count];
	const char *comma;

	(void)p;
	if (!value || !*value)
		return -EINVAL;
	if (selected_count == CONSOLE_SELECT_MAX)
		return -ERANGE;
	comma = strchr(value, ',');
	s->name = value;
	s->name_length = comma ? (size_t)(comma - value) : strlen(value);
	s->options = comma ? comma + 1 : "";
	selected_count++;
	return 0;
}

param_call("console", select_console,
	   "print on this console only, as in ttyS0,115200n8; may be repeated");

const char *console_options(const char *name)
{
	size_t length = strlen(name);

	/* From the end: of two for one console the last one counts. */
	for (unsigned i = selected_count; i-- > 0;) {
		if (selected[i].name_length == length &&
		    memcmp(selected[i].name, name, length) == 0)
			return selected[i].options;
	}
	return NULL;
}

bool console_panicking(void)
{
	return atomic_read(&panicking);
}

struct console *console_first(void)
{
	/* Acquire: pairs with console_append(), for what is in the console. */
	return atomic_load_acquire(&consoles);
}

static struct console *console_next(struct console *con)
{
	return atomic_load_acquire(&con->next);
}

static bool console_prints(const struct console *con)
{
	return con->write && !(con->flags & CONSOLE_MUTED);
}

static bool try_own(void)
{
	return atomic_xchg(&owned, 1) == 0;
}

static void print_lost(struct console *con, u64 lost)
{
	char line[64];
	int n = scnprintf(line, sizeof(line), "** %llu log records lost **\n",
			  (unsigned long long)lost);

	con->write(con, line, (size_t)n);
}

/* Print one record, if there is one. Returns false when there is not. */
static bool print_record(struct console *con)
{
	struct log_record record;
	char line[LOG_LINE_MAX];
	u64 first = atomic_read(&con->seq);
	u64 next = first;

	if (!log_read(&next, &record))
		return false;
	/*
	 * Before writing: if that crashes, the panic goes on behind this
	 * record instead of crashing on it again.
	 */
	atomic_write(&con->seq, next);
	if (record.seq > first)
		print_lost(con, record.seq - first);
	if (log_record_shown(&record) || console_panicking())
		con->write(con, line, log_format(&record, line, sizeof(line)));
	return true;
}

static void report_stall(struct console *con)
{
	if (!(con->flags & CONSOLE_STALLED) ||
	    (con->flags & CONSOLE_STALL_REPORTED) || console_panicking())
		return;
	con->flags |= CONSOLE_STALL_REPORTED;
	pr_warn("%s: the device does not take output, which is thrown away",
		con->name);
}

/* The owner's work, or what a panic does without asking. */
static void print_log(void)
{
	for (struct console *con = console_first(); con;
	     con = console_next(con)) {
		bool printed = false;

		if (!console_prints(con))
			continue;
		while (print_record(con))
			printed = true;
		if (printed && con->sync)
			con->sync(con);
		report_stall(con);
	}
}

/* Print what was asked for until nothing more was, and let go. */
static void print_and_disown(void)
{
	u64 served;

	do {
		/*
		 * Acquire: the records of these requests were committed before
		 * they were counted, so print_log() finds them.
		 */
		served = atomic_load_acquire(&requests);
		print_log();
		atomic_xchg(&owned, 0);
		/*
		 * Our store to `owned` is before our load of `requests`. Its
		 * peer in console_flush() counts up `requests` before it reads
		 * `owned`. So either it finds the consoles free, or we see its
		 * request here.
		 */
		fence_full();
	} while (atomic_load_acquire(&requests) != served && try_own());
}

void console_flush(void)
{
	if (console_panicking()) {
		print_log();
		return;
	}
	/* Sequentially consistent, as is try_own(): see print_and_disown(). */
	atomic_fetch_add(&requests, 1);
	if (try_own())
		print_and_disown();
}

/*
 * The owner may be a thread that is less urgent and waits for this very CPU,
 * so who can sleep does.
 */
static void let_owner_print(void)
{
	if (sched_running() && !preempt_disabled() && local_irq_enabled())
		thread_sleep_ns(OWNER_POLL_US * NSEC_PER_USEC);
	else
		cpu_relax();
}

/* Wait to be the owner, for callers that are no part of the log. */
static bool console_lock(void)
{
	u64 deadline = time_ns() + CONSOLE_LOCK_TIMEOUT_MS * NSEC_PER_MSEC;

	while (!console_panicking() && !try_own()) {
		if (time_ns() > deadline)
			return false;
		let_owner_print();
	}
	return true;
}

static void console_unlock(void)
{
	if (console_panicking())
		print_log();
	else
		print_and_disown();
}

void console_settle(void)
{
	if (!console_lock())
		return;
	print_log();
	console_unlock();
}

void console_write(const char *s, size_t n)
{
	if (!console_lock()) {
		printk(LOG_NOTICE, LOG_PLAIN, "%.*s", (int)n, s);
		return;
	}
	/* What was logged before comes first. */
	print_log();
	for (struct console *con = console_first(); con;
	     con = console_next(con)) {
		if (!console_prints(con))
			continue;
		con->write(con, s, n);
		if (con->sync)
			con->sync(con);
	}
	console_unlock();
}

void console_puts(const char *s)
{
	console_write(s, strlen(s));
}

struct console_run {
	size_t length;
	char text[CONSOLE_PRINTF_RUN];
};

static void run_put(void *arg, const char *s, size_t n)
{
	struct console_run *run = arg;

	while (n) {
		size_t part = MIN(n, sizeof(run->text) - run->length);

		memcpy(run->text + run->length, s, part);
		run->length += part;
		s += part;
		n -= part;
		if (run->length == sizeof(run->text)) {
			console_write(run->text, run->length);
			run->length = 0;
		}
	}
}

void console_vprintf(const char *fmt, va_list ap)
{
	struct console_run run;

	run.length = 0;
	vformat(run_put, &run, fmt, ap);
	if (run.length)
		console_write(run.text, run.length);
}

void console_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	console_vprintf(fmt, ap);
	va_end(ap);
}

void console_visit(void)
{
	/* Who waits for us to leave does not take our CPU. */
	preempt_disable();
	/* Sequentially consistent: before any look at the list. */
	atomic_fetch_add(&visitors, 1U);
}

void console_leave(void)
{
	atomic_fetch_add(&visitors, UINT32_MAX);
	preempt_enable();
}

static int input_of_any(void)
{
	for (struct console *con = console_first(); con;
	     con = console_next(con)) {
		int c = con->getc ? con->getc(con) : -1;

		if (c >= 0)
			return c;
	}
	return -1;
}

int console_getc(void)
{
	int c;

	console_visit();
	c = input_of_any();
	console_leave();
	return c;
}

/* At the end, for the order of output. Returns false if the name is taken. */
static bool console_append(struct console *con)
{
	struct console **link = &consoles;

	for (; *link; link = &(*link)->next) {
		if (strcmp((*link)->name, con->name) == 0)
			return false;
	}
	con->next = NULL;
	con->seq = 0;
	/* Release: what is in @con is before the pointer that leads to it. */
	atomic_store_release(link, con);
	return true;
}

/* True if console= leaves @con out. */
static bool activate(struct console *con)
{
	bool muted =
		con->write && selected_count && !console_options(con->name);

	con->flags &= ~(unsigned)CONSOLE_MUTED;
	con->flags |= CONSOLE_ACTIVE | (muted ? CONSOLE_MUTED : 0U);
	return muted;
}

int console_register(struct console *con)
{
	bool muted = activate(con), added;

	if (!console_lock())
		return -EBUSY;
	added = console_append(con);
	/* Prints the whole log on it, since it has printed nothing yet. */
	console_unlock();
	if (!added)
		return -EEXIST;
	return muted ? -EPERM : 0;
}

static struct console **link_to(struct console *con)
{
	struct console **link = &consoles;

	while (*link && *link != con)
		link = &(*link)->next;
	return link;
}

/*
 * Nobody finds @con in the list any more. Our store to the list is before our
 * loads of `visitors`. Their peer in console_visit() counts up before it reads
 * the list. So either it does not find @con, or we see that it is there.
 */
static void wait_for_visitors(struct console *con)
{
	fence_full();
	/* They only look whether there is input. */
	while (atomic_load_acquire(&visitors))
		cpu_relax();
	con->flags &= ~(unsigned)(CONSOLE_ACTIVE | CONSOLE_MUTED);
}

void console_unregister(struct console *con)
{
	struct console **link;

	/* Whoever prints is done in bounded time, and says so if it is long. */
	while (!console_lock())
		pr_warn("%s cannot go while others print: waiting", con->name);
	link = link_to(con);
	if (*link)
		atomic_write(link, con->next);
	console_unlock();
	wait_for_visitors(con);
}

int console_replace(struct console *old, struct console *con)
{
	struct console **link;
	bool found;

	activate(con);
	if (!console_lock())
		return -EBUSY;
	link = link_to(old);
	found = *link;
	if (found) {
		con->seq = old->seq;
		con->next = old->next;
		/* Release: what is in @con is before what leads to it. */
		atomic_store_release(link, con);
	}
	console_unlock();
	if (!found)
		return -ENOENT;
	wait_for_visitors(old);
	return 0;
}

void console_drain(void)
{
	for (struct console *con = console_first(); con;
	     con = console_next(con))
		if (con->drain)
			con->drain(con);
}

void console_enter_panic(void)
{
	atomic_write(&panicking, true);
}
