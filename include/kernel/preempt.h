/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeping other threads from running on this CPU, and being kept on it. Any
 * context but NMI; may be nested. Spinlocks do it for whoever holds one.
 */
#pragma once

#include <kernel/thread.h>

/* Added to preempt_count while an interrupt is handled. */
#define PREEMPT_INTERRUPT 0x10000U

/** Let another thread run now. Called by preempt_enable() if one should. */
void preempt_schedule(void);

/** The same at the end of an interrupt, where interrupts are masked. */
void preempt_schedule_interrupt(void);

static inline void preempt_disable(void)
{
	current_thread()->preempt_count++;
	barrier();
}

/** Undo one preempt_disable(), without looking for something to run. */
static inline void preempt_enable_no_resched(void)
{
	barrier();
	current_thread()->preempt_count--;
}

/** Look for something to run, if that should and may be. */
static inline void preempt_check(void)
{
	if (unlikely(READ_ONCE(current_thread()->need_resched)) &&
	    !current_thread()->preempt_count)
		preempt_schedule();
}

static inline void preempt_enable(void)
{
	preempt_enable_no_resched();
	preempt_check();
}

/** Around the handling of an interrupt. Interrupts masked. */
static inline void interrupt_enter(void)
{
	current_thread()->preempt_count += PREEMPT_INTERRUPT;
	barrier();
}

/** @unmasked: what was interrupted had interrupts unmasked. */
static inline void interrupt_leave(bool unmasked)
{
	barrier();
	current_thread()->preempt_count -= PREEMPT_INTERRUPT;
	if (READ_ONCE(current_thread()->need_resched) && unmasked &&
	    !current_thread()->preempt_count)
		preempt_schedule_interrupt();
}

/** True in an interrupt handler. */
static inline bool in_interrupt(void)
{
	return current_thread()->preempt_count >= PREEMPT_INTERRUPT;
}

/** True if this CPU cannot be taken from the caller, who must not sleep. */
static inline bool preempt_disabled(void)
{
	return current_thread()->preempt_count;
}
