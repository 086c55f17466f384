/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an architecture provides for threads. What a switch keeps: the
 * registers that a called function must, the stack pointer, and nothing of
 * the floating-point unit, which the kernel does not use. Interrupts are masked
 * all the way.
 *
 * Besides, interrupt entry calls interrupt_enter() and interrupt_leave() of
 * <kernel/preempt.h>, and arch_stack_bounds() and the report of a fault know
 * the caller's stack from its struct thread.
 */
#pragma once

#include <kernel/thread.h>

/**
 * Prepare @thread, whose stack_low and stack_high are set, such that the first
 * arch_switch() to it calls @entry(prev) with interrupts masked on the empty
 * stack, as a function without a caller: there a backtrace ends. @entry does
 * not return.
 */
void arch_thread_init(struct thread *thread,
		      void (*entry)(struct thread *prev));

/**
 * Save @prev, the caller, and go on where @next stopped, which is
 * current_thread() already. Returns, when somebody switches back to @prev,
 * who ran on this CPU before that.
 */
struct thread *arch_switch(struct thread *prev, struct thread *next);
