/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices that interrupt once, after a time that is given each time. The best
 * one that works drives the timers of <kernel/timer.h>. Registered beside its
 * code with CLOCKEVENT(); at level TIME they are tried, the best first, until
 * one was seen to interrupt.
 *
 * Either every CPU has its own, or there is one, which interrupts the boot
 * CPU. That one is set for the first timer of all CPUs, and the boot CPU asks
 * the others to run theirs.
 */
#pragma once

#include <kernel/table.h>

struct clocksource;

/*
 * The calls are made with interrupts masked, but probe() and release(), which
 * are made at level TIME alone. A device that is one for all is set under a
 * lock, by any CPU.
 */
struct clockevent {
	const char *name; /* as in clockevent= */
	unsigned rating;
	bool per_cpu; /* each CPU has its own */
	/* Make it ready on this CPU, not running. 0 or -errno. */
	int (*probe)(void);
	/* Undo probe(): it is not used after all. May be NULL. */
	void (*release)(void);
	/* On another CPU, what probe() did on the boot CPU. May be NULL. */
	int (*init_cpu)(void);
	/* Interrupt once in @ns, in place of what was set before. */
	void (*set)(u64 ns);
	/* No interrupt. */
	void (*stop)(void);
	u64 max_ns; /* what set() takes; probe() may fill it in */
	/* Where this clock goes wrong the device does. NULL: it does not. */
	const struct clocksource *counts_by;
};

TABLE_DECLARE(struct clockevent, clockevent);

#define CLOCKEVENT(object) TABLE_ENTRY(struct clockevent, clockevent, 0, object)

/** Choose the best and start the timers. Once, at level TIME, boot CPU. */
void clockevent_init(void);

/**
 * Its clock went wrong: do without @event on all CPUs, if it is in use and
 * there is another one. Any context but NMI.
 */
void clockevent_withdraw(const struct clockevent *event);

/** The one in use, or NULL: this machine has none. */
const struct clockevent *clockevent_current(void);
