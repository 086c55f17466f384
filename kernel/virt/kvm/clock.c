/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kvmclock: nanoseconds since the guest's boot, from a page for each CPU and
 * the CPU's counter. It goes on across the host's changes of frequency and
 * across migration, which the bare counter need not.
 *
 * Policy: where the counter itself runs evenly (CPUID's invariant TSC, and the
 * host's word that all CPUs' clocks agree) it is the better clock, since
 * reading it costs less, and kvmclock gives its frequency; else this one is.
 */
#define pr_fmt(fmt) "kvm: " fmt

#include <abi/kvm/hypercall.h>
#include <abi/kvm/msr.h>
#include <kernel/atomic.h>
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/param.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/virt/pvclock.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include <kernel/wallclock.h>
#include "internal.h"

/* Below and above the counter's own rating. */
#define RATING_BESIDE_TSC 270
#define RATING_ABOVE_TSC  350
/* Above the PC's clock; what the host pairs is better still. */
#define RATING_WALL	   200
#define RATING_WALL_PAIRED 210

static bool no_clock;
param_bool("no-kvm-clock", no_clock, "do not use kvmclock");

/* The page must not be torn by the end of a page of memory. */
typedef struct pvclock_vcpu_time_info clock_page
	__attribute__((aligned(sizeof(struct pvclock_vcpu_time_info))));
static DEFINE_PER_CPU(clock_page, clock_pages);
static DEFINE_PER_CPU(bool, clock_on);

static struct pvclock_wall_clock wall_page __aligned(16);
static u32 msr_time, msr_wall;
static struct pvclock_latest latest;
static u64 stops;

/* The host's mark stays until it is wiped off. */
static void note_stop(struct pvclock_vcpu_time_info *page)
{
	if (atomic_fetch_and(&page->flags, (u8)~PVCLOCK_GUEST_STOPPED) &
	    PVCLOCK_GUEST_STOPPED)
		atomic_fetch_add_relaxed(&stops, (u64)1);
}

/* This CPU's page makes no sense: by the boot CPU's, with this counter. */
static u64 read_by_boot_page(void)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks;

	if (!pvclock_snapshot(&per_cpu(clock_pages, 0), virt_counter, &copy,
			      &ticks))
		return atomic_read(&latest.ns);
	return pvclock_not_before(&latest, pvclock_ns(&copy, ticks));
}

/*
 * The caller may be moved to another CPU while it reads: that is seen, unless
 * it is moved back too, and then the clocks of both CPUs are good for it.
 */
static u64 kvm_clock_read(void)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks, ns;
	unsigned cpu;

	do {
		struct pvclock_vcpu_time_info *page;

		cpu = smp_processor_id();
		page = &per_cpu(clock_pages, cpu);
		if (!pvclock_snapshot(page, virt_counter, &copy, &ticks))
			return read_by_boot_page();
		if (unlikely(copy.flags & PVCLOCK_GUEST_STOPPED))
			note_stop(page);
	} while (cpu != smp_processor_id());
	ns = pvclock_ns(&copy, ticks);
	return copy.flags & PVCLOCK_TSC_STABLE
		       ? ns
		       : pvclock_not_before(&latest, ns);
}

static bool runs(void)
{
	return virt_service_runs(HYPERV_TYPE_KVM, KVM_CLOCK) ||
	       virt_service_runs(HYPERV_TYPE_KVM, KVM_CLOCK_OLD);
}

static u64 kvm_clock_probe(void)
{
	return runs() ? NSEC_PER_SEC : 0;
}

static struct clocksource kvm_clock = {
	.name = "kvm-clock",
	.rating = RATING_ABOVE_TSC,
	.mask = UINT64_MAX,
	.read = kvm_clock_read,
	.probe = kvm_clock_probe,
};
CLOCKSOURCE(kvm_clock);

u64 kvm_clock_stops(void)
{
	return atomic_read(&stops);
}

