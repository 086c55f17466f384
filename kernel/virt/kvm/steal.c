/* SPDX-License-Identifier: BSD-2-Clause */
/* Steal time: how long the host did not run a CPU, and whether it does now. */
#define pr_fmt(fmt) "kvm: " fmt

#include <abi/kvm/msr.h>
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/mm/map.h>
#include <kernel/param.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* The host changes it while the CPU is not running: as good as never. */
#define READ_TRIES_MAX 10000

static bool no_steal;
param_bool("no-kvm-steal-time", no_steal,
	   "do not ask the host for the time it steals");

typedef struct kvm_steal_time steal_page
	__attribute__((aligned(sizeof(struct kvm_steal_time))));
static DEFINE_PER_CPU(steal_page, steal_pages);

/* The version is odd while the host changes it. */
static u64 kvm_steal_clock(unsigned cpu)
{
	const struct kvm_steal_time *page = &per_cpu(steal_pages, cpu);

	for (unsigned i = 0; i < READ_TRIES_MAX; i++) {
		/* Before the load of what it is the version of. */
		u32 version = atomic_load_acquire(&page->version);
		u64 steal = READ_ONCE(page->steal);

		/* And that one before the second load of the version. */
		fence_acquire();
		if (!(version & 1) && READ_ONCE(page->version) == version)
			return steal;
		cpu_relax();
	}
	return 0;
}

bool kvm_is_preempted(unsigned cpu)
{
	return READ_ONCE(per_cpu(steal_pages, cpu).preempted) &
	       KVM_VCPU_PREEMPTED;
}

/*
 * The host exchanges the byte for 0 when it lets the CPU run: either it finds
 * the request there, or this finds that the CPU runs. A full barrier: the
 * changes of page tables come before it.
 */
bool kvm_flush_when_it_runs(unsigned cpu)
{
	u8 *byte = &per_cpu(steal_pages, cpu).preempted;
	u8 before = atomic_read(byte);

	return before & KVM_VCPU_PREEMPTED &&
	       atomic_cmpxchg(byte, &before, (u8)(before | KVM_VCPU_FLUSH_TLB));
}

static int start(void)
{
	sched_set_steal_clock(kvm_steal_clock);
	return 0;
}

static int start_cpu(void)
{
	return virt_wrmsr(MSR_KVM_STEAL_TIME,
			  virt_to_phys(this_cpu_ptr(steal_pages)) |
				  KVM_MSR_ENABLED);
}

static void stop_cpu(void)
{
	virt_wrmsr(MSR_KVM_STEAL_TIME, 0);
	/* Nobody sets it again: this CPU is to be interrupted. */
	atomic_write(&this_cpu_ptr(steal_pages)->preempted, (u8)0);
}

static const struct virt_service steal_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_STEAL,
	.role = VIRT_ROLE_STEAL,
	.off = &no_steal,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(1, steal_service);
