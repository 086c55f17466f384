/* SPDX-License-Identifier: BSD-2-Clause */
/* The running thread: in SP_EL0, which a kernel that stays at EL1 has free. */
#pragma once

#include <asm/sysreg.h>

struct thread;

/* Not volatile: no thread sees it change, so the compiler may keep it. */
static inline struct thread *arch_current(void)
{
	struct thread *thread;

	__asm__("mrs %0, sp_el0" : "=r"(thread));
	return thread;
}

static inline void arch_set_current(struct thread *thread)
{
	sysreg_write(sp_el0, (uintptr_t)thread);
}
