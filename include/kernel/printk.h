/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel log: a lock-free ring of records, written from any context
 * including NMI, machine check and panic, read by `dmesg` and by the consoles.
 *
 * A line longer than LOG_TEXT_MAX continues in further records
 * (LOG_CONTINUES). When readers are lapped they skip ahead and learn how many
 * records were lost.
 */
#pragma once

#include <stdarg.h>
#include <kernel/compiler.h>

enum log_level {
	LOG_EMERG,
	LOG_ALERT,
	LOG_CRIT,
	LOG_ERR,
	LOG_WARNING,
	LOG_NOTICE,
	LOG_INFO,
	LOG_DEBUG,
};

enum log_flags {
	/* For people and harnesses to read: no timestamp on the consoles. */
	LOG_PLAIN = BIT(0),
	/*
	 * The next record carries on this line; that one is LOG_PLAIN. Set by
	 * printk itself.
	 */
	LOG_CONTINUES = BIT(1),
	/* Somebody asked for it: the consoles print it at any loglevel. */
	LOG_ALWAYS = BIT(2),
};

/* Bytes of text in one record, without a terminator. */
#define LOG_TEXT_MAX 232

/* Records that one printk() may write. */
#define LOG_MESSAGE_RECORDS_MAX 32

struct log_record {
	u64 seq;     /* position in the log since boot, from 0 */
	u64 time_ns; /* time_ns() when it was written */
	u8 level;    /* enum log_level */
	u8 flags;    /* enum log_flags */
	u16 length;  /* bytes used in text */
	char text[LOG_TEXT_MAX];
};

/**
 * Append one line to the log and let the consoles print it. @fmt needs no
 * newline at its end; newlines inside it start new records, which no other
 * message comes between; what does not fit into LOG_MESSAGE_RECORDS_MAX
 * records is cut off. Control characters, which could come from firmware and
 * upset a terminal, are stored as "\xNN" (but not "\t"). Any context.
 * Conversions: %% c d i o s u x X p, flags "-+ 0#", width, precision, `*`,
 * lengths hh h l ll z j t; %pS prints an address as symbol+offset/size. There
 * is no floating point. Unknown conversions are printed as they stand.
 */
void printk(enum log_level level, unsigned flags, const char *fmt, ...)
	__printf(3, 4);
void vprintk(enum log_level level, unsigned flags, const char *fmt, va_list ap)
	__printf(3, 0);

/* Define pr_fmt before the includes to prefix a file's messages. */
#ifndef pr_fmt
# define pr_fmt(fmt) fmt
#endif

#define pr_emerg(fmt, ...)  printk(LOG_EMERG, 0, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...)    printk(LOG_ERR, 0, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)   printk(LOG_WARNING, 0, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice(fmt, ...) printk(LOG_NOTICE, 0, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...)   printk(LOG_INFO, 0, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_debug(fmt, ...)  printk(LOG_DEBUG, 0, pr_fmt(fmt), ##__VA_ARGS__)
/** A line of its own form (banner, detection lines, KTAP): no timestamp. */
#define pr_plain(fmt, ...) printk(LOG_NOTICE, LOG_PLAIN, fmt, ##__VA_ARGS__)

/**
 * Copy the record at *@seq, or the oldest one after it that still exists, to
 * @record and set *@seq to the one after. Returns false when there is none
 * yet. Any context. record->seq minus the old *@seq is the number lost.
 */
bool log_read(u64 *seq, struct log_record *record);

/**
 * Records a writer had to drop since boot: their slot's last writer was
 * interrupted while the whole ring was written.
 */
u64 log_dropped(void);

/**
 * Format @record as a console line into @buf ("[    0.001234] text\n", or the
 * text alone when LOG_PLAIN or with printk.time=0; no newline when
 * LOG_CONTINUES). Terminated. Returns its length, at most @size - 1.
 */
size_t log_format(const struct log_record *record, char *buf, size_t size);

/** Bytes that are enough for log_format(). */
#define LOG_LINE_MAX (LOG_TEXT_MAX + 32)
