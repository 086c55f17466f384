/* SPDX-License-Identifier: BSD-2-Clause */
/* The `timers` command. */
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/wallclock.h>

static void print_clocks(void)
{
	const struct wallclock *wall = wallclock_current();
	const struct clockevent *event = clockevent_current();
	const struct clocksource *cs;

	console_puts("clocks: ");
	for (unsigned n = 0; (cs = clocksource_nth(n)); n++)
		console_printf("%s%s (%lu kHz)", n ? ", then " : "", cs->name,
			       cs->hz / 1000);
	console_printf("\ntime of day: %s\n",
		       wall ? wall->name : "not asked for, or unknown");
	console_printf("interrupts by: %s%s\n", event ? event->name : "none",
		       event && !event->per_cpu ? ", on the boot CPU" : "");
}

static void print_cpu(unsigned cpu)
{
	u64 due = timer_next_ns(cpu), now = time_ns();

	console_printf("%5u %12lu  ", cpu, timer_interrupt_count(cpu));
	if (!due)
		console_puts("nothing\n");
	else
		console_printf("in %llu us\n",
			       (due > now ? due - now : 0) / NSEC_PER_USEC);
}

static int timers_command(int argc, char **argv __unused)
{
	unsigned cpu;

	if (argc != 1)
		return -EINVAL;
	print_clocks();
	console_puts("  CPU   interrupts  due\n");
	for_each_online_cpu(cpu)
		print_cpu(cpu);
	return 0;
}
SHELL_COMMAND(timers, "", "Show clocks, and each CPU's timer interrupts",
	      timers_command);
