/* SPDX-License-Identifier: BSD-2-Clause */
/* The `cpus` command. */
#include <kernel/arch_smp.h>
#include <kernel/console.h>
#include <kernel/irq.h>
#include <kernel/sched.h>
#include <kernel/shell.h>
#include <kernel/smp.h>

static int cpus_command(int argc __unused, char **argv __unused)
{
	const char *name;
	u64 number;

	console_printf("  CPU %11s state  ", arch_cpu_id_name());
	for (unsigned n = 0; arch_irq_counter(n, 0, &name, &number); n++)
		console_printf(" %10s", name);
	console_puts("  stolen us\n");
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		console_printf("%5u %11llu %-7s", cpu,
			       (unsigned long long)arch_cpu_id(cpu),
			       cpu_is_online(cpu) ? "online" : "failed");
		for (unsigned n = 0; arch_irq_counter(n, cpu, &name, &number);
		     n++)
			console_printf(" %10llu", (unsigned long long)number);
		console_printf(" %10llu\n",
			       (unsigned long long)steal_clock(cpu) / 1000);
	}
	return 0;
}
SHELL_COMMAND(cpus, "",
	      "List the CPUs, the interrupts that each took, and what the "
	      "host stole",
	      cpus_command);
