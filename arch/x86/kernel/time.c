/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock: the time-stamp counter, with the best frequency there is. */
#define pr_fmt(fmt) "clock: " fmt

#include <asm/boot.h>
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/virt/paravirt.h>

/* Frequencies outside of this are not believed, whoever states them. */
#define MIN_KHZ 100000
#define MAX_KHZ 10000000

/*
 * Until the frequency is known: no slower than any, so that correcting it
 * later never moves the clock back.
 */
#define BOOT_KHZ MAX_KHZ

/* CPUID leaf 0x15: TSC and crystal clock (SDM volume 2, CPUID). */
#define CPUID_TSC 0x15

#define SCALE_SHIFT 32

static u64 khz = BOOT_KHZ;
/* Nanoseconds a tick, times 2^SCALE_SHIFT. */
static u64 scale = (1000000ULL << SCALE_SHIFT) / BOOT_KHZ;
static const char *source = "assumed";

u64 time_ns(void)
{
	u64 ticks = cpu_counter() - boot_counter;

	return (u64)((unsigned __int128)ticks * scale >> SCALE_SHIFT);
}

void udelay(u64 us)
{
	u64 start = time_ns();

	while (time_ns() - start < us * NSEC_PER_USEC)
		cpu_relax();
}

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
	if (believable(frequency)) {
		source = "measured";
		return frequency;
	}
	return 0;
}

static int clock_init(void)
{
	u64 frequency = find_frequency();

	if (!frequency) {
		pr_warn("frequency unknown, %u kHz assumed: times are wrong",
			BOOT_KHZ);
		return 0;
	}
	khz = frequency;
	scale = (1000000ULL << SCALE_SHIFT) / khz;
	pr_info("time-stamp counter at %lu.%03lu MHz (%s)", khz / 1000,
		khz % 1000, source);
	return 0;
}
initcall(INIT_TIME, clock_init);