/* Of the boot CPU, which is the one that asks. */
u64 kvm_clock_khz(void)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks;

	if (!runs() || !pvclock_snapshot(&per_cpu(clock_pages, 0), virt_counter,
					 &copy, &ticks))
		return 0;
	return pvclock_khz(&copy);
}

static int start_cpu(void)
{
	phys_addr_t page = virt_to_phys(this_cpu_ptr(clock_pages));
	int err = virt_wrmsr(msr_time, page | KVM_MSR_ENABLED);

	this_cpu_write(clock_on, !err);
	return err;
}

static void stop_cpu(void)
{
	if (this_cpu_read(clock_on))
		virt_wrmsr(msr_time, 0);
	this_cpu_write(clock_on, false);
}

/* True if what the page says is a clock: it is written at once. */
static bool page_makes_sense(void)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks;

	if (start_cpu())
		return false;
	if (!pvclock_snapshot(this_cpu_ptr(clock_pages), virt_counter, &copy,
			      &ticks) ||
	    !pvclock_khz(&copy))
		return false;
	if (copy.flags & PVCLOCK_TSC_STABLE && virt_counter_is_invariant())
		kvm_clock.rating = RATING_BESIDE_TSC;
	return true;
}

static int start_with(u32 time, u32 wall)
{
	msr_time = time;
	msr_wall = wall;
	return page_makes_sense() ? 0 : -EIO;
}

static int start_new(void)
{
	return start_with(MSR_KVM_SYSTEM_TIME, MSR_KVM_WALL_CLOCK);
}

static const struct virt_service clock_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_CLOCK,
	.also = "clocksource-stable",
	.off = &no_clock,
	.start = start_new,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(0, clock_service);

/* Hosts of before 2010 have it at other registers. */
static int start_old(void)
{
	if (runs())
		return -ENODEV;
	return start_with(MSR_KVM_SYSTEM_TIME_OLD, MSR_KVM_WALL_CLOCK_OLD);
}

static const struct virt_service old_clock_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_CLOCK_OLD,
	.off = &no_clock,
	.start = start_old,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(1, old_clock_service);

/* UTC in ns when kvmclock was 0, which the host writes when it is asked. */
static int kvm_wall_read(u64 *ns)
{
	u64 boot;

	if (!runs() || virt_wrmsr(msr_wall, virt_to_phys(&wall_page)) ||
	    !pvclock_wall_ns(&wall_page, &boot))
		return -ENODEV;
	*ns = boot + kvm_clock_read();
	return 0;
}

static const struct wallclock kvm_wall = {
	.name = "kvm",
	.rating = RATING_WALL,
	.read = kvm_wall_read,
};
WALLCLOCK(kvm_wall);

int kvm_clock_pair(u64 *wall_ns, u64 *ticks)
{
	static struct kvm_clock_pairing pair __aligned(64);

	if (!kvm_hypercalls_return() ||
	    kvm_hypercall(KVM_HC_CLOCK_PAIRING, virt_to_phys(&pair),
			  KVM_CLOCK_PAIRING_WALLCLOCK, 0, 0) ||
	    pair.sec <= 0 || pair.nsec < 0 || (u64)pair.nsec >= NSEC_PER_SEC)
		return -ENODEV;
	*wall_ns = (u64)pair.sec * NSEC_PER_SEC + (u64)pair.nsec;
	*ticks = pair.tsc;
	return 0;
}

static int kvm_paired_read(u64 *ns)
{
	u64 khz = kvm_clock_khz(), wall, ticks, passed;

	if (!khz || kvm_clock_pair(&wall, &ticks))
		return -ENODEV;
	passed = virt_counter() - ticks;
	*ns = wall + passed / khz * NSEC_PER_MSEC +
	      passed % khz * NSEC_PER_MSEC / khz;
	return 0;
}

static const struct wallclock kvm_paired = {
	.name = "kvm-paired",
	.rating = RATING_WALL_PAIRED,
	.read = kvm_paired_read,
};
WALLCLOCK(kvm_paired);
