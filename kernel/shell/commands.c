/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that belong to no other part of the kernel. */
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/panic.h>
#include <kernel/power.h>
#include <kernel/sched.h>
#include <kernel/shell.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>

#define PANIC_MESSAGE_BYTES 128

static int command_clear(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	console_puts("\033[H\033[2J");
	return 0;
}
SHELL_COMMAND(clear, "", "Clear the screen", command_clear);

static int command_cpuinfo(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	cpu_print_info();
	return 0;
}
SHELL_COMMAND(cpuinfo, "", "Show what the CPU is", command_cpuinfo);

static int command_panic(int argc, char **argv)
{
	char message[PANIC_MESSAGE_BYTES];

	str_join(message, sizeof(message), argv + 1, ' ');
	panic("%s", argc > 1 ? message : "asked for in the shell");
}
SHELL_COMMAND(panic, "[MESSAGE]...", "Crash the kernel, to see what it shows",
	      command_panic);

static int command_poweroff(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	machine_poweroff();
}
SHELL_COMMAND(poweroff, "", "Turn the machine off", command_poweroff);

static int command_reboot(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	machine_reboot();
}
SHELL_COMMAND(reboot, "", "Restart the machine", command_reboot);

/* The part of the time that the CPUs had nothing to do, in tenths of %. */
static unsigned idle_tenths(void)
{
	struct sched_cpu_times times;
	u64 idle = 0, all = 0;
	unsigned cpu;

	for_each_online_cpu(cpu) {
		sched_get_times(cpu, &times);
		idle += times.idle_ns;
		all += times.idle_ns + times.busy_ns + times.steal_ns;
	}
	return all >= 1000 ? (unsigned)(idle / (all / 1000)) : 0;
}

static int command_uptime(int argc, char **argv __unused)
{
	unsigned idle = idle_tenths();
	u64 now = time_ns();
	u64 seconds = now / NSEC_PER_SEC;

	if (argc != 1)
		return -EINVAL;
	console_printf("up %llu:%02u:%02u (%llu.%06u s), idle %u.%u %%\n",
		       (unsigned long long)(seconds / 3600),
		       (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60),
		       (unsigned long long)seconds,
		       (unsigned)(now % NSEC_PER_SEC / NSEC_PER_USEC),
		       idle / 10, idle % 10);
	return 0;
}
SHELL_COMMAND(uptime, "", "Show the time since the kernel was entered",
	      command_uptime);
