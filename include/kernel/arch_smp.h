/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What kernel/smp asks of the architecture, and what it offers it.
 *
 * The start of CPUs, on the boot CPU at level SMP:
 *   arch_smp_enumerate()   who is there
 *   arch_cpu_prepare(cpu)  memory for each of them
 *   arch_cpus_start(mask)  off they go, all at the same time
 *   arch_cpus_started()    the memory that only starting needed
 *
 * A CPU that starts has, when it calls smp_secondary_main(): its per-CPU
 * variables (arch_percpu_set_offset()), current_thread() set to
 * per_cpu(idle_thread, cpu), a stack with a guard, the kernel's page tables
 * with the rights and types that the boot CPU has, exceptions caught, and its
 * interrupt controller ready to take IPIs. Interrupts are masked.
 */
#pragma once

#include <kernel/cpumask.h>
#include <kernel/percpu.h>
#include <kernel/static_call.h>
#include <kernel/thread.h>

/**
 * Find the CPUs that can be started, and number at most @max of them in
 * firmware's order, the boot CPU, this one, being 0. How many have a number.
 * *@left_alone is how many more firmware calls enabled.
 */
unsigned arch_smp_enumerate(unsigned max, unsigned *left_alone);

/** What the hardware calls @cpu (APIC ID, MPIDR), below cpu_count(). */
u64 arch_cpu_id(unsigned cpu);

/** What such numbers are called, for people: "APIC ID". */
const char *arch_cpu_id_name(void);

/** Stacks and the like for @cpu, whose per-CPU variables exist. 0 or -ENOMEM.
 */
int arch_cpu_prepare(unsigned cpu);

/**
 * Start all CPUs in @mask, and return without waiting for them. 0, or -errno
 * and one message when none can be. One that could not be started is found
 * missing later.
 */
int arch_cpus_start(const struct cpumask *mask);

/**
 * Every CPU is up, or given up if not @all: then what such a CPU may still
 * run through stays.
 */
void arch_cpus_started(bool all);

/** Drop all of this CPU's translations, global ones too. */
void arch_tlb_flush_local(void);

/* Interrupts from one CPU to another. */
enum ipi_kind {
	IPI_CALL,	/* smp_call_interrupt() */
	IPI_RESCHEDULE, /* smp_reschedule_interrupt() */
	IPI_STOP,	/* smp_stop_interrupt() */
	IPI_NMI,	/* smp_nmi(), also where interrupts are masked */
};

/*
 * Paravirtual operations: see <kernel/static_call.h>. The architecture defines
 * each with what it does without a hypervisor's help. Any context but NMI. The
 * target's handler sees everything that was stored before the call. CPUs that
 * are not online may or may not be interrupted. The sender is not in @mask.
 */
DECLARE_STATIC_CALL(void, ipi_send, (unsigned cpu, enum ipi_kind kind));
DECLARE_STATIC_CALL(void, ipi_send_mask,
		    (const struct cpumask *mask, enum ipi_kind kind));

/**
 * Drop the translations of [@start, @end) on all online CPUs but this one,
 * which is done when it returns. Preemption disabled, interrupts unmasked.
 */
DECLARE_STATIC_CALL(void, flush_tlb_others, (uintptr_t start, uintptr_t end));

/** Unmask interrupts and sleep until one was taken, as cpu_sleep() does. */
DECLARE_STATIC_CALL(void, idle_wait, (void));

/* What the architecture calls. Interrupts masked. */

/** A started CPU's way into the kernel. */
__noreturn void smp_secondary_main(unsigned cpu);

/** That CPU @cpu is on its way or up: it need not be asked to start again. */
bool smp_cpu_was_seen(unsigned cpu);

void smp_call_interrupt(void);
void smp_reschedule_interrupt(void);
void smp_stop_interrupt(void);

/** An NMI at @ip; @frame is the frame pointer there. False: not an IPI. */
bool smp_nmi(uintptr_t ip, uintptr_t frame);

/** What a CPU runs when there is nothing to do. */
DECLARE_PER_CPU(struct thread, idle_thread);
