/* SPDX-License-Identifier: BSD-2-Clause */
/* Fatal faults on request: what a report of each looks like. */
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/string.h>

#define FRAME_BYTES    512
#define OVERFLOW_DEPTH 100000 /* frames: far more than any stack holds */

static const u32 constant = 1;
/* Would return at once, were it executable. */
static u8 data_code[] __aligned(4) = CPU_RETURN_CODE;

/* A variable, or the compiler would make a trap of its own. */
static volatile u8 *volatile nothing;

static void crash_null(void)
{
	*nothing = 1;
}

static void crash_text(void)
{
	*(volatile u8 *)(uintptr_t)crash_null = 0;
}

static void crash_const(void)
{
	*(volatile u32 *)(uintptr_t)&constant = 2;
}

static void crash_exec(void)
{
	((void (*)(void))(uintptr_t)data_code)();
}

static unsigned fill_stack(unsigned depth)
{
	volatile u8 frame[FRAME_BYTES];

	frame[depth % FRAME_BYTES] = (u8)depth;
	if (depth == 0)
		return 0;
	return fill_stack(depth - 1) + frame[depth % FRAME_BYTES];
}

static void crash_overflow(void)
{
	fill_stack(OVERFLOW_DEPTH);
}

static void crash_undefined(void)
{
	__builtin_trap();
}

static const struct {
	const char *name;
	void (*run)(void);
} crashes[] = {
	{ "null", crash_null },		{ "text", crash_text },
	{ "const", crash_const },	{ "exec", crash_exec },
	{ "overflow", crash_overflow }, { "undefined", crash_undefined },
};

static int command_crash(int argc, char **argv)
{
	if (argc != 2)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++) {
		if (strcmp(argv[1], crashes[i].name))
			continue;
		crashes[i].run();
		return -EFAULT; /* the fault did not come */
	}
	return -EINVAL;
}
SHELL_COMMAND(crash, "KIND",
	      "Fault fatally: null text const exec overflow undefined",
	      command_crash);
