/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Idle CPUs sleep by reading a register of the hypervisor's, where it has that
 * ("Virtual Processor Idle Sleep State"): an interrupt ends it also while
 * interrupts are masked.
 */
#include <kernel/cpu.h>
#include <kernel/param.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_idle;
param_bool("no-hv-guest-idle-register", no_idle,
	   "let idle CPUs halt, not read Hyper-V's idle register");

static DEFINE_PER_CPU(u64, idle_waits);

static bool by_register;

void hv_idle_wait(void);
void hv_idle_wait(void)
{
	u64 value;

	hv_steal_sleep();
	if (by_register && !virt_rdmsr(HV_X64_MSR_GUEST_IDLE, &value)) {
		++*this_cpu_ptr(idle_waits);
		local_irq_enable();
	} else {
		native_idle_wait();
	}
	hv_steal_wake();
}

int hv_idle_use(void)
{
	return static_call_update(idle_wait, hv_idle_wait);
}

u64 hv_idle_waits(void)
{
	unsigned cpu;
	u64 sum = 0;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(per_cpu(idle_waits, cpu));
	return sum;
}

static int start(void)
{
	by_register = true;
	return hv_idle_use();
}

static const struct virt_service idle_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_GUEST_IDLE,
	.role = VIRT_ROLE_IDLE,
	.off = &no_idle,
	.start = start,
};
VIRT_SERVICE(5, idle_service);
