/* SPDX-License-Identifier: BSD-2-Clause */
/* Spinlocks whose waiters halt, and are kicked by a hypercall. */
#include <abi/kvm/hypercall.h>
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/spin_pv.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_spin;
param_bool("no-kvm-pv-unhalt", no_spin,
	   "wait for spinlocks without giving the CPU to the host");

/*
 * A kick is remembered by the host until the next halt, which it ends also
 * where interrupts are masked: so the look and the halt need not be one step.
 */
static void kvm_spin_wait(const u8 *byte, u8 value)
{
	unsigned long irq;

	/* Nobody could be kicked. */
	if (!kvm_hypercalls_return())
		return;
	irq = local_irq_save();
	if (atomic_read(byte) == value)
		cpu_halt();
	local_irq_restore(irq);
}

/* If hypercalls are not known to return, nobody has halted. */
static void kvm_spin_kick(unsigned cpu)
{
	/* The unlocking store, before the load of what the waiter has loaded.
	 */
	fence_full();
	if (!kvm_hypercalls_return())
		return;
	kvm_hypercall(KVM_HC_KICK_CPU, 0, arch_cpu_id(cpu), 0, 0);
}

static const struct spin_pv_ops kvm_spin = {
	.wait = kvm_spin_wait,
	.kick = kvm_spin_kick,
};

/* Where nobody is ever taken off its CPU, halting only costs. */
static int start(void)
{
	return kvm_has_own_cpus() ? -ENODEV : spin_pv_init(&kvm_spin);
}

static const struct virt_service spin_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_UNHALT,
	.role = VIRT_ROLE_SPIN,
	.off = &no_spin,
	.start = start,
};
VIRT_SERVICE(2, spin_service);
