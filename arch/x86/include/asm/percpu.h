/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU variables through GS, whose base is the distance from the boot
 * CPU's variables to this CPU's. The boot CPU's is 0.
 */
#pragma once

#include <asm/msr.h>

#define arch_percpu_read(v)                                             \
 ({                                                                     \
__typeof__(v) __value;                                                       \
__asm__ __volatile__("mov %%gs:%1, %0" : "=q"(__value) : "m"(v) : "memory"); \
__value;                                                                     \
 })

#define arch_percpu_write(v, value)                                            \
 do {                                                                          \
  __typeof__(v) __value = (value);                                             \
  __asm__ __volatile__("mov %1, %%gs:%0" : "=m"(v) : "q"(__value) : "memory"); \
 } while (0)

#define arch_percpu_add(v, n)                                                  \
 do {                                                                          \
  __typeof__(v) __value = (n);                                                 \
  __asm__ __volatile__("add %1, %%gs:%0" : "+m"(v) : "q"(__value) : "memory"); \
 } while (0)

/* Where this CPU's variables are; it is one of them. */
extern uintptr_t percpu__this_offset;

static inline uintptr_t arch_percpu_offset(void)
{
	return arch_percpu_read(percpu__this_offset);
}

static inline void arch_percpu_set_offset(uintptr_t offset)
{
	wrmsr(MSR_GS_BASE, offset);
	arch_percpu_write(percpu__this_offset, offset);
}
