/* SPDX-License-Identifier: BSD-2-Clause */
/* From a format to records of the log, and from a record to a line. */
#include <kernel/atomic.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>
#include "log.h"
#include "ring.h"

#define LOG_SLOTS (1U << CONFIG_LOG_SLOTS_SHIFT)

/* A message must not lap itself, nor most of what was there before. */
_Static_assert(LOG_MESSAGE_RECORDS_MAX * 2 <= LOG_SLOTS, "ring too small");

static struct log_slot log_slots[LOG_SLOTS];
static struct log_ring log = { .slots = log_slots, .count = LOG_SLOTS };

/* Linux's numbers: what is less than this is printed. */
#define LOGLEVEL_DEFAULT 7
#define LOGLEVEL_QUIET	 4

static unsigned loglevel = LOGLEVEL_DEFAULT;
static bool show_time = true;

static int set_quiet(const struct param *p, const char *value)
{
	(void)p;
	if (value)
		return -EINVAL;
	loglevel = LOGLEVEL_QUIET;
	return 0;
}

param_uint("loglevel", loglevel,
	   "print messages of levels below this (0 to 8, default 7)");
param_call("quiet", set_quiet, "print errors only: loglevel=4");
param_bool("printk.time", show_time, "begin lines with the time (default on)");

bool log_record_shown(const struct log_record *record)
{
	return record->level < loglevel || record->flags & LOG_ALWAYS;
}

/*
 * A message on its way into records. The first pass counts them, so that a
 * message of several gets neighbouring numbers; the second one writes them.
 * The usual message of one record needs no second pass: it is then complete
 * in @record.
 */
struct message {
	struct log_record record; /* the one being filled */
	u8 flags;		  /* as given to printk */
	bool line_ended;	  /* "\n" seen, and nothing after it yet */
	bool writing;		  /* second pass */
	u64 first;		  /* number of the first record */
	u64 reserved;
	u64 count; /* complete records so far */
};

/* The record is complete; a second pass writes it. */
static void message_emit(struct message *m)
{
	if (m->writing && m->count < m->reserved)
		log_ring_write(&log, m->first + m->count, &m->record);
	m->count++;
}

static void message_next_record(struct message *m, bool continues)
{
	if (continues)
		m->record.flags |= LOG_CONTINUES;
	message_emit(m);
	m->record.flags = continues ? m->flags | LOG_PLAIN : m->flags;
	m->record.length = 0;
	m->line_ended = false;
}

static void message_put_char(struct message *m, char c)
{
	if (m->line_ended)
		message_next_record(m, false);
	if (m->record.length == LOG_TEXT_MAX)
		message_next_record(m, true);
	m->record.text[m->record.length++] = c;
}

static void message_put_escaped(struct message *m, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	message_put_char(m, '\\');
	message_put_char(m, 'x');
	message_put_char(m, hex[c >> 4]);
	message_put_char(m, hex[c & 15]);
}

static void message_put(void *arg, const char *s, size_t n)
{
	struct message *m = arg;

	for (; n; s++, n--) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n') {
			if (m->line_ended)
				message_next_record(m, false);
			m->line_ended = true;
		} else if ((c < ' ' && c != '\t') || c == 0x7f) {
			message_put_escaped(m, c);
		} else {
			message_put_char(m, (char)c);
		}
	}
}

/* One pass. A message has at least one record, even if it is empty. */
static void message_format(struct message *m, const char *fmt, va_list ap)
{
	m->record.flags = m->flags;
	m->record.length = 0;
	m->line_ended = false;
	m->count = 0;
	vformat(message_put, m, fmt, ap);
	message_emit(m);
}

static void message_write(struct message *m, const char *fmt, va_list ap)
{
	m->reserved = MIN(m->count, (u64)LOG_MESSAGE_RECORDS_MAX);
	m->first = log_ring_reserve(&log, m->reserved);
	if (m->reserved == 1) {
		log_ring_write(&log, m->first, &m->record);
		return;
	}
	m->writing = true;
	message_format(m, fmt, ap);
	/* What the arguments point to may have become shorter meanwhile. */
	for (u64 i = m->count; i < m->reserved; i++)
		log_ring_write(&log, m->first + i, NULL);
}

void vprintk(enum log_level level, unsigned flags, const char *fmt, va_list ap)
{
	struct message m = {
		.record.level = (u8)level,
		.record.time_ns = time_ns(),
		.flags = flags & (LOG_PLAIN | LOG_ALWAYS),
	};

	message_format(&m, fmt, ap);
	message_write(&m, fmt, ap);
	console_flush();
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(level, flags, fmt, ap);
	va_end(ap);
}

bool log_read(u64 *seq, struct log_record *record)
{
	/* In a panic the writers that were interrupted do not come back. */
	return log_ring_read(&log, seq, record, console_panicking());
}

u64 log_dropped(void)
{
	return atomic_read(&log.dropped);
}

size_t log_format(const struct log_record *record, char *buf, size_t size)
{
	u64 us = record->time_ns / NSEC_PER_USEC;
	const char *end = record->flags & LOG_CONTINUES ? "" : "\n";
	int length = MIN((int)record->length, LOG_TEXT_MAX);
	int n = 0;

	if (show_time && !(record->flags & LOG_PLAIN))
		n = scnprintf(buf, size, "[%5llu.%06llu] ",
			      (unsigned long long)(us / 1000000),
			      (unsigned long long)(us % 1000000));
	n += scnprintf(buf + n, size - (size_t)n, "%.*s%s", length,
		       record->text, end);
	return (size_t)n;
}
