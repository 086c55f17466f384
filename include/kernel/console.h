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
	/* console= leaves it out: input only. Private to the console core. */
	CONSOLE_MUTED = BIT(2),
	/*
	 * Set by the driver in write() when its device took too long and
	 * output was thrown away. The core reports it, once.
	 */
	CONSOLE_STALLED = BIT(3),
	/* The core did report it. */
	CONSOLE_STALL_REPORTED = BIT(4),
	/* Set by the driver: it announces input, though it has no `irq`. */
	CONSOLE_ANNOUNCES = BIT(5),
};

/* One console. The driver owns the memory, which must stay while it is one. */
struct console {
	const char *name; /* as in console=: "ttyS0", "tty0", "hvc0" */
	/*
	 * Print @n bytes. "\n" means a new line at column 0: the driver adds a
	 * carriage return where its device needs one. Called with the console
	 * lock held, or without it in a panic (then perhaps in the middle of a
	 * call that was interrupted and never goes on); must be bounded in
	 * time, and must not printk. NULL: this one only gives input (a
	 * keyboard).
	 */
	void (*write)(struct console *con, const char *s, size_t n);
	/*
	 * Called after a run of writes, under the same conditions: show what
	 * was written. A screen paints here, once for many lines. May be NULL.
	 */
	void (*sync)(struct console *con);
	/*
	 * One byte of input (0 to 255) or -1 when there is none. Keys that are
	 * not characters come as their VT100 sequences ("\033[A"). May be
	 * NULL. Never waits.
	 */
	int (*getc)(struct console *con);
	/*
	 * Wait, for a bounded time, until the host has all that was written.
	 * Called when the machine is about to be left, interrupts masked and
	 * the other CPUs stopped. NULL: it has when sync() returns.
	 */
	void (*drain)(struct console *con);
	/*
	 * Its interrupts announce input; NULL: getc() must be asked often, or
	 * CONSOLE_ANNOUNCES is set.
	 */
	const struct irq_action *irq;
	unsigned flags;
	void *private;	      /* the driver's */
	u64 seq;	      /* next log record to print; the core's */
	struct console *next; /* the core's */
};

/**
 * Add @con and replay the log to it. With console= on the command line, only
 * the named consoles' output is used (input always is). Returns 0, -EEXIST
 * for a name that is taken, -EBUSY if another context printed for too long,
 * or -EPERM when console= leaves it out: it is then registered for input.
 */
int console_register(struct console *con);

/**
 * Undo console_register(), which accepted @con: its functions are not called
 * any more on return. Waits for who is printing. Not in interrupt context.
 */
void console_unregister(struct console *con);

/**
 * Let @con take the place of @old, which goes as by console_unregister():
 * what was printed on one is not printed on the other again. They may have the
 * same name. -ENOENT if @old is not registered, -EBUSY as console_register().
 * Not in interrupt context.
 */
int console_replace(struct console *old, struct console *con);

/**
 * The options that console= gives for console @name ("115200n8" in
 * console=ttyS0,115200n8), "" if it gives none, or NULL if it does not name
 * that console.
 */
const char *console_options(const char *name);

/** Print what the log holds on every console. Any context; never waits. */
void console_flush(void);

/**
 * The same, and wait, as console_write() does, for another context that prints
 * already: for who will be alone soon.
 */
void console_settle(void);

/**
 * Write @n bytes to every console, past the log, in order with it. Waits at
 * most CONSOLE_LOCK_TIMEOUT_MS for another context to finish printing, asleep
 * where the caller can be; the text then goes through the log instead of being
 * lost.
 */
void console_write(const char *s, size_t n);
void console_puts(const char *s);
/**
 * As printf, past the log (the shell's answers). Log lines may come in
 * between after each CONSOLE_PRINTF_RUN bytes.
 */
void console_printf(const char *fmt, ...) __printf(1, 2);
void console_vprintf(const char *fmt, va_list ap) __printf(1, 0);

#define CONSOLE_LOCK_TIMEOUT_MS 1000
#define CONSOLE_PRINTF_RUN	256

/** Next byte of input from any console, or -1. Never waits. */
int console_getc(void);

/**
 * Next byte of input, however long it takes. The caller sleeps meanwhile:
 * until input is announced where all consoles do that, else for
 * CONSOLE_POLL_MS at a time; without timers it spins, letting others run.
 */
u8 console_wait_char(void);

/** The same until time_ns() has reached @until_ns: false if none came. */
bool console_wait_char_until(u8 *byte, u64 until_ns);

/**
 * For interrupt handlers of consoles: getc() may have something now, or the
 * interrupts end. Any context but NMI.
 */
void console_input_ready(void);

#define CONSOLE_POLL_MS 10

/**
 * Visit: the first registered console, then con->next, until NULL. Between
 * console_visit() and console_leave() none of them goes away; both may be
 * called in any context, but console_unregister() waits for it.
 */
struct console *console_first(void);
void console_visit(void);
void console_leave(void);

/**
 * From now on print without taking locks, since their holder may be what
 * crashed, and at every level. Called once, by panic().
 */
void console_enter_panic(void);

/**
 * True from then on: a console's functions may have been interrupted in the
 * middle, or stopped on another CPU, and locks are perhaps never given up.
 */
bool console_panicking(void);

/** Have all consoles drained. Before the machine is left, as drain() says. */
void console_drain(void);
