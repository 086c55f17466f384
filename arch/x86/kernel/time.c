/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock: the time-stamp counter. */
#define pr_fmt(fmt) "clock: " fmt

#include <asm/apic.h>
#include <asm/boot.h>
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/tsc.h>
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/x86.h>

/*
 * Until the frequency is known: no slower than any, so that correcting it
 * later never moves the clock back.
 */
#define BOOT_KHZ TSC_MAX_KHZ

/* SDM volume 2B, RDTSCP */
#define CPUID_EXT_FEATURES 0x80000001
#define CPUID_RDTSCP	   BIT(27)

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

static bool has_rdtscp;

/*
 * Not before what this CPU loaded earlier: a time that another CPU stored, for
 * example, which must not be later. lfence alone is not enough on every AMD.
 */
u64 virt_counter(void)
{
	return has_rdtscp ? cpu_counter_rdtscp() : cpu_counter_lfence();
}

static u64 tsc_read(void)
{
	return virt_counter() - boot_counter;
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

static u32 cpuid_edx(u32 leaf)
{
	struct cpuid_regs id;

	cpuid(CPUID_EXT_MAX, 0, &id);
	if (id.eax < leaf)
		return 0;
	cpuid(leaf, 0, &id);
	return id.edx;
}

bool virt_counter_is_invariant(void)
{
	return cpuid_edx(CPUID_POWER) & CPUID_INVARIANT_TSC;
}

static u64 tsc_probe(void)
{
	u64 frequency = tsc_find_khz(&source);

	has_rdtscp = cpuid_edx(CPUID_EXT_FEATURES) & CPUID_RDTSCP;
	if (!frequency) {
		pr_warn("frequency of the time-stamp counter unknown");
		return 0;
	}
	khz = frequency;
	pr_info("time-stamp counter at %lu.%03lu MHz (%s)", khz / 1000,
		khz % 1000, source);
	if (unstable)
		return 0;
	tsc_clock.watched = !virt_counter_is_invariant();
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
	.per_cpu = true,
	.demoted = tsc_demoted,
};
CLOCKSOURCE(tsc_clock);

bool tsc_is_usable(void)
{
	return tsc_clock.hz;
}
