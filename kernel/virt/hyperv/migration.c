/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The counter across live migration ("Nested Virtualization", "Live Migration
 * Notification" and "TSC Emulation"). On a host whose counter has another rate
 * the hypervisor emulates the old one, at the price of an exit for each
 * reading, and tells one CPU. If there is a better clock then it is used from
 * there on, and the emulation ends; if not, emulation is what keeps time right.
 *
 * And CPUID does not call a counter invariant under Hyper-V until the guest
 * says that it has read about that.
 */
#define pr_fmt(fmt) "hyperv: " fmt

#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/x86.h>
#include <kernel/work.h>
#include "internal.h"

#define HZ_PER_KHZ 1000
/* Hosts measure their counters: a difference below it is none. */
#define SAME_RATE_PPM 100

static bool no_notes, no_invariant;
param_bool("no-hv-reenlightenment", no_notes,
	   "do not ask Hyper-V's interface for notes of a migration");
param_bool("no-hv-invariant-tsc", no_invariant,
	   "do not ask Hyper-V's interface for an invariant counter");

static unsigned vector;

static bool same_rate(void)
{
	u64 khz = time_counter_khz(), hz, off;

	if (virt_rdmsr(HV_X64_MSR_TSC_FREQUENCY, &hz))
		return false;
	off = hz / HZ_PER_KHZ > khz ? hz / HZ_PER_KHZ - khz
				    : khz - hz / HZ_PER_KHZ;
	return off <= khz * SAME_RATE_PPM / 1000000;
}

static void end_emulation(void)
{
	u64 status;

	if (virt_rdmsr(HV_X64_MSR_TSC_EMULATION_STATUS, &status) ||
	    !(status & HV_TSC_EMULATION_IN_PROGRESS))
		return;
	virt_wrmsr(HV_X64_MSR_TSC_EMULATION_STATUS,
		   status & ~HV_TSC_EMULATION_IN_PROGRESS);
}

static struct clocksource *counter_clock(void)
{
	struct clocksource *cs;

	for (unsigned n = 0; (cs = clocksource_nth(n)); n++)
		if (!strcmp(cs->name, "tsc"))
			return cs;
	return NULL;
}

/* What counts by the counter itself goes with its clock. */
static void adapt(struct work *work __unused)
{
	struct clocksource *tsc = counter_clock();

	if (!same_rate()) {
		if (tsc)
			clocksource_demote(tsc, "this machine was migrated");
		if (tsc && tsc->hz) {
			pr_notice("migrated: the counter stays emulated");
			return;
		}
	}
	pr_notice("migrated");
	end_emulation();
}

static struct work migrated = { .fn = adapt };

static void migration_interrupt(void)
{
	work_queue(&migrated);
}

static int start(void)
{
	int ret = arch_take_callback_vector(migration_interrupt, true);
	u64 target = hv_vp_index(smp_processor_id());

	if (ret < 0)
		return ret;
	vector = (unsigned)ret;
	if (virt_wrmsr(HV_X64_MSR_TSC_EMULATION_CONTROL,
		       HV_TSC_EMULATION_ENABLED))
		return -EIO;
	return virt_wrmsr(HV_X64_MSR_REENLIGHTENMENT_CONTROL,
			  vector | HV_REENLIGHTENMENT_ENABLED |
				  target << HV_REENLIGHTENMENT_TARGET);
}

static void stop(void)
{
	virt_wrmsr(HV_X64_MSR_REENLIGHTENMENT_CONTROL, 0);
	virt_wrmsr(HV_X64_MSR_TSC_EMULATION_CONTROL, 0);
}

static const struct virt_service notes_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_REENLIGHTENMENT,
	.requires = HV_VP_INDEX,
	.off = &no_notes,
	.start = start,
	.stop = stop,
};
VIRT_SERVICE(6, notes_service);

static int expose_invariant(void)
{
	return virt_wrmsr(HV_X64_MSR_TSC_INVARIANT_CONTROL,
			  HV_TSC_INVARIANT_EXPOSED);
}

static const struct virt_service invariant_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_INVARIANT_TSC,
	.off = &no_invariant,
	.start = expose_invariant,
};
VIRT_SERVICE(4, invariant_service);
