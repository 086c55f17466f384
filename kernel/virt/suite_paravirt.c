/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of the paravirtual services in use. */
#include <kernel/clockevent.h>
#include <kernel/irq.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/paravirt.h>

#define TSC_TOLERANCE_PERCENT 2
/* A host may take the CPU away in the middle of a measurement. */
#define TSC_MEASUREMENTS 3

static bool within_tolerance(u64 stated, u64 measured)
{
	u64 difference =
		stated > measured ? stated - measured : measured - stated;

	return difference * 100 <= stated * TSC_TOLERANCE_PERCENT;
}

static void verify_tsc(struct selftest *t, const struct virt_tsc_offer *offer)
{
	struct virt_feature *feature =
		virt_find_feature(offer->hv, offer->source->feature);
	u64 measured = 0;

	for (unsigned i = 0; i < TSC_MEASUREMENTS; i++) {
		measured = time_measure_khz();
		if (!measured) {
			selftest_skip(t, "no independent timer here");
			return;
		}
		if (within_tolerance(offer->khz, measured))
			break;
	}
	selftest_note(t, "%s: %llu kHz, measured %llu kHz", offer->source->name,
		      (unsigned long long)offer->khz,
		      (unsigned long long)measured);
	if (!EXPECT(t, within_tolerance(offer->khz, measured)) || !feature)
		return;
	if (feature->state & VIRT_ENABLED)
		feature->state |= VIRT_VERIFIED;
}

static void test_tsc_frequency(struct selftest *t)
{
	struct virt_tsc_offer offer;

	if (!is_virtualized()) {
		selftest_skip(t, "no hypervisor");
		return;
	}
	if (!virt_paravirt_allowed()) {
		selftest_skip(t, "nopv on the command line");
		return;
	}
	virt_find_tsc_offer(virt_evidence(), virt_detection(), &offer);
	if (!offer.khz) {
		selftest_skip(t, "%s states no counter frequency",
			      hypervisor_get_name());
		return;
	}
	verify_tsc(t, &offer);
}

#define APIC_SLEEP_NS  (20 * NSEC_PER_MSEC)
#define APIC_SLEEPS    10
#define APIC_LATE_PART 4U /* of the time slept, at best */
#define APIC_EXTRA_MAX 1  /* interrupts that came too early, at best */

static u64 timer_interrupts(void)
{
	const char *name;
	u64 sum = 0, count;
	unsigned cpu;

	for_each_online_cpu(cpu)
		for (unsigned n = 0; arch_irq_counter(n, cpu, &name, &count);
		     n++)
			sum += strcmp(name, "timer") ? 0 : count;
	return sum;
}

/* One sleep that is as long as it should be, by one interrupt. */
static bool sleeps_well(struct selftest *t)
{
	u64 interrupts = timer_interrupts(), start = time_ns(), slept;

	thread_sleep_ns(APIC_SLEEP_NS);
	slept = time_ns() - start;
	interrupts = timer_interrupts() - interrupts;
	selftest_note(t, "slept for %llu us, %llu interrupts",
		      (unsigned long long)(slept / NSEC_PER_USEC),
		      (unsigned long long)interrupts);
	return slept <= APIC_SLEEP_NS + APIC_SLEEP_NS / APIC_LATE_PART &&
	       interrupts <= 1 + APIC_EXTRA_MAX;
}

/*
 * A timer whose rate was stated too high is late, and one whose was stated too
 * low interrupts early, and again.
 */
static void test_apic_frequency(struct selftest *t)
{
	const struct clockevent *event = clockevent_current();
	struct virt_tsc_offer offer;
	struct virt_feature *f;
	bool well = false;

	virt_find_apic_offer(virt_evidence(), virt_detection(), &offer);
	f = offer.khz ? virt_find_feature(offer.hv, offer.source->feature)
		      : NULL;
	if (!f || !(f->state & VIRT_ENABLED) || !event ||
	    strcmp(event->name, "lapic")) {
		selftest_skip(t, f ? "the timer is another one"
				   : "none is stated");
		return;
	}
	for (unsigned i = 0; i < APIC_SLEEPS && !well; i++)
		well = sleeps_well(t);
	if (EXPECT(t, well))
		f->state |= VIRT_VERIFIED;
}

/* Enabled means used: what the clock says it uses, and what is marked. */
static void test_enabled_is_used(struct selftest *t)
{
	struct virt_tsc_offer offer;
	struct virt_feature *f;

	virt_find_tsc_offer(virt_evidence(), virt_detection(), &offer);
	f = offer.khz ? virt_find_feature(offer.hv, offer.source->feature)
		      : NULL;
	if (!f || !(f->state & VIRT_ENABLED))
		return;
	EXPECT(t, virt_paravirt_allowed());
	EXPECT(t, !strcmp(time_frequency_source(), offer.source->name));
}

static const struct selftest_case paravirt_cases[] = {
	{ .name = "tsc-frequency", .run = test_tsc_frequency },
	{ .name = "apic-frequency", .run = test_apic_frequency },
	{ .name = "enabled-is-used", .run = test_enabled_is_used },
	{},
};
SELFTEST_SUITE(paravirt, "paravirt", paravirt_cases, 0);
