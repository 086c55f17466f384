/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of exceptions and of what recovers from them. */
#include <asm/cpu.h>
#include <asm/msr.h>
#include <asm/trap.h>
#include <kernel/cpu.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/symbols.h>

#define MSR_NONE     0x4fffffff /* in nobody's range */
#define UNMAPPED     ((const void *)0xffffa00000000000)
#define NONCANONICAL ((const void *)0x0000800000000000)

static void test_breakpoint(struct selftest *t)
{
	u64 before = trap_count(TRAP_BP);

	__asm__ __volatile__("int3");
	EXPECT_EQ(t, trap_count(TRAP_BP), before + 1);
}

/* Every register but the stack pointer survives a trap. */
static void test_registers(struct selftest *t)
{
	u64 bad;

	__asm__ __volatile__("movq $0x1111, %%rax; movq $0x2222, %%rbx\n"
			     "movq $0x3333, %%rcx; movq $0x4444, %%rdx\n"
			     "movq $0x5555, %%rsi; movq $0x6666, %%rdi\n"
			     "movq $0x7777, %%r8;  movq $0x8888, %%r9\n"
			     "movq $0x9999, %%r10; movq $0xaaaa, %%r11\n"
			     "movq $0xbbbb, %%r12; movq $0xcccc, %%r13\n"
			     "movq $0xdddd, %%r14; movq $0xeeee, %%r15\n"
			     "int3\n"
			     "xorq $0x1111, %%rax; xorq $0x2222, %%rbx\n"
			     "xorq $0x3333, %%rcx; xorq $0x4444, %%rdx\n"
			     "xorq $0x5555, %%rsi; xorq $0x6666, %%rdi\n"
			     "xorq $0x7777, %%r8;  xorq $0x8888, %%r9\n"
			     "xorq $0x9999, %%r10; xorq $0xaaaa, %%r11\n"
			     "xorq $0xbbbb, %%r12; xorq $0xcccc, %%r13\n"
			     "xorq $0xdddd, %%r14; xorq $0xeeee, %%r15\n"
			     "orq %%rbx, %%rax; orq %%rcx, %%rax\n"
			     "orq %%rdx, %%rax; orq %%rsi, %%rax\n"
			     "orq %%rdi, %%rax; orq %%r8, %%rax\n"
			     "orq %%r9, %%rax;  orq %%r10, %%rax\n"
			     "orq %%r11, %%rax; orq %%r12, %%rax\n"
			     "orq %%r13, %%rax; orq %%r14, %%rax\n"
			     "orq %%r15, %%rax\n"
			     : "=a"(bad)
			     :
			     : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9",
			       "r10", "r11", "r12", "r13", "r14", "r15", "cc",
			       "memory");
	EXPECT_EQ(t, bad, 0);
}

static void test_msr(struct selftest *t)
{
	u64 faults = trap_count(TRAP_GP), value = 42;

	EXPECT_EQ(t, rdmsr_safe(MSR_EFER, &value), 0);
	EXPECT(t, value & EFER_LMA);
	EXPECT_EQ(t, trap_count(TRAP_GP), faults);

	value = 42;
	if (!rdmsr_safe(MSR_NONE, &value)) {
		selftest_skip(t, "this CPU answers MSR %#x", MSR_NONE);
		return;
	}
	EXPECT_EQ(t, value, 42);
	EXPECT_EQ(t, wrmsr_safe(MSR_NONE, 0), -EIO);
	EXPECT_EQ(t, trap_count(TRAP_GP), faults + 2);
}

static void test_probe(struct selftest *t)
{
	u64 faults = trap_count(TRAP_PF);
	u8 good = 0x5a, value = 0;

	EXPECT_EQ(t, probe_read8(&good, &value), 0);
	EXPECT_EQ(t, value, good);
	EXPECT_EQ(t, probe_read8(UNMAPPED, &value), -EFAULT);
	EXPECT_EQ(t, probe_read8(NULL, &value), -EFAULT);
	EXPECT_EQ(t, trap_count(TRAP_PF), faults + 2);
	EXPECT_EQ(t, probe_read8(NONCANONICAL, &value), -EFAULT);
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
	{ .name = "missing-msr-is-an-error", .run = test_msr },
	{ .name = "unmapped-read-is-an-error", .run = test_probe },
	{ .name = "symbols-name-functions", .run = test_symbols },
	{},
};
SELFTEST_SUITE(traps, "traps", trap_cases, 0);
