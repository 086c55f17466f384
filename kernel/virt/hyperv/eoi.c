/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of an interrupt without leaving the guest, by a bit in the VP assist
 * page ("EOI Assist"). Where that does not do, and the APIC's registers are in
 * memory, it is a register of the hypervisor's, which costs it less to decode.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm/map.h>
#include <kernel/param.h>
#include <kernel/smp.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_eoi;
param_bool("no-hv-eoi-assist", no_eoi,
	   "end interrupts at the local APIC, not by Hyper-V's VP assist page");

static bool by_msr;
static DEFINE_PER_CPU(void *, assist_page);
static DEFINE_PER_CPU(u32 *, assist); /* its first word while it is in use */
static DEFINE_PER_CPU(u64, skipped);
static DEFINE_PER_CPU(u64, msr_writes);

/* One instruction: the host changes the bit in between others. */
static bool end_by_memory(void)
{
	u32 *word = this_cpu_read(assist);

	return word && atomic_fetch_and(word, ~BIT(HV_EOI_ASSIST_NO_EOI_BIT)) &
			       BIT(HV_EOI_ASSIST_NO_EOI_BIT);
}

void hv_interrupt_end(void);
void hv_interrupt_end(void)
{
	if (end_by_memory())
		++*this_cpu_ptr(skipped);
	else if (!by_msr || virt_wrmsr(HV_X64_MSR_EOI, 0))
		native_interrupt_end();
	else
		++*this_cpu_ptr(msr_writes);
}

u64 hv_eoi_skipped(void)
{
	unsigned cpu;
	u64 sum = 0;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(per_cpu(skipped, cpu));
	return sum;
}

u64 hv_eoi_by_msr(void)
{
	unsigned cpu;
	u64 sum = 0;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(per_cpu(msr_writes, cpu));
	return sum;
}

static int start(void)
{
	return static_call_update(interrupt_end, hv_interrupt_end);
}

static int start_cpu(void)
{
	u32 *page = hv_get_page(this_cpu_ptr(assist_page));

	if (!page)
		return -ENOMEM;
	if (hv_set_page(HV_X64_MSR_VP_ASSIST_PAGE, virt_to_phys(page)))
		return -EIO;
	this_cpu_write(assist, page);
	return 0;
}

static void stop_cpu(void)
{
	this_cpu_write(assist, NULL);
	hv_set_page(HV_X64_MSR_VP_ASSIST_PAGE, 0);
}

static const struct virt_service eoi_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_EOI_ASSIST,
	.role = VIRT_ROLE_EOI,
	.off = &no_eoi,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(5, eoi_service);

/* The APIC's mode is known after level IRQ. */
static int choose_register(void)
{
	by_msr = hv_runs(HV_EOI_ASSIST) && hv_runs(HV_APIC_REGISTERS) &&
		 virt_apic_in_memory();
	return 0;
}
initcall(INIT_TIME, choose_register);
