/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: what runs. */
#pragma once

#include <kernel/compiler.h>
#include <asm/current.h>

/*
 * From <asm/current.h>:
 *   struct thread *arch_current(void)
 *   void arch_set_current(struct thread *)   on this CPU
 */

struct thread {
	/*
	 * How often preemption was disabled, plus PREEMPT_INTERRUPT for each
	 * interrupt being handled. Only the thread itself changes it.
	 */
	unsigned preempt_count;
	/* Another one should run: set on its CPU, or by IPI. */
	bool need_resched;
	const char *name;
};

/** The caller. Valid from the kernel's first C function on. */
static inline struct thread *current_thread(void)
{
	return arch_current();
}

/** What runs kernel_main(). */
extern struct thread boot_thread;
