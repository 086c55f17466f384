/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flushing the TLBs of other CPUs: those that the host does not run are left
 * to it, so that nobody waits until they do.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/smp.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_tlb;
param_bool("no-kvm-pv-tlb-flush", no_tlb,
	   "interrupt all CPUs to flush TLBs, also those that do not run");

static u64 left_to_host;

void kvm_flush_tlb_others(uintptr_t start, uintptr_t end);
void kvm_flush_tlb_others(uintptr_t start, uintptr_t end)
{
	struct cpumask mask = cpu_online_mask;
	u64 left = 0;
	unsigned cpu;

	cpumask_clear(&mask, smp_processor_id());
	for_each_cpu(cpu, &mask) {
		if (!kvm_flush_when_it_runs(cpu))
			continue;
		cpumask_clear(&mask, cpu);
		left++;
	}
	if (left)
		atomic_fetch_add_relaxed(&left_to_host, left);
	if (!cpumask_empty(&mask))
		native_flush_tlb_mask(&mask, start, end);
}

u64 kvm_tlb_left_to_host(void)
{
	return atomic_read(&left_to_host);
}

static int start(void)
{
	if (kvm_has_own_cpus())
		return -ENODEV;
	return static_call_update(flush_tlb_others, kvm_flush_tlb_others);
}

static const struct virt_service tlb_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_TLB_FLUSH,
	.role = VIRT_ROLE_TLB_FLUSH,
	.requires = KVM_STEAL,
	.off = &no_tlb,
	.start = start,
};
VIRT_SERVICE(3, tlb_service);
