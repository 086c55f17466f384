/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is believed about the frequency of the time-stamp counter. */
#include "unit.h"
#include <asm/cpuid.h>
#include <asm/tsc.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/paravirt.h>

static u64 stated_khz, measurable_khz;
static u32 highest_leaf;
static struct cpuid_regs leaf15, leaf16;
static unsigned warnings, measurements;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)flags;
	(void)fmt;
	warnings += level <= LOG_WARNING;
}

/* A CPU answers a leaf that it does not have with anything. */
void cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *r)
{
	(void)subleaf;
	*r = (struct cpuid_regs){ 0x55555555, 0x55555555, 0x55555555, 0 };
	if (leaf == 0)
		r->eax = highest_leaf;
	else if (leaf == 0x15 && highest_leaf >= 0x15)
		*r = leaf15;
	else if (leaf == 0x16 && highest_leaf >= 0x16)
		*r = leaf16;
}

u64 virt_tsc_khz(const char **source)
{
	if (stated_khz)
		*source = "hypervisor";
	return stated_khz;
}

u64 time_measure_khz(void)
{
	measurements++;
	return measurable_khz;
}

static const char *source;

static u64 find(void)
{
	warnings = measurements = 0;
	source = "nobody";
	return tsc_find_khz(&source);
}

/* A machine on which everything is stated and can be measured. */
static void begin(void)
{
	stated_khz = 2400001;
	measurable_khz = 2399900;
	highest_leaf = 0x16;
	/* 24 MHz * 200 / 2 */
	leaf15 = (struct cpuid_regs){ 2, 200, 24000000, 0 };
	/* What is reserved may be set. */
	leaf16 = (struct cpuid_regs){ 0xabcd0000 | 2300, 0, 0, 0 };
}

TEST(the_hypervisor_comes_first_then_the_cpu_then_measuring)
{
	begin();
	CHECK_EQ(find(), 2400001);
	CHECK(!strcmp(source, "hypervisor"));
	stated_khz = 0;
	CHECK_EQ(find(), 2400000);
	CHECK(!strcmp(source, "CPUID 0x15"));
	CHECK_EQ(measurements, 0);
	/* A ratio without a crystal says nothing. */
	leaf15.ecx = 0;
	CHECK_EQ(find(), 2399900);
	CHECK(!strcmp(source, "measured"));
	measurable_khz = 0;
	CHECK_EQ(find(), 2300000);
	CHECK(!strcmp(source, "CPUID 0x16"));
	CHECK_EQ(warnings, 0);
}

TEST(leaves_that_a_cpu_does_not_have_are_not_asked)
{
	begin();
	stated_khz = measurable_khz = 0;
	highest_leaf = 0x15;
	leaf15.ebx = 0;
	CHECK_EQ(find(), 0);
	highest_leaf = 0xd;
	CHECK_EQ(find(), 0);
	CHECK(!strcmp(source, "nobody"));
	CHECK_EQ(warnings, 0);
}

TEST(absurd_frequencies_are_refused)
{
	begin();
	stated_khz = 99999;
	CHECK_EQ(find(), 2400000);
	CHECK_EQ(warnings, 1);
	stated_khz = 10000001;
	CHECK_EQ(find(), 2400000);
	leaf15 = (struct cpuid_regs){ 1, UINT32_MAX, UINT32_MAX, 0 };
	CHECK_EQ(find(), 2399900);
	CHECK_EQ(warnings, 2);
	leaf15 = (struct cpuid_regs){ UINT32_MAX, 1, 1000000, 0 };
	CHECK_EQ(find(), 2399900);
	measurable_khz = 999;
	leaf16.eax = 99;
	CHECK_EQ(find(), 0);
	leaf16.eax = 0xffff;
	CHECK_EQ(find(), 0);
	CHECK(!strcmp(source, "nobody"));
	/* An emulator may be slow. */
	measurable_khz = 1000;
	CHECK_EQ(find(), 1000);
}
