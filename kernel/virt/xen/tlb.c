/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a CPU does not run, others need not wait until it does: one hypercall
 * has Xen flush the TLBs of all CPUs, those before they run again; and who
 * called a CPU gives up its own for it.
 *
 * Policy: while all run they are interrupted, which flushes only what changed.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/smp.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_tlb, no_yield;
param_bool("no-xen-flush-tlbs", no_tlb,
	   "interrupt all CPUs to flush TLBs, also those that do not run");
param_bool("no-xen-yield", no_yield,
	   "do not yield to CPUs that were sent an IPI and do not run");

static u64 flushes, yields;

static bool all_run(const struct cpumask *mask)
{
	unsigned cpu;

	for_each_cpu(cpu, mask)
		if (xen_does_not_run(cpu))
			return false;
	return true;
}

void xen_flush_tlb_others(uintptr_t start, uintptr_t end);
void xen_flush_tlb_others(uintptr_t start, uintptr_t end)
{
	struct cpumask mask = cpu_online_mask;

	cpumask_clear(&mask, smp_processor_id());
	/* The changes of page tables are seen before who runs is read. */
	fence_full();
	if (!all_run(&mask) && !xen_hvm_op(HVMOP_flush_tlbs, NULL))
		atomic_fetch_add_relaxed(&flushes, (u64)1);
	else if (!cpumask_empty(&mask))
		native_flush_tlb_mask(&mask, start, end);
}

u64 xen_tlb_flushes(void)
{
	return atomic_read(&flushes);
}

static int start_tlb(void)
{
	return static_call_update(flush_tlb_others, xen_flush_tlb_others);
}

static const struct virt_service tlb_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XEN_FLUSH,
	.role = VIRT_ROLE_TLB_FLUSH,
	.requires = XEN_STEAL,
	.off = &no_tlb,
	.start = start_tlb,
};
VIRT_SERVICE(3, tlb_service);

/* The caller waits for all; Xen gives its time to whom it finds. */
static void yield_to(const struct cpumask *mask)
{
	unsigned cpu;

	for_each_cpu(cpu, mask) {
		if (!xen_is_preempted(cpu))
			continue;
		atomic_fetch_add_relaxed(&yields, (u64)1);
		xen_sched_op(SCHEDOP_yield, NULL);
		return;
	}
}

void xen_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind);
void xen_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind)
{
	native_ipi_send_mask(mask, kind);
	if (kind == IPI_CALL)
		yield_to(mask);
}

u64 xen_yields(void)
{
	return atomic_read(&yields);
}

static int start_yield(void)
{
	return static_call_update(ipi_send_mask, xen_ipi_send_mask);
}

static const struct virt_service yield_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XEN_YIELD,
	.role = VIRT_ROLE_IPI,
	.requires = XEN_STEAL,
	.off = &no_yield,
	.start = start_yield,
};
VIRT_SERVICE(3, yield_service);
