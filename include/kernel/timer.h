/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers with the clock's resolution. While none is due no interrupt is taken:
 * there is no tick. A handler runs once, in interrupt context, not before its
 * time; it may start its timer again.
 *
 * Each CPU has its own timers: a handler runs on the CPU that set its timer,
 * and on no two at once.
 */
#pragma once

#include <kernel/compiler.h>
#include <kernel/timer_heap.h>

struct timer {
	struct timer_node node; /* the core's, as `home` */
	void (*handler)(struct timer *timer);
	unsigned home; /* the CPU that it was set on, plus 1 */
};

/**
 * Call timer->handler on this CPU when time_ns() has reached @expires_ns; if
 * it is set already, here or on another CPU, the new time counts. While its
 * handler runs on another CPU it stays there. The timer is the caller's and
 * must stay until it has run or was cancelled; a zeroed one is not set. Any
 * context but NMI. Returns 0, or -ENODEV where there are no timers: before
 * level TIME. Where no device interrupts for them, from level BUS on a thread
 * looks: they run when whoever has the CPU sleeps or yields.
 */
int timer_start(struct timer *timer, u64 expires_ns);

/**
 * Returns true if @timer was set. When it returns the handler does not run,
 * and will not: if it is running on another CPU, it has returned, and what it
 * set again is cancelled. So the caller must hold no lock that the handler
 * takes, and two handlers must not cancel each other's timers. A timer that
 * only this CPU ever sets runs nowhere else: it is not waited for.
 *
 * From the timer's own handler it waits for nothing; it only takes back a
 * timer_start() made there. Any context but NMI.
 */
bool timer_cancel(struct timer *timer);

/**
 * True if timers interrupt this CPU: from level TIME on, on most machines.
 */
bool timer_available(void);

/** For clock events: the device interrupted. Interrupts masked. */
void timer_interrupt(void);

/** How often CPU @cpu, below cpu_count(), was interrupted for its timers. */
u64 timer_interrupt_count(unsigned cpu);

/** When the first timer of CPU @cpu is due; 0: it has none. */
u64 timer_next_ns(unsigned cpu);
