/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of an interrupt without leaving the guest: the host says in a word
 * of memory that it need not be told, and finds out by looking there.
 */
#include <abi/kvm/msr.h>
#include <kernel/atomic.h>
#include <kernel/mm/map.h>
#include <kernel/param.h>
#include <kernel/smp.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_eoi;
param_bool("no-kvm-pv-eoi", no_eoi, "end interrupts at the local APIC");

static DEFINE_PER_CPU(u32, eoi_word);
static DEFINE_PER_CPU(u64, skipped);

/* One instruction: the host looks, and changes the bit, in between others. */
static bool end_by_memory(void)
{
	return atomic_fetch_and(this_cpu_ptr(eoi_word), ~BIT(KVM_PV_EOI_BIT)) &
	       BIT(KVM_PV_EOI_BIT);
}

void kvm_interrupt_end(void);
void kvm_interrupt_end(void)
{
	if (end_by_memory())
		++*this_cpu_ptr(skipped);
	else
		native_interrupt_end();
}

u64 kvm_eoi_skipped(void)
{
	unsigned cpu;
	u64 sum = 0;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(per_cpu(skipped, cpu));
	return sum;
}

static int start(void)
{
	return static_call_update(interrupt_end, kvm_interrupt_end);
}

static int start_cpu(void)
{
	return virt_wrmsr(MSR_KVM_PV_EOI_EN,
			  virt_to_phys(this_cpu_ptr(eoi_word)) |
				  KVM_MSR_ENABLED);
}

static void stop_cpu(void)
{
	virt_wrmsr(MSR_KVM_PV_EOI_EN, 0);
}

static const struct virt_service eoi_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_EOI,
	.role = VIRT_ROLE_EOI,
	.off = &no_eoi,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(2, eoi_service);
