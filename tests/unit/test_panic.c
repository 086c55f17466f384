/* SPDX-License-Identifier: BSD-2-Clause */
/* A panic leaves the machine as asked, also when something in it panics. */
#include <setjmp.h>
#include <kernel/console.h>
#include <kernel/panic.h>
#include <kernel/param.h>
#include <kernel/power.h>
#include <kernel/power_hook.h>
#include <kernel/printk.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/symbols.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>
#include "unit.h"

enum way_out {
	HALTED = 1,
	RESET,
	EXITED
};

static jmp_buf out;
static unsigned reports, told;
static bool printing_panics;
static u64 waited;

const char *symbol_lookup(uintptr_t addr, size_t *offset, size_t *size)
{
	(void)addr;
	(void)offset;
	(void)size;
	return NULL;
}

void backtrace_print(uintptr_t frame)
{
	CHECK_EQ(frame, 0);
}

void console_enter_panic(void)
{
}

bool selftest_exit_requested(void)
{
	return false;
}

void udelay(u64 us)
{
	waited += us;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	if (!str_has_prefix(fmt, "Kernel panic"))
		return;
	reports++;
	if (printing_panics)
		panic("in the report");
}

void power_hooks_panicked(const char *message)
{
	CHECK_STR(message, "for a test");
	told++;
}

void machine_halt(void)
{
	longjmp(out, HALTED);
}

void machine_reboot(void)
{
	longjmp(out, RESET);
}

void machine_exit(bool success)
{
	CHECK(!success);
	longjmp(out, EXITED);
}

static int leave_by_panic(void)
{
	int way = setjmp(out);

	if (!way)
		panic("for a test");
	return way;
}

/* The one test, since a kernel panics once. */
TEST(panic_in_panic_resets_without_report_and_another_one_halts)
{
	static char words[] = "panic=2";

	CHECK_EQ(param_parse(words), 0);
	printing_panics = true;
	CHECK_EQ(leave_by_panic(), RESET);
	CHECK_EQ(reports, 1);
	CHECK_EQ(waited, 2000000);
	CHECK_EQ(told, 1);

	CHECK_EQ(leave_by_panic(), HALTED);
	CHECK_EQ(reports, 1);
}
