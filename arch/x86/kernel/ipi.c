/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts from CPU to CPU. */
#include <abi/apic.h>
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/msr.h>
#include <asm/smp.h>
#include <kernel/arch_smp.h>
#include <kernel/smp.h>
#include <kernel/virt/x86.h>

u32 arch_ipi_command(enum ipi_kind kind)
{
	switch (kind) {
	case IPI_CALL: return APIC_ICR_FIXED | VECTOR_CALL;
	case IPI_RESCHEDULE: return APIC_ICR_FIXED | VECTOR_RESCHEDULE;
	case IPI_STOP: return APIC_ICR_FIXED | VECTOR_STOP;
	default: return APIC_ICR_NMI;
	}
}

static void send_by_memory(u32 id, u32 command)
{
	/* Two registers: a sender that interrupts us must not come between. */
	unsigned long irq = local_irq_save();

	apic_wait_sent();
	apic_write(APIC_ICR_HIGH, id << APIC_ICR_HIGH_DEST);
	apic_write(APIC_ICR, command);
	local_irq_restore(irq);
}

static void send_by_msr(u32 id, u32 command)
{
	/*
	 * This MSR may be written before earlier stores are seen (SDM 3A,
	 * 10.12.3), which the target's handler relies on.
	 */
	__asm__ __volatile__("mfence; lfence" ::: "memory");
	wrmsr(APIC_X2_MSR(APIC_ICR), (u64)id << 32 | command);
}

void apic_send(u32 id, u32 command)
{
	if (apic_is_x2())
		send_by_msr(id, command | APIC_ICR_ASSERT);
	else
		send_by_memory(id, command | APIC_ICR_ASSERT);
}

void native_ipi_send(unsigned cpu, enum ipi_kind kind)
{
	apic_send((u32)arch_cpu_id(cpu), arch_ipi_command(kind));
}

/* One command for all, if "all" is just who is meant. */
static bool is_everybody_else(const struct cpumask *mask)
{
	return smp_all_cpus_run() && cpumask_count(mask) == cpu_count() - 1;
}

void native_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind)
{
	unsigned cpu;

	if (kind != IPI_NMI && is_everybody_else(mask)) {
		apic_send(0, arch_ipi_command(kind) | APIC_ICR_OTHERS);
		return;
	}
	for_each_cpu(cpu, mask)
		native_ipi_send(cpu, kind);
}

DEFINE_STATIC_CALL(ipi_send, native_ipi_send);
DEFINE_STATIC_CALL(ipi_send_mask, native_ipi_send_mask);

void ipi_dispatch(unsigned vector)
{
	if (vector == VECTOR_CALL)
		smp_call_interrupt();
	else if (vector == VECTOR_RESCHEDULE)
		smp_reschedule_interrupt();
	else
		smp_stop_interrupt();
}
