/* SPDX-License-Identifier: BSD-2-Clause */
/* <asm/cpu.h> for host tests: time and interrupts are what the test makes. */
#pragma once

#include <kernel/types.h>

int sched_yield(void);

/* Tests with interrupts define these. */
unsigned long unit_irq_save(void) __attribute__((weak));
void unit_irq_restore(unsigned long state) __attribute__((weak));
void unit_relax(void) __attribute__((weak));

static inline void cpu_relax(void)
{
	/* The host may have fewer CPUs than the test has threads. */
	if (unit_relax)
		unit_relax();
	else
		sched_yield();
}

static inline unsigned long local_irq_save(void)
{
	return unit_irq_save ? unit_irq_save() : 0;
}

static inline void local_irq_restore(unsigned long state)
{
	if (unit_irq_restore)
		unit_irq_restore(state);
}

static inline void local_irq_enable(void)
{
}

static inline bool local_irq_enabled(void)
{
	return true;
}

/** The test defines it if what it tests reads the counter. */
u64 cpu_counter(void);
