/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Hyper-V's services buy: `bench hyperv` measures each beside what would
 * be done without it, in the same boot.
 */
#include <kernel/bench.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/preempt.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* Clocks. */

static int has_page(void)
{
	return hv_tsc_ns() ? 0 : -ENODEV;
}

static int has_counter(void)
{
	return hv_counter_ns() ? 0 : -ENODEV;
}

static void read_page(u64 count)
{
	while (count--)
		hv_tsc_ns();
}

static void read_counter(u64 count)
{
	while (count--)
		hv_counter_ns();
}

/* Interrupts to all other CPUs, until the last has taken its own. */

static struct cpumask others;
static unsigned call_counter;

static u64 taken(unsigned cpu)
{
	const char *name;
	u64 count = 0;

	arch_irq_counter(call_counter, cpu, &name, &count);
	return count;
}

static int find_others(const char *feature)
{
	const char *name;
	u64 count;

	others = cpu_online_mask;
	cpumask_clear(&others, smp_processor_id());
	if (!hv_runs(feature) || cpumask_empty(&others))
		return -ENODEV;
	for (call_counter = 0; arch_irq_counter(call_counter, 0, &name, &count);
	     call_counter++)
		if (!strcmp(name, "call"))
			return 0;
	return -ENODEV;
}

static int find_for_ipi(void)
{
	return find_others(HV_CLUSTER_IPI);
}

static int find_for_flush(void)
{
	return find_others(HV_REMOTE_FLUSH);
}

static void send_and_wait(void (*send)(const struct cpumask *, enum ipi_kind))
{
	unsigned last = 0, cpu;
	u64 before;

	for_each_cpu(cpu, &others)
		last = cpu;
	before = taken(last);
	preempt_disable();
	send(&others, IPI_CALL);
	preempt_enable();
	while (taken(last) == before)
		cpu_relax();
}

static void ipi_by_hypercall(u64 count)
{
	while (count--)
		send_and_wait(ipi_send_mask);
}

static void ipi_by_apic(u64 count)
{
	while (count--)
		send_and_wait(native_ipi_send_mask);
}

/* A page that nobody uses. */

static void flush_by_host(u64 count)
{
	uintptr_t va = (uintptr_t)&others;

	preempt_disable();
	while (count--)
		flush_tlb_others(va, va + 1);
	preempt_enable();
}

static void flush_by_ipi(u64 count)
{
	uintptr_t va = (uintptr_t)&others;

	preempt_disable();
	while (count--)
		native_flush_tlb_mask(&others, va, va + 1);
	preempt_enable();
}

static const struct bench_case hyperv_cases[] = {
	{ .name = "clock_page", .setup = has_page, .run = read_page },
	{ .name = "clock_register", .setup = has_counter, .run = read_counter },
	{ .name = "ipi_by_hypercall",
	  .setup = find_for_ipi,
	  .run = ipi_by_hypercall },
	{ .name = "ipi_by_apic", .setup = find_for_ipi, .run = ipi_by_apic },
	{ .name = "tlb_flush_by_host",
	  .setup = find_for_flush,
	  .run = flush_by_host },
	{ .name = "tlb_flush_by_ipi",
	  .setup = find_for_flush,
	  .run = flush_by_ipi },
	{},
};
BENCH_SUITE(hyperv, "hyperv", hyperv_cases);
