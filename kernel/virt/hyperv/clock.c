/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference time: from a page and the CPU's counter without leaving the
 * guest, or from a register where the page is not valid.
 *
 * Policy, as for kvmclock: where the counter itself is invariant it is the
 * better clock, and this one is in reserve; else this one is better.
 */
#define pr_fmt(fmt) "hyperv: " fmt

#include <kernel/atomic.h>
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/param.h>
#include <kernel/time.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* Below KVM's and Xen's, below and above the counter's own rating. */
#define RATING_BESIDE_TSC 265
#define RATING_ABOVE_TSC  340
/* Like the other clocks that a host has to be asked for, and quicker. */
#define RATING_COUNTER 255

#define NS_PER_UNIT 100
/* Times that the page may be found changing before a reading is given up. */
#define TRIES_MAX 10000

static bool no_counter, no_page;
param_bool("no-hv-reference-counter", no_counter,
	   "do not read Hyper-V's reference counter");
param_bool("no-hv-reference-tsc", no_page,
	   "do not use Hyper-V's reference TSC page");

static struct hv_reference_tsc_page *tsc_page; /* in use; or NULL */
static bool has_counter;
static u64 last_ns;	 /* the latest that was read while it matters */
static bool fallen_back; /* the page was not valid at some time */

bool hv_tsc_page_ns(const struct hv_reference_tsc_page *page,
		    u64 (*counter)(void), u64 *ns)
{
	for (unsigned i = 0; i < TRIES_MAX; i++) {
		/* Before the loads of what it is the sequence of. */
		u32 sequence = atomic_load_acquire(&page->tsc_sequence);
		u64 scale = READ_ONCE(page->tsc_scale);
		s64 offset = READ_ONCE(page->tsc_offset);
		unsigned __int128 product;

		if (!sequence || !scale)
			return false;
		product = (unsigned __int128)counter() * scale;
		/* And those before the second load of the sequence. */
		fence_acquire();
		if (READ_ONCE(page->tsc_sequence) != sequence) {
			cpu_relax();
			continue;
		}
		/* To the ns: a unit's fraction is in the low half. */
		*ns = (u64)(product >> 64) * NS_PER_UNIT +
		      (u64)((unsigned __int128)(u64)product * NS_PER_UNIT >>
			    64) +
		      (u64)offset * NS_PER_UNIT;
		return true;
	}
	return false;
}

u64 hv_counter_ns(void)
{
	u64 units;

	if (!has_counter || virt_rdmsr(HV_X64_MSR_TIME_REF_COUNT, &units))
		return 0;
	return units * NS_PER_UNIT;
}

u64 hv_tsc_ns(void)
{
	u64 ns;

	if (!tsc_page || !hv_tsc_page_ns(tsc_page, virt_counter, &ns))
		return 0;
	return ns;
}

static u64 not_before_others(u64 ns)
{
	u64 last = atomic_read(&last_ns);

	while (last < ns)
		if (atomic_cmpxchg(&last_ns, &last, ns))
			return ns;
	return last;
}

/*
 * The register leaves out what is less than a unit: with that it is not before
 * the page. And from the first change between them on nobody reads less than
 * another has.
 */
static u64 tsc_clock_read(void)
{
	u64 ns;

	if (likely(hv_tsc_page_ns(tsc_page, virt_counter, &ns)))
		return READ_ONCE(fallen_back) ? not_before_others(ns) : ns;
	WRITE_ONCE(fallen_back, true);
	return not_before_others(hv_counter_ns() + NS_PER_UNIT - 1);
}

u64 hv_reference_ns(void)
{
	u64 ns = hv_tsc_ns();

	return ns ? ns : hv_counter_ns();
}

static u64 tsc_clock_probe(void)
{
	return tsc_page ? NSEC_PER_SEC : 0;
}

static struct clocksource tsc_page_clock = {
	.name = "hyperv-tsc",
	.rating = RATING_ABOVE_TSC,
	.mask = UINT64_MAX,
	.read = tsc_clock_read,
	.probe = tsc_clock_probe,
	.per_cpu = true,
};
CLOCKSOURCE(tsc_page_clock);

static struct clocksource counter_clock;

static u64 counter_probe(void)
{
	return has_counter && clocksource_counts(&counter_clock) ? NSEC_PER_SEC
								 : 0;
}

static struct clocksource counter_clock = {
	.name = "hyperv-counter",
	.rating = RATING_COUNTER,
	.mask = UINT64_MAX,
	.read = hv_counter_ns,
	.probe = counter_probe,
};
CLOCKSOURCE(counter_clock);

static int start_counter(void)
{
	u64 units;
	int err = virt_rdmsr(HV_X64_MSR_TIME_REF_COUNT, &units);

	has_counter = !err;
	return err;
}

static const struct virt_service counter_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_REFERENCE_COUNTER,
	.off = &no_counter,
	.start = start_counter,
};
VIRT_SERVICE(4, counter_service);

static void stop_page(void)
{
	hv_set_page(HV_X64_MSR_REFERENCE_TSC, 0);
}

/*
 * It is filled in at once. A host that leaves it invalid has a counter that
 * cannot be relied on: no use.
 */
static int start_page(void)
{
	static void *memory;
	struct hv_reference_tsc_page *page = hv_get_page(&memory);
	u64 ns;

	/* Without it there is nothing to fall back to. */
	if (!has_counter)
		return -ENODEV;
	if (!page)
		return -ENOMEM;
	if (hv_set_page(HV_X64_MSR_REFERENCE_TSC, virt_to_phys(page)))
		return -EIO;
	if (!hv_tsc_page_ns(page, virt_counter, &ns)) {
		stop_page();
		return -ENODEV;
	}
	if (virt_counter_is_invariant())
		tsc_page_clock.rating = RATING_BESIDE_TSC;
	tsc_page = page;
	return 0;
}

static const struct virt_service page_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_REFERENCE_TSC,
	.off = &no_page,
	.start = start_page,
	.stop = stop_page,
};
VIRT_SERVICE(5, page_service);
