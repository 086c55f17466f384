/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock: the time-stamp counter, with the best frequency there is. */
#define pr_fmt(fmt) "clock: " fmt

#include <asm/apic.h>
#include <asm/boot.h>
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/paravirt.h>

/* Frequencies outside of this are not believed, whoever states them. */
#define MIN_KHZ 100000
#define MAX_KHZ 10000000
/* What is measured may be an emulator's, and slow. */
#define MIN_MEASURED_KHZ 1000

/*
 * Until the frequency is known: no slower than any, so that correcting it
 * later never moves the clock back.
 */
#define BOOT_KHZ MAX_KHZ

/* CPUID leaf 0x15: TSC and crystal clock (SDM volume 2, CPUID). */
#define CPUID_TSC 0x15

/* SDM volume 3A, 17.17.1: it counts in all states, at one rate. */
#define CPUID_EXT_MAX	    0x80000000
#define CPUID_POWER	    0x80000007
#define CPUID_INVARIANT_TSC BIT(8)

static u64 khz = BOOT_KHZ;
static const char *source = "assumed";

static bool unstable;

static int set_tsc(const struct param *p __unused, const char *value)
{
	if (!value || strcmp(value, "unstable"))
		return -EINVAL;
	unstable = true;
	return 0;
}
param_call("tsc", set_tsc, "unstable: do not use the time-stamp counter");

static u64 tsc_read(void)
{
	return cpu_counter() - boot_counter;
}

struct clocksource clocksource_boot = {
	.name = "boot",
	.mask = UINT64_MAX,
	.read = tsc_read,
	.ns_scale = (1000000ULL << 32) / BOOT_KHZ,
};

const char *time_frequency_source(void)
{
	return source;
}

u64 time_counter_khz(void)
{
	return khz;
}

static bool believable(u64 frequency)
{
	return frequency >= MIN_KHZ && frequency <= MAX_KHZ;
}

static u64 cpuid_khz(void)
{
	struct cpuid_regs id;
	u64 frequency;

	cpuid(0, 0, &id);
	if (id.eax < CPUID_TSC)
		return 0;
	cpuid(CPUID_TSC, 0, &id);
	if (!id.eax || !id.ebx || !id.ecx)
		return 0;
	frequency = (u64)id.ecx * id.ebx / id.eax / 1000;
	if (!believable(frequency)) {
		pr_warn("CPUID 0x15 says %lu kHz: ignored", frequency);
		return 0;
	}
	return frequency;
}

/* The best source first: who makes the clock, the CPU, then measurement. */
static u64 find_frequency(void)
{
	const char *stated = source;
	u64 frequency = virt_tsc_khz(&stated);

	if (believable(frequency)) {
		source = stated;
		return frequency;
	}
	if (frequency)
		pr_warn("%s says %lu kHz: ignored", stated, frequency);
	frequency = cpuid_khz();
	if (frequency) {
		source = "CPUID 0x15";
		return frequency;
	}
	frequency = time_measure_khz();
	if (frequency >= MIN_MEASURED_KHZ && frequency <= MAX_KHZ) {
		source = "measured";
		return frequency;
	}
	return 0;
}

static bool tsc_is_invariant(void)
{
	struct cpuid_regs id;

	cpuid(CPUID_EXT_MAX, 0, &id);
	if (id.eax < CPUID_POWER)
		return false;
	cpuid(CPUID_POWER, 0, &id);
	return id.edx & CPUID_INVARIANT_TSC;
}

static u64 tsc_probe(void)
{
	u64 frequency = find_frequency();

	if (!frequency) {
		pr_warn("frequency of the time-stamp counter unknown");
		return 0;
	}
	khz = frequency;
	pr_info("time-stamp counter at %lu.%03lu MHz (%s)", khz / 1000,
		khz % 1000, source);
	if (unstable)
		return 0;
	tsc_clock.watched = !tsc_is_invariant();
	return khz * 1000;
}

/* What counts by it goes wrong with it. */
static void tsc_demoted(void)
{
	clockevent_withdraw(&tsc_deadline_event);
}

struct clocksource tsc_clock = {
	.name = "tsc",
	.rating = 300,
	.mask = UINT64_MAX,
	.read = tsc_read,
	.probe = tsc_probe,
	.from_entry = true,
	.demoted = tsc_demoted,
};
CLOCKSOURCE(tsc_clock);

bool tsc_is_usable(void)
{
	return tsc_clock.hz;
}
