/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts from CPU to CPU: one hypercall for up to 128 of them. And if one
 * that is waited for is not running, this CPU's time is better given to it.
 */
#define pr_fmt(fmt) "kvm: " fmt

#include <abi/kvm/hypercall.h>
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/smp.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_ipi, no_yield;
param_bool("no-kvm-pv-send-ipi", no_ipi, "send no IPIs by hypercall");
param_bool("no-kvm-pv-sched-yield", no_yield,
	   "do not yield to CPUs that were sent an IPI and do not run");

static bool by_hypercall, yields;
static u64 calls, yielded;

/* Neighbouring APIC IDs, and the CPUs that have them. */
struct group {
	u64 first;
	unsigned __int128 ids; /* bit n: first + n */
	struct cpumask cpus;
};

static void send_group(const struct group *group, enum ipi_kind kind)
{
	atomic_fetch_add_relaxed(&calls, (u64)1);
	if (kvm_hypercall(KVM_HC_SEND_IPI, (u64)group->ids,
			  (u64)(group->ids >> 64), group->first,
			  arch_ipi_command(kind)) < 0)
		native_ipi_send_mask(&group->cpus, kind);
}

/* False: @id is too far from the others. */
static bool add_to_group(struct group *group, unsigned cpu, u64 id)
{
	if (!group->ids)
		group->first = id;
	if (id < group->first) {
		u64 by = group->first - id;

		if (by >= KVM_SEND_IPI_TARGETS ||
		    group->ids >> (KVM_SEND_IPI_TARGETS - by))
			return false;
		group->ids <<= by;
		group->first = id;
	}
	if (id - group->first >= KVM_SEND_IPI_TARGETS)
		return false;
	group->ids |= (unsigned __int128)1 << (id - group->first);
	cpumask_set(&group->cpus, cpu);
	return true;
}

static void send_by_hypercall(const struct cpumask *mask, enum ipi_kind kind)
{
	struct group group = { 0 };
	unsigned cpu;

	for_each_cpu(cpu, mask) {
		u64 id = arch_cpu_id(cpu);

		if (add_to_group(&group, cpu, id))
			continue;
		send_group(&group, kind);
		group = (struct group){ 0 };
		add_to_group(&group, cpu, id);
	}
	if (group.ids)
		send_group(&group, kind);
}

/* To the first of those that do not run: the caller waits for all. */
static void yield_to_one(const struct cpumask *mask)
{
	unsigned cpu;

	for_each_cpu(cpu, mask) {
		if (!kvm_is_preempted(cpu))
			continue;
		atomic_fetch_add_relaxed(&yielded, (u64)1);
		kvm_hypercall(KVM_HC_SCHED_YIELD, arch_cpu_id(cpu), 0, 0, 0);
		return;
	}
}

void kvm_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind);
void kvm_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind)
{
	bool usable = kvm_hypercalls_return();

	if (by_hypercall && usable)
		send_by_hypercall(mask, kind);
	else
		native_ipi_send_mask(mask, kind);
	if (yields && usable && kind == IPI_CALL)
		yield_to_one(mask);
}

u64 kvm_ipi_calls(void)
{
	return atomic_read(&calls);
}

u64 kvm_ipi_yields(void)
{
	return atomic_read(&yielded);
}

static int start_ipi(void)
{
	by_hypercall = true;
	return static_call_update(ipi_send_mask, kvm_ipi_send_mask);
}

static const struct virt_service ipi_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_IPI,
	.role = VIRT_ROLE_IPI,
	.off = &no_ipi,
	.start = start_ipi,
};
VIRT_SERVICE(2, ipi_service);

/* Where nobody is ever taken off its CPU there is nobody to yield to. */
static int start_yield(void)
{
	if (kvm_has_own_cpus())
		return -ENODEV;
	yields = true;
	return static_call_update(ipi_send_mask, kvm_ipi_send_mask);
}

static const struct virt_service yield_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_YIELD,
	.requires = KVM_STEAL,
	.off = &no_yield,
	.start = start_yield,
};
VIRT_SERVICE(3, yield_service);
