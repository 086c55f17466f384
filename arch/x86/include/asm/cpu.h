/* SPDX-License-Identifier: BSD-2-Clause */
/* Single instructions and control registers. */
#pragma once

#include <kernel/compiler.h>

#define X86_CR0_PE BIT(0)
#define X86_CR0_MP BIT(1)
#define X86_CR0_NE BIT(5)
#define X86_CR0_WP BIT(16)
#define X86_CR0_PG BIT(31)

#define X86_CR4_PAE  BIT(5)
#define X86_CR4_MCE  BIT(6)
#define X86_CR4_PGE  BIT(7)
#define X86_CR4_UMIP BIT(11)
#define X86_CR4_LA57 BIT(12)
#define X86_CR4_SMEP BIT(20)

#define X86_EFLAGS_IF BIT(9)

#define CPU_RETURN_CODE \
 {                      \
  0xc3                  \
 }

#define DEFINE_CR(n)                                                 \
 static inline u64 read_cr##n(void)                                  \
 {                                                                   \
  u64 v;                                                             \
  __asm__ __volatile__("mov %%cr" #n ", %0" : "=r"(v) : : "memory"); \
  return v;                                                          \
 }                                                                   \
 static inline void write_cr##n(u64 v)                               \
 {                                                                   \
  __asm__ __volatile__("mov %0, %%cr" #n : : "r"(v) : "memory");     \
 }
DEFINE_CR(0)
DEFINE_CR(2)
DEFINE_CR(3)
DEFINE_CR(4)

static inline void cpu_relax(void)
{
	__asm__ __volatile__("pause" ::: "memory");
}

static inline void cpu_halt(void)
{
	__asm__ __volatile__("hlt" ::: "memory");
}

static inline u64 cpu_counter(void)
{
	u32 low, high;

	__asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

/** The same, after every earlier load is done (SDM volume 2B, RDTSC). */
static inline u64 cpu_counter_lfence(void)
{
	u32 low, high;

	__asm__ __volatile__("lfence; rdtsc"
			     : "=a"(low), "=d"(high)
			     :
			     : "memory");
	return (u64)high << 32 | low;
}

/** The same, on CPUs that have the instruction. */
static inline u64 cpu_counter_rdtscp(void)
{
	u32 low, high;

	__asm__ __volatile__("rdtscp"
			     : "=a"(low), "=d"(high)
			     :
			     : "ecx", "memory");
	return (u64)high << 32 | low;
}

static inline unsigned long local_irq_save(void)
{
	unsigned long flags;

	__asm__ __volatile__("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
	return flags;
}

static inline void local_irq_restore(unsigned long flags)
{
	if (flags & X86_EFLAGS_IF)
		__asm__ __volatile__("sti" ::: "memory");
}

static inline void local_irq_disable(void)
{
	__asm__ __volatile__("cli" ::: "memory");
}

static inline void local_irq_enable(void)
{
	__asm__ __volatile__("sti" ::: "memory");
}

static inline bool local_irq_enabled(void)
{
	unsigned long flags;

	__asm__ __volatile__("pushfq; popq %0" : "=r"(flags) : : "memory");
	return flags & X86_EFLAGS_IF;
}

/*
 * Unmask interrupts and sleep until one was taken. sti takes effect after the
 * instruction that follows it, so that none comes between it and hlt.
 */
static inline void cpu_sleep(void)
{
	__asm__ __volatile__("sti; hlt" ::: "memory");
}

/** Drop this CPU's cached translation of the page at @va. */
static inline void invlpg(uintptr_t va)
{
	__asm__ __volatile__("invlpg (%0)" : : "r"(va) : "memory");
}
