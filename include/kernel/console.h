/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Consoles: every active one gets all output and may give input. A console
 * that registers late is first given the whole log so far.
 */
#pragma once

#include <stdarg.h>
#include <kernel/compiler.h>

enum console_flags {
	/* Registered. Private to the console core. */
	CONSOLE_ACTIVE = BIT(0),
	/* Moves the cursor and understands ESC sequences (they all do here). */
	CONSOLE_ANSI = BIT(1),
};

/* One console. The driver owns the memory, which must stay for good. */
struct console {
	const char *name; /* as in console=: "ttyS0", "tty0", "hvc0" */
	/*
	 * Print @n bytes. "\n" means a new line at column 0: the driver adds a
	 * carriage return where its device needs one. Called with the console
	 * lock held, or without it in a panic; must be bounded in time, and
	 * must not printk. NULL: this one only gives input (a keyboard).
	 */
	void (*write)(struct console *con, const char *s, size_t n);
	/*
	 * One byte of input (0 to 255) or -1 when there is none. Keys that are
	 * not characters come as their VT100 sequences ("\033[A"). May be
	 * NULL. Never waits.
	 */
	int (*getc)(struct console *con);
	unsigned flags;
	void *private; /* the driver's */
	u64 seq;       /* next log record to print; the core's */
	struct console *next; /* the core's */
};

/**
 * Add @con and replay the log to it. With console= on the command line, only
 * the named consoles' output is used (input always is). Returns 0, -EEXIST
 * for a name that is taken, or -EPERM when console= leaves it out.
 */
int console_register(struct console *con);

/** Print what the log holds on every console. Any context; never waits. */
void console_flush(void);

/** Write @n bytes to every console, past the log, in order with it. */
void console_write(const char *s, size_t n);
void console_puts(const char *s);
/** As printf, past the log (the shell's answers). Up to 1023 bytes a call. */
void console_printf(const char *fmt, ...) __printf(1, 2);
void console_vprintf(const char *fmt, va_list ap) __printf(1, 0);

/** Next byte of input from any console, or -1. Never waits. */
int console_getc(void);

/** Visit: the first registered console, then con->next, until NULL. */
struct console *console_first(void);

/**
 * From now on print without taking locks, since their holder may be what
 * crashed, and at every level. Called once, by panic().
 */
void console_enter_panic(void);
