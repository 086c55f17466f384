/* SPDX-License-Identifier: BSD-2-Clause */
/* The `cpuinfo` command: what CPUID says of this CPU. */
#include <asm/cpuid.h>
#include <asm/page.h>
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/string.h>
#include <kernel/time.h>

#define CPUID_EXT_MAX	   0x80000000
#define CPUID_EXT_FEATURES 0x80000001
#define CPUID_BRAND	   0x80000002 /* and the next two */
#define CPUID_ADDRESS_SIZE 0x80000008
#define BRAND_BYTES	   48

enum cpuid_register {
	EAX,
	EBX,
	ECX,
	EDX
};

struct cpu_feature {
	const char *name; /* as /proc/cpuinfo calls it */
	u32 leaf;
	u8 reg;
	u8 bit;
};

/* What matters to a guest kernel; the full list is CPUID itself. */
static const struct cpu_feature cpu_features[] = {
	{ "tsc", 1, EDX, 4 },
	{ "apic", 1, EDX, 9 },
	{ "mtrr", 1, EDX, 12 },
	{ "pge", 1, EDX, 13 },
	{ "pat", 1, EDX, 16 },
	{ "vmx", 1, ECX, 5 },
	{ "pcid", 1, ECX, 17 },
	{ "x2apic", 1, ECX, 21 },
	{ "tsc_deadline_timer", 1, ECX, 24 },
	{ "aes", 1, ECX, 25 },
	{ "xsave", 1, ECX, 26 },
	{ "rdrand", 1, ECX, 30 },
	{ "hypervisor", 1, ECX, 31 },
	{ "tsc_adjust", 7, EBX, 1 },
	{ "smep", 7, EBX, 7 },
	{ "invpcid", 7, EBX, 10 },
	{ "rdseed", 7, EBX, 18 },
	{ "smap", 7, EBX, 20 },
	{ "umip", 7, ECX, 2 },
	{ "la57", 7, ECX, 16 },
	{ "svm", CPUID_EXT_FEATURES, ECX, 2 },
	{ "nx", CPUID_EXT_FEATURES, EDX, 20 },
	{ "pdpe1gb", CPUID_EXT_FEATURES, EDX, 26 },
	{ "rdtscp", CPUID_EXT_FEATURES, EDX, 27 },
	{ "lm", CPUID_EXT_FEATURES, EDX, 29 },
	{ "constant_tsc", 0x80000007, EDX, 8 },
};

static u32 max_leaf(u32 leaf)
{
	struct cpuid_regs id;

	cpuid(leaf & CPUID_EXT_MAX, 0, &id);
	return id.eax;
}

static bool has_feature(const struct cpu_feature *f)
{
	struct cpuid_regs id;
	u32 regs[4];

	if (max_leaf(f->leaf) < f->leaf)
		return false;
	cpuid(f->leaf, 0, &id);
	regs[EAX] = id.eax;
	regs[EBX] = id.ebx;
	regs[ECX] = id.ecx;
	regs[EDX] = id.edx;
	return regs[f->reg] & BIT(f->bit);
}

/* Whoever makes the CPU up may put in anything. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static void print_vendor(void)
{
	char vendor[13] = "";
	struct cpuid_regs id;

	cpuid(0, 0, &id);
	memcpy(vendor, &id.ebx, 4);
	memcpy(vendor + 4, &id.edx, 4);
	memcpy(vendor + 8, &id.ecx, 4);
	make_printable(vendor);
	console_printf("vendor     : %s\n", vendor);
}

static void print_brand(void)
{
	char brand[BRAND_BYTES + 1] = "";
	const char *start = brand;
	struct cpuid_regs id;

	if (max_leaf(CPUID_EXT_MAX) < CPUID_BRAND + 2)
		return;
	for (u32 i = 0; i < 3; i++) {
		cpuid(CPUID_BRAND + i, 0, &id);
		memcpy(brand + i * sizeof(id), &id, sizeof(id));
	}
	make_printable(brand);
	/* Intel pads on the left. */
	while (*start == ' ')
		start++;
	console_printf("model name : %s\n", start);
}

static void print_version(void)
{
	struct cpuid_regs id;
	u32 family, model;

	cpuid(1, 0, &id);
	family = id.eax >> 8 & 0xf;
	model = id.eax >> 4 & 0xf;
	if (family == 0xf || family == 6)
		model |= id.eax >> 12 & 0xf0;
	if (family == 0xf)
		family += id.eax >> 20 & 0xff;
	console_printf("family     : %u, model %u, stepping %u\n", family,
		       model, id.eax & 0xf);
}

static void print_addresses(void)
{
	struct cpuid_regs id;

	if (max_leaf(CPUID_EXT_MAX) < CPUID_ADDRESS_SIZE)
		return;
	cpuid(CPUID_ADDRESS_SIZE, 0, &id);
	console_printf("addresses  : %u bits physical, %u bits virtual\n",
		       id.eax & 0xff, id.eax >> 8 & 0xff);
}

void cpu_print_info(void)
{
	print_vendor();
	print_brand();
	print_version();
	print_addresses();
	console_printf("largest page: %s\n",
		       paging_uses_1g() ? "1 GiB" : "2 MiB");
	console_printf("clock      : %lu.%03lu MHz (%s)\n",
		       time_counter_khz() / 1000, time_counter_khz() % 1000,
		       time_frequency_source());
	console_puts("flags      :");
	for (size_t i = 0; i < ARRAY_SIZE(cpu_features); i++)
		if (has_feature(&cpu_features[i]))
			console_printf(" %s", cpu_features[i].name);
	console_puts("\n");
}
