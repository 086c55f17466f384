/* SPDX-License-Identifier: BSD-2-Clause */
/* Fatal faults on request: what a report of each looks like. */
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/panic.h>
#include <kernel/shell.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/time.h>

#define FRAME_BYTES    512
#define OVERFLOW_DEPTH 100000 /* frames: far more than any stack holds */

/* Until all CPUs do what they were called for. */
#define DEAF_WAIT_US 100000

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

static void overflow_thread(void *arg __unused)
{
	crash_overflow();
}

static void crash_thread(void)
{
	struct thread *victim =
		thread_create("victim", overflow_thread, NULL, NULL);

	if (victim)
		thread_join(victim);
}

static void crash_undefined(void)
{
	__builtin_trap();
}

static void panic_here(void *arg __unused)
{
	panic("wanted on CPU %u", smp_processor_id());
}

/* On all CPUs, as near to the same time as can be. */
static void crash_all(void)
{
	smp_call_mask(&cpu_online_mask, panic_here, NULL);
}

static void hang(void *arg __unused)
{
	for (;;)
		cpu_relax();
}

/* While the other CPUs do not listen to interrupts. */
static void crash_deaf(void)
{
	struct smp_call_request *requests =
		kzalloc(cpu_count() * sizeof(*requests));
	unsigned cpu;

	for_each_online_cpu(cpu) {
		if (!requests)
			break;
		requests[cpu].fn = hang;
		if (cpu != smp_processor_id())
			smp_call_async(cpu, &requests[cpu]);
	}
	udelay(DEAF_WAIT_US);
	panic_here(NULL);
}

static const struct {
	const char *name;
	void (*run)(void);
} crashes[] = {
	{ "null", crash_null },		{ "text", crash_text },
	{ "const", crash_const },	{ "exec", crash_exec },
	{ "overflow", crash_overflow }, { "undefined", crash_undefined },
	{ "thread", crash_thread },	{ "all", crash_all },
	{ "deaf", crash_deaf },
};

static void run_there(void *arg)
{
	void (**run)(void) = arg;

	(*run)();
}

static int crash_on(unsigned cpu, void (*run)(void))
{
	int err = 0;

	if (cpu == smp_processor_id())
		run();
	else
		err = smp_call(cpu, run_there, &run);
	return err ? err : -EFAULT; /* the fault did not come */
}

static int command_crash(int argc, char **argv)
{
	u64 cpu = smp_processor_id();

	if (argc < 2 || argc > 3 ||
	    (argc == 3 && (kstrtou64(argv[2], 0, &cpu) || cpu > UINT32_MAX)))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		if (!strcmp(argv[1], crashes[i].name))
			return crash_on((unsigned)cpu, crashes[i].run);
	return -EINVAL;
}
SHELL_COMMAND(crash, "KIND [CPU]",
	      "Fault fatally: null text const exec overflow thread undefined "
	      "all deaf",
	      command_crash);
