/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Variables of which each CPU has its own. They begin as zero on every CPU;
 * what needs another value is set by an initcall() on the boot CPU and by an
 * initcall_cpu() on the others.
 *
 *	static DEFINE_PER_CPU(u64, ticks);
 *
 *	this_cpu_add(ticks, 1);
 *	sum += per_cpu(ticks, cpu);
 *
 * Where the caller may be moved to another CPU, this_cpu_read/write/add() act
 * on the one it is on at that moment, and an interrupt on that CPU comes
 * before or after, never in between. this_cpu_ptr() is for callers that stay:
 * preemption disabled, interrupts masked, or a thread bound to its CPU. From
 * other CPUs an access is like that to any shared variable.
 */
#pragma once

#include <kernel/compiler.h>
#include <asm/percpu.h>

/*
 * From <asm/percpu.h>, for a variable of 1, 2, 4 or 8 bytes that is named as
 * the boot CPU has it:
 *   arch_percpu_read(v)  arch_percpu_write(v, value)  arch_percpu_add(v, n)
 *   uintptr_t arch_percpu_offset(void)   from the boot CPU's to this CPU's
 *   void arch_percpu_set_offset(uintptr_t offset)
 */

/* Plain uses of a variable's name, without this_cpu_ or per_cpu(), fail. */
#define DEFINE_PER_CPU(type, name) \
 __typeof__(type) percpu__##name __section(".bss.percpu")
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) percpu__##name

/** One instruction on most CPUs; integers and pointers. */
#define this_cpu_read(name)	arch_percpu_read(percpu__##name)
#define this_cpu_write(name, v) arch_percpu_write(percpu__##name, v)
#define this_cpu_add(name, n)	arch_percpu_add(percpu__##name, n)

#define __percpu_at(name, offset) \
 ((__typeof__(percpu__##name) *)((uintptr_t)&percpu__##name + (offset)))

/** Address of this CPU's. */
#define this_cpu_ptr(name) __percpu_at(name, arch_percpu_offset())

/** CPU @cpu's, which must be below cpu_count(): an lvalue. */
#define per_cpu(name, cpu) (*__percpu_at(name, percpu_offsets[cpu]))

/* From the boot CPU's variables to each CPU's, in bytes. */
extern uintptr_t percpu_offsets[CONFIG_NR_CPUS];

/**
 * Give CPU @cpu (not 0) its variables, all zero. 0 or -ENOMEM. Before it is
 * started; they stay when it fails to come up.
 */
int percpu_create(unsigned cpu);
