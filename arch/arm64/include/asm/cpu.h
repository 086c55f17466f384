/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <asm/sysreg.h>
#include <kernel/compiler.h>

/* PSTATE.I, as DAIF has it. */
#define DAIF_I BIT(7)

#define CPU_RETURN_CODE  \
 {                       \
  0xc0, 0x03, 0x5f, 0xd6 \
 }

static inline void cpu_relax(void)
{
	__asm__ __volatile__("yield" ::: "memory");
}

/** Wait for an interrupt, masked or not. */
static inline void cpu_halt(void)
{
	__asm__ __volatile__("dsb sy; wfi" ::: "memory");
}

/*
 * The virtual count: what a hypervisor keeps steady for its guest. Without the
 * barrier it may be read long before the program asks.
 */
static inline u64 cpu_counter(void)
{
	isb();
	return sysreg_read(cntvct_el0);
}

static inline unsigned long local_irq_save(void)
{
	unsigned long flags = sysreg_read(daif);

	__asm__ __volatile__("msr daifset, #2" ::: "memory");
	return flags;
}

static inline void local_irq_restore(unsigned long flags)
{
	sysreg_write(daif, flags);
}

static inline void local_irq_disable(void)
{
	__asm__ __volatile__("msr daifset, #2" ::: "memory");
}

static inline void local_irq_enable(void)
{
	__asm__ __volatile__("msr daifclr, #2" ::: "memory");
}

static inline bool local_irq_enabled(void)
{
	return !(sysreg_read(daif) & DAIF_I);
}

/*
 * Sleep until an interrupt comes, then take it: a masked one wakes too, so
 * that none is slept through.
 */
static inline void cpu_sleep(void)
{
	cpu_halt();
	local_irq_enable();
	isb();
}
