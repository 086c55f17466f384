/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Xen's clock: nanoseconds since the host's boot, from each CPU's vcpu_info and
 * the CPU's counter. Xen keeps it right when the guest is moved to another
 * machine, and all of Xen's own times are by it.
 *
 * Policy, as for KVM's: where the counter runs evenly (CPUID's invariant TSC,
 * and Xen's word that all CPUs' clocks agree) it is the better clock, since
 * reading it costs less, and this one is in reserve and tells the time of day.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/virt/pvclock.h>
#include <kernel/virt/x86.h>
#include <kernel/wallclock.h>
#include "internal.h"

/* Below and above the counter's own rating. */
#define RATING_BESIDE_TSC 270
#define RATING_ABOVE_TSC  350
/* Above the PC's clock. */
#define RATING_WALL 200

static bool no_clock;
param_bool("no-xen-clock", no_clock, "do not use Xen's clock");

static struct pvclock_latest latest;

/* What @cpu's page says, with this CPU's counter. */
static bool snapshot(unsigned cpu, struct pvclock_vcpu_time_info *copy,
		     u64 *ticks)
{
	const struct vcpu_info *info = xen_vcpu_info(cpu);

	return info && pvclock_snapshot(&info->time, virt_counter, copy, ticks);
}

/*
 * The caller may be moved to another CPU while it reads: that is seen, unless
 * it is moved back too, and then the clocks of both CPUs are good for it.
 */
u64 xen_system_time(void)
{
	struct pvclock_vcpu_time_info copy;
	unsigned cpu;
	u64 ticks;

	do {
		cpu = smp_processor_id();
		/* Where this CPU's makes no sense, the boot CPU's may. */
		if (!snapshot(cpu, &copy, &ticks) &&
		    !snapshot(0, &copy, &ticks))
			return pvclock_not_before(&latest, 0);
	} while (cpu != smp_processor_id());
	if (copy.flags & PVCLOCK_TSC_STABLE)
		return pvclock_ns(&copy, ticks);
	return pvclock_not_before(&latest, pvclock_ns(&copy, ticks));
}

static u64 xen_clock_probe(void)
{
	return virt_service_runs(HYPERV_TYPE_XEN, XEN_CLOCK) ? NSEC_PER_SEC : 0;
}

static struct clocksource xen_clock = {
	.name = "xen",
	.rating = RATING_ABOVE_TSC,
	.mask = UINT64_MAX,
	.read = xen_system_time,
	.probe = xen_clock_probe,
};
CLOCKSOURCE(xen_clock);

u64 xen_clock_khz(void)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks;

	return xen_clock_probe() && snapshot(0, &copy, &ticks)
		       ? pvclock_khz(&copy)
		       : 0;
}

/* Its page is that of the event channels, and was written by then. */
static int start(void)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks;

	if (!xen_has_feature(XENFEAT_hvm_safe_pvclock))
		return -ENODEV;
	if (!snapshot(0, &copy, &ticks) || !pvclock_khz(&copy))
		return -EIO;
	if (copy.flags & PVCLOCK_TSC_STABLE && virt_counter_is_invariant())
		xen_clock.rating = RATING_BESIDE_TSC;
	return 0;
}

static const struct virt_service clock_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XEN_CLOCK,
	.requires = XEN_EVENTS,
	.off = &no_clock,
	.start = start,
};
VIRT_SERVICE(2, clock_service);

/* UTC when the clock was 0. The page has 32 more bits of the seconds. */
static int xen_wall_read(u64 *ns)
{
	const struct shared_info *shared = xen_shared();
	u64 boot;

	if (!xen_clock_probe() || !shared ||
	    !pvclock_wall_ns(&shared->wc, &boot))
		return -ENODEV;
	*ns = boot + ((u64)READ_ONCE(shared->wc_sec_hi) << 32) * NSEC_PER_SEC +
	      xen_system_time();
	return 0;
}

static const struct wallclock xen_wall = {
	.name = "xen",
	.rating = RATING_WALL,
	.read = xen_wall_read,
};
WALLCLOCK(xen_wall);
