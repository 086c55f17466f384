/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/sysreg.h>
#include <asm/trap.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/symbols.h>

#define UNMAPPED   ((const void *)0xffffa00000000000)
#define NO_ADDRESS ((const void *)0x00ff800000000000)

static void test_breakpoint(struct selftest *t)
{
	u64 before = trap_count(EC_BRK);

	__asm__ __volatile__("brk #0");
	EXPECT_EQ(t, trap_count(EC_BRK), before + 1);
}

/* Every register but the stack pointer and x29 survives a trap. */
static void test_registers(struct selftest *t)
{
	register u64 bad __asm__("x0");

	__asm__ __volatile__(
		".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,"
		"20,21,22,23,24,25,26,27,28,30\n"
		"movz x\\n, #(\\n * 257 + 4369)\n"
		".endr\n"
		"brk #0\n"
		".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,"
		"20,21,22,23,24,25,26,27,28,30\n"
		"sub x\\n, x\\n, #((\\n * 257 + 4369) & 0xfff)\n"
		"sub x\\n, x\\n, #((\\n * 257 + 4369) & 0xf000)\n"
		".endr\n"
		".irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,"
		"20,21,22,23,24,25,26,27,28,30\n"
		"orr x0, x0, x\\n\n"
		".endr\n"
		: "=r"(bad)
		:
		: "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
		  "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19",
		  "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28",
		  "x30", "cc", "memory");
	EXPECT_EQ(t, bad, 0);
}

static void test_probe(struct selftest *t)
{
	u64 faults = trap_count(EC_DATA_ABORT);
	u8 good = 0x5a, value = 0;

	EXPECT_EQ(t, probe_read8(&good, &value), 0);
	EXPECT_EQ(t, value, good);
	EXPECT_EQ(t, probe_read8(UNMAPPED, &value), -EFAULT);
	EXPECT_EQ(t, probe_read8(NULL, &value), -EFAULT);
	EXPECT_EQ(t, probe_read8(NO_ADDRESS, &value), -EFAULT);
	EXPECT_EQ(t, trap_count(EC_DATA_ABORT), faults + 3);
}

static void test_symbols(struct selftest *t)
{
	size_t offset, size;
	const char *name =
		symbol_lookup((uintptr_t)test_symbols + 1, &offset, &size);

	if (EXPECT(t, name))
		EXPECT(t, !strcmp(name, "test_symbols"));
	EXPECT_EQ(t, offset, 1);
	EXPECT(t, size > 1);
	EXPECT(t, !symbol_lookup(0, &offset, &size));
	EXPECT(t, !symbol_lookup(UINTPTR_MAX, &offset, &size));
}

static const struct selftest_case trap_cases[] = {
	{ .name = "breakpoint-returns", .run = test_breakpoint },
	{ .name = "registers-survive", .run = test_registers },
	{ .name = "unmapped-read-is-an-error", .run = test_probe },
	{ .name = "symbols-name-functions", .run = test_symbols },
	{},
};
SELFTEST_SUITE(traps, "traps", trap_cases, 0);
