/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices that interrupt once, after a time that is given each time. The best
 * one that works drives the timers of <kernel/timer.h>. Registered beside its
 * code with CLOCKEVENT(); all are tried at level TIME, the best first.
 */
#pragma once

#include <kernel/table.h>

struct clockevent {
	const char *name;
	unsigned rating;
	/* Make it ready, not running. 0 or -errno. */
	int (*probe)(void);
	/* Interrupt once in @ns, in place of what was set before. */
	void (*set)(u64 ns);
	/* No interrupt. */
	void (*stop)(void);
	u64 max_ns; /* what set() takes; probe() may fill it in */
};

TABLE_DECLARE(struct clockevent, clockevent);

#define CLOCKEVENT(object) TABLE_ENTRY(struct clockevent, clockevent, 0, object)

/** Choose the best and start the timers. Once, at level TIME. */
void clockevent_init(void);

/**
 * Do without @event from now on: another is chosen if it was in use. Any
 * context.
 */
void clockevent_withdraw(struct clockevent *event);

/** The one in use, or NULL: this machine has none. */
const struct clockevent *clockevent_current(void);
