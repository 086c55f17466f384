/* SPDX-License-Identifier: BSD-2-Clause */
/* <asm/cpu.h> for host tests: no interrupts, and time that the test makes. */
#pragma once

#include <kernel/types.h>

int sched_yield(void);

/* The host may have fewer CPUs than the test has threads. */
static inline void cpu_relax(void)
{
	sched_yield();
}

static inline unsigned long local_irq_save(void)
{
	return 0;
}

static inline void local_irq_restore(unsigned long state)
{
	(void)state;
}

/** The test defines it if what it tests reads the counter. */
u64 cpu_counter(void);
