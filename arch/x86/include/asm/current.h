/* SPDX-License-Identifier: BSD-2-Clause */
/* The running thread: a per-CPU variable, which no thread sees change. */
#pragma once

#include <asm/percpu.h>

struct thread;
extern struct thread *percpu__current;

/* Not volatile: the compiler may keep it. */
static inline struct thread *arch_current(void)
{
	struct thread *thread;

	__asm__("mov %%gs:%1, %0" : "=r"(thread) : "m"(percpu__current));
	return thread;
}

static inline void arch_set_current(struct thread *thread)
{
	arch_percpu_write(percpu__current, thread);
}
