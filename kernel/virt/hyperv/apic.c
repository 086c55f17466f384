/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC's interrupt command by one write of a register of the
 * hypervisor's instead of two of memory, where the host recommends it. In
 * x2APIC mode the APIC's own registers are as good.
 *
 * The third register of this kind, TPR, is of no use in 64-bit mode.
 */
#include <abi/apic.h>
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/virt/x86.h>
#include "internal.h"

#define ICR_DESTINATION_SHIFT (32 + APIC_ICR_HIGH_DEST)

static bool no_registers;
param_bool("no-hv-apic-registers", no_registers,
	   "do not use Hyper-V's registers for the local APIC");

static bool in_memory;
static u64 writes;

void hv_ipi_send(unsigned cpu, enum ipi_kind kind);
void hv_ipi_send(unsigned cpu, enum ipi_kind kind)
{
	u64 command = arch_cpu_id(cpu) << ICR_DESTINATION_SHIFT |
		      APIC_ICR_ASSERT | arch_ipi_command(kind);

	if (!in_memory || virt_wrmsr(HV_X64_MSR_ICR, command))
		native_ipi_send(cpu, kind);
	else
		atomic_fetch_add_relaxed(&writes, (u64)1);
}

u64 hv_icr_writes(void)
{
	return atomic_read(&writes);
}

static int start(void)
{
	if (!hv_offers("recommend-apic-registers"))
		return -ENODEV;
	return static_call_update(ipi_send, hv_ipi_send);
}

static const struct virt_service registers_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_APIC_REGISTERS,
	.off = &no_registers,
	.start = start,
};
VIRT_SERVICE(5, registers_service);

/* Known after level IRQ; nobody is interrupted before. */
static int look_at_mode(void)
{
	in_memory = hv_runs(HV_APIC_REGISTERS) && virt_apic_in_memory();
	return 0;
}
initcall(INIT_TIME, look_at_mode);
