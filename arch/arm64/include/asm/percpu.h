/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU variables through TPIDR_EL1, the distance from the boot CPU's
 * variables to this CPU's. The boot CPU's is 0.
 */
#pragma once

#include <asm/sysreg.h>

/* Volatile: the caller may be on another CPU each time. */
static inline uintptr_t arch_percpu_offset(void)
{
	return sysreg_read(tpidr_el1);
}

static inline void arch_percpu_set_offset(uintptr_t offset)
{
	sysreg_write(tpidr_el1, offset);
}

#define __arch_percpu_at(v) \
 ((__typeof__(v) *)((uintptr_t) & (v) + arch_percpu_offset()))

#define arch_percpu_read(v) \
 __atomic_load_n(__arch_percpu_at(v), __ATOMIC_RELAXED)
#define arch_percpu_write(v, value) \
 __atomic_store_n(__arch_percpu_at(v), value, __ATOMIC_RELAXED)
/*
 * Atomic, because the caller may be moved to another CPU between finding the
 * variable and adding to it.
 */
#define arch_percpu_add(v, n) \
 ((void)__atomic_fetch_add(__arch_percpu_at(v), n, __ATOMIC_RELAXED))
