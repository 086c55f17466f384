/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers with the clock's resolution. While none is due no interrupt is taken:
 * there is no tick. A handler runs once, in interrupt context, not before its
 * time; it may start its timer again.
 */
#pragma once

#include <kernel/compiler.h>
#include <kernel/timer_heap.h>

struct timer {
	struct timer_node node; /* the core's */
	void (*handler)(struct timer *timer);
};

/**
 * Call timer->handler when time_ns() has reached @expires_ns; if it is set
 * already, the new time counts. The timer is the caller's and must stay until
 * it has run or was cancelled; a zeroed one is not set. Any context but NMI.
 * Returns 0, or -ENODEV where there are no timers.
 */
int timer_start(struct timer *timer, u64 expires_ns);

/** Returns true if @timer was set; its handler does not run any more. */
bool timer_cancel(struct timer *timer);

/** True if timer_start() works here: from level TIME on, on most machines. */
bool timer_available(void);

/** For clock events: the device interrupted. Interrupts masked. */
void timer_interrupt(void);

/** How often timer_interrupt() was called. */
u64 timer_interrupt_count(void);
