/* SPDX-License-Identifier: BSD-2-Clause */
/* Stopping the other CPUs for good, and asking one where it is. */
#define pr_fmt(fmt) "smp: " fmt

#include <kernel/arch_smp.h>
#include <kernel/cpu.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/symbols.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include "internal.h"

/* For an interrupt, and then again for an NMI. */
#define STOP_TIMEOUT_MS 500

static unsigned stopper; /* CPU + 1 */
static DEFINE_PER_CPU(unsigned, asked_where);

void cpu_park(void)
{
	local_irq_disable();
	for (;;)
		cpu_halt();
}

static __noreturn void stop_here(void)
{
	virt_services_stop_cpu();
	cpumask_clear_atomic(&cpu_online_mask, smp_processor_id());
	cpu_park();
}

void smp_stop_interrupt(void)
{
	/* Any device can send this vector. */
	if (atomic_read(&stopper))
		stop_here();
}

static void others_online(struct cpumask *mask)
{
	for (unsigned i = 0; i < CPUMASK_WORDS; i++)
		mask->bits[i] = atomic_read(&cpu_online_mask.bits[i]);
	cpumask_clear(mask, smp_processor_id());
}

/* Interrupt those that run; true when none does any more. */
static bool stop_by(enum ipi_kind kind)
{
	u64 deadline = time_ns() + STOP_TIMEOUT_MS * NSEC_PER_MSEC;
	struct cpumask others;

	others_online(&others);
	if (!cpumask_empty(&others))
		ipi_send_mask(&others, kind);
	while (!cpumask_empty(&others) && time_ns() < deadline) {
		cpu_relax();
		others_online(&others);
	}
	return cpumask_empty(&others);
}

void smp_stop_others(void)
{
	/* First of all: a thread that moves on would stop itself. */
	unsigned long irq = local_irq_save();
	unsigned self = smp_processor_id() + 1, before = 0;

	if (!atomic_cmpxchg(&stopper, &before, self) && before != self)
		stop_here();
	if (before != self && !stop_by(IPI_STOP) && !stop_by(IPI_NMI))
		pr_emerg("%u CPUs do not stop",
			 cpumask_count(&cpu_online_mask) - 1);
	local_irq_restore(irq);
}

void smp_ask_where(unsigned cpu)
{
	atomic_write(&per_cpu(asked_where, cpu), 1U);
	ipi_send(cpu, IPI_NMI);
}

bool smp_nmi(uintptr_t ip, uintptr_t frame)
{
	unsigned by = atomic_read(&stopper);

	if (by && by != smp_processor_id() + 1)
		stop_here();
	if (!atomic_xchg(this_cpu_ptr(asked_where), 0U))
		return false;
	pr_warn("CPU %u is at %pS", smp_processor_id(), (void *)ip);
	backtrace_print(frame);
	return true;
}
