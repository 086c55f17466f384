/* SPDX-License-Identifier: BSD-2-Clause */
/* How fast the time-stamp counter counts. */
#define pr_fmt(fmt) "clock: " fmt

#include <asm/cpuid.h>
#include <asm/tsc.h>
#include <kernel/compiler.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/virt/paravirt.h>

/* SDM volume 2A, CPUID: crystal and ratio to it; nominal frequencies. */
#define CPUID_CRYSTAL	  0x15
#define CPUID_NOMINAL_MHZ 0x16
#define NOMINAL_MHZ_MASK  0xffffU

static bool believable(u64 khz)
{
	return khz >= TSC_MIN_KHZ && khz <= TSC_MAX_KHZ;
}

static bool has_leaf(u32 leaf)
{
	struct cpuid_regs id;

	cpuid(0, 0, &id);
	return id.eax >= leaf;
}

/* Not every CPU that has the leaf says what its crystal does. */
static u64 crystal_khz(void)
{
	struct cpuid_regs id;

	if (!has_leaf(CPUID_CRYSTAL))
		return 0;
	cpuid(CPUID_CRYSTAL, 0, &id);
	if (!id.eax || !id.ebx || !id.ecx)
		return 0;
	/* 2^64 is not reached; the quotient may be anything. */
	return (u64)id.ecx * id.ebx / id.eax / 1000;
}

static u64 measured_khz(void)
{
	u64 khz = time_measure_khz();

	return khz >= TSC_MIN_MEASURED_KHZ && khz <= TSC_MAX_KHZ ? khz : 0;
}

/* What is printed on the box, rounded: less precise than a measurement. */
static u64 nominal_khz(void)
{
	struct cpuid_regs id;

	if (!has_leaf(CPUID_NOMINAL_MHZ))
		return 0;
	cpuid(CPUID_NOMINAL_MHZ, 0, &id);
	return (id.eax & NOMINAL_MHZ_MASK) * 1000ULL;
}

/* True if @khz can be; what is absurd is reported. */
static bool accept(u64 khz, const char *stated_by)
{
	if (believable(khz))
		return true;
	if (khz)
		pr_warn("%s says %llu kHz: ignored", stated_by,
			(unsigned long long)khz);
	return false;
}

u64 tsc_find_khz(const char **source)
{
	const char *name = "";
	u64 khz = virt_tsc_khz(&name);

	if (!accept(khz, name)) {
		name = "CPUID 0x15";
		khz = crystal_khz();
	}
	if (!accept(khz, name)) {
		name = "measured";
		khz = measured_khz();
	}
	if (!khz) {
		name = "CPUID 0x16";
		khz = nominal_khz();
		if (!accept(khz, name))
			return 0;
	}
	*source = name;
	return khz;
}
