/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the timers and the device that drives them. Interrupts masked. */
#pragma once

#include <kernel/types.h>

/* Times of nothing: no timer is due at 0. */
#define NOTHING_DUE 0

/**
 * Interrupt this CPU at @due_ns and not before; NOTHING_DUE: not at all. Under
 * the lock of this CPU's timers.
 */
void clockevent_arm(u64 due_ns);

/** Run this CPU's timers that are due, and arm the device for the next. */
void timers_run(void);

/** Nothing interrupts for timers of @cpu, but timers_poll() will be called. */
void timers_polled(unsigned cpu);

/** Run this CPU's timers that are due. In threads. */
void timers_poll(void);

/** Arm this CPU's device, which is another one than before. */
void timers_rearm(void);
