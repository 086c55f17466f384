/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC's timer: by the time-stamp counter where the CPU can (nothing
 * to measure, and one MSR to set it), else by its own count, whose rate is
 * measured by the clock.
 */
#define pr_fmt(fmt) "apic: " fmt

#include "measure.h"
#include <abi/apic.h>
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/msr.h>
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/virt/paravirt.h>

#define CPUID_1_ECX_TSC_DEADLINE BIT(24)

/*
 * What one measurement costs, how often the count is looked at in it, and how
 * many there are, at most. So many parts in a million are precise enough: a
 * timer that is early is set again.
 */
#define CALIBRATION_NS	  500000
#define CALIBRATION_LOOKS 100000
#define CALIBRATION_TRIES 4
#define CALIBRATION_PPM	  10000
/* What the count does with the clock that a hypervisor may state. */
#define DIVIDER	   16
#define HZ_PER_KHZ 1000
/* Rates that are believed: what the divider leaves of a bus clock. */
#define RATE_MIN_HZ 100000ULL
#define RATE_MAX_HZ 10000000000ULL

#define SCALE_SHIFT 32
/* Above it a time by the time-stamp counter is set in steps. */
#define DEADLINE_MAX_NS (1000 * NSEC_PER_SEC)

static bool disabled;
param_bool("nolapic_timer", disabled, "do not use the local APIC's timer");

static u64 ticks_scale; /* ticks a nanosecond, times 2^SCALE_SHIFT */

static bool apic_timer_allowed(void)
{
	return irq_available() && !disabled;
}

static int deadline_init_cpu(void)
{
	apic_write(APIC_LVT_TIMER, APIC_TIMER_DEADLINE | VECTOR_TIMER);
	/* The mode is set before the MSR counts (SDM 3A, 10.5.4.1). */
	__asm__ __volatile__("mfence" ::: "memory");
	return wrmsr_safe(MSR_TSC_DEADLINE, 0);
}

static int deadline_probe(void)
{
	struct cpuid_regs id;

	cpuid(1, 0, &id);
	if (!apic_timer_allowed() || !tsc_is_usable() ||
	    !(id.ecx & CPUID_1_ECX_TSC_DEADLINE))
		return -ENODEV;
	return deadline_init_cpu();
}

static void deadline_set(u64 ns)
{
	u64 ticks = ns * time_counter_khz() / 1000000;

	wrmsr(MSR_TSC_DEADLINE, cpu_counter() + ticks);
}

static void deadline_stop(void)
{
	wrmsr(MSR_TSC_DEADLINE, 0);
}

struct clockevent tsc_deadline_event = {
	.name = "tsc-deadline",
	.rating = 300,
	.per_cpu = true,
	.probe = deadline_probe,
	.init_cpu = deadline_init_cpu,
	.set = deadline_set,
	.stop = deadline_stop,
	.max_ns = DEADLINE_MAX_NS,
	.counts_by = &tsc_clock,
};
CLOCKEVENT(tsc_deadline_event);

static void count_set(u64 ns)
{
	u64 ticks = (u64)((unsigned __int128)ns * ticks_scale >> SCALE_SHIFT);

	apic_write(APIC_TIMER_INITIAL, (u32)MIN(ticks + 1, UINT32_MAX));
}

static void count_stop(void)
{
	apic_write(APIC_TIMER_INITIAL, 0);
}

/* For half a millisecond of the clock, from the count's end downwards. */
static bool measure_count(struct measurement *m, unsigned attempt __unused)
{
	struct bracket begin, end;
	u32 count, looks = 0;

	begin.before = time_ns();
	apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
	begin.after = time_ns();
	do {
		end.before = time_ns();
		count = UINT32_MAX - apic_read(APIC_TIMER_CURRENT);
		end.after = time_ns();
		measure_span(m, &begin, &end);
	} while (m->span < CALIBRATION_NS && ++looks < CALIBRATION_LOOKS);
	apic_write(APIC_TIMER_INITIAL, 0);
	m->hz = m->span ? count * NSEC_PER_SEC / m->span : 0;
	return true;
}

static struct clockevent apic_timer_event;

static int count_init_cpu(void)
{
	apic_write(APIC_TIMER_INITIAL, 0);
	apic_write(APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDER_16);
	apic_write(APIC_LVT_TIMER, APIC_TIMER_ONE_SHOT | VECTOR_TIMER);
	return 0;
}

static u64 measured_hz(void)
{
	unsigned long state = local_irq_save();
	u64 hz;

	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	apic_write(APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDER_16);
	hz = measure_hz(measure_count, CALIBRATION_TRIES, CALIBRATION_PPM);
	local_irq_restore(state);
	return hz;
}

static int count_probe(void)
{
	const char *source = "measured";
	u64 hz;

	if (!apic_timer_allowed())
		return -ENODEV;
	hz = virt_apic_khz(&source) * HZ_PER_KHZ / DIVIDER;
	if (!hz)
		hz = measured_hz();
	if (hz < RATE_MIN_HZ || hz > RATE_MAX_HZ) {
		pr_warn("the timer counts at %lu Hz: not used", hz);
		return -ENODEV;
	}
	pr_info("timer counts at %lu kHz (%s)", hz / 1000, source);
	ticks_scale = (hz << SCALE_SHIFT) / NSEC_PER_SEC;
	apic_timer_event.max_ns = UINT32_MAX * NSEC_PER_SEC / hz;
	return count_init_cpu();
}

static struct clockevent apic_timer_event = {
	.name = "lapic",
	.rating = 200,
	.per_cpu = true,
	.probe = count_probe,
	.init_cpu = count_init_cpu,
	.set = count_set,
	.stop = count_stop,
};
CLOCKEVENT(apic_timer_event);
