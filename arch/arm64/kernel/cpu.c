/* SPDX-License-Identifier: BSD-2-Clause */
/* What the CPU says about itself: Arm ARM, D19.2. */
#include <asm/boot.h>
#include <asm/sysreg.h>
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/time.h>

struct implementer {
	u8 code;
	const char *name;
};

static const struct implementer implementers[] = {
	{ 0x41, "Arm" },      { 0x42, "Broadcom" },  { 0x43, "Cavium" },
	{ 0x46, "Fujitsu" },  { 0x48, "HiSilicon" }, { 0x4e, "NVIDIA" },
	{ 0x51, "Qualcomm" }, { 0x61, "Apple" },     { 0x6d, "Microsoft" },
	{ 0xc0, "Ampere" },
};

/* A field of 4 bits of an identification register, and when it counts. */
struct cpu_feature {
	const char *name; /* as /proc/cpuinfo calls it */
	u64 (*read)(void);
	u8 shift;
	u8 least;
};

#define ID_REGISTER(name)         \
 static u64 name(void)            \
 {                                \
  return sysreg_read(name##_el1); \
 }
ID_REGISTER(id_aa64isar0)
ID_REGISTER(id_aa64isar1)
ID_REGISTER(id_aa64pfr0)
ID_REGISTER(id_aa64mmfr1)

static const struct cpu_feature cpu_features[] = {
	{ "aes", id_aa64isar0, 4, 1 },	    { "sha1", id_aa64isar0, 8, 1 },
	{ "sha2", id_aa64isar0, 12, 1 },    { "crc32", id_aa64isar0, 16, 1 },
	{ "atomics", id_aa64isar0, 20, 2 }, { "rng", id_aa64isar0, 60, 1 },
	{ "dcpop", id_aa64isar1, 0, 1 },    { "lrcpc", id_aa64isar1, 20, 1 },
	{ "gicv3", id_aa64pfr0, 24, 1 },    { "ras", id_aa64pfr0, 28, 1 },
	{ "sve", id_aa64pfr0, 32, 1 },	    { "vhe", id_aa64mmfr1, 8, 1 },
	{ "pan", id_aa64mmfr1, 20, 1 },
};

static const char *implementer_name(u8 code)
{
	for (size_t i = 0; i < ARRAY_SIZE(implementers); i++)
		if (implementers[i].code == code)
			return implementers[i].name;
	return "unknown";
}

void cpu_print_info(void)
{
	u64 midr = sysreg_read(midr_el1);

	console_printf("vendor     : %#lx (%s)\n", midr >> 24 & 0xff,
		       implementer_name((u8)(midr >> 24)));
	console_printf("part       : %#lx, variant %lu, revision %lu\n",
		       midr >> 4 & 0xfff, midr >> 20 & 0xf, midr & 0xf);
	console_printf("affinity   : %#lx\n",
		       sysreg_read(mpidr_el1) & 0xff00ffffffUL);
	console_printf("entered at : EL%lu\n", boot_args.level);
	console_printf("clock      : %lu.%03lu MHz (%s)\n",
		       time_counter_khz() / 1000, time_counter_khz() % 1000,
		       time_frequency_source());
	console_puts("flags      :");
	for (size_t i = 0; i < ARRAY_SIZE(cpu_features); i++) {
		const struct cpu_feature *f = &cpu_features[i];

		/* Fields are signed where 0xf means "not there". */
		if ((f->read() >> f->shift & 0xf) >= f->least &&
		    (f->read() >> f->shift & 0xf) != 0xf)
			console_printf(" %s", f->name);
	}
	console_puts("\n");
}
