/* SPDX-License-Identifier: BSD-2-Clause */
/* The `interrupts` command. */
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include "lines.h"

/* With more CPUs there is no column for each. */
#define COLUMNS_MAX 8

static const char *state_of(const struct irq_line *line)
{
	if (line->stormed)
		return "masked: storm";
	return line->masks ? "masked" : irq_trigger_name(line->trigger);
}

static void print_line(unsigned irq)
{
	struct irq_line *line = irq_line(irq);
	const char *separator = "  ";
	struct irq_line copy;
	unsigned long state;

	if (!line)
		return;
	state = spin_lock_irqsave(&line->lock);
	copy = *line;
	spin_unlock_irqrestore(&line->lock, state);
	if (!copy.chip || (!copy.count && !copy.actions))
		return;
	console_printf("%10u %12lu %9lu ", irq, copy.count, copy.unhandled);
	if (copy.actions)
		console_printf("%4u", copy.cpu);
	else
		console_puts("   -");
	console_printf("  %-8s %-13s", copy.chip->name, state_of(&copy));
	/* Commands and drivers' exits are one context: the list stays. */
	for (const struct irq_action *a = copy.actions; a; a = a->next) {
		console_printf("%s%s", separator, a->name);
		separator = ", ";
	}
	console_puts("\n");
}

/* Of all CPUs together. */
static bool counter(unsigned n, const char **name, u64 *sum)
{
	u64 one;

	*sum = 0;
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		if (!arch_irq_counter(n, cpu, name, &one))
			return false;
		*sum += one;
	}
	return true;
}

static int list_lines(void)
{
	const char *name = "";
	u64 count;

	console_puts("      line        taken unhandled  CPU  chip     trigger"
		     "        drivers\n");
	for (unsigned i = 0; i < irq_line_end(); i++)
		print_line(i);
	for (unsigned n = 0; counter(n, &name, &count); n++)
		console_printf("%10s %12lu\n", name, count);
	return 0;
}

/* What CPU @cpu took of @line. */
static u64 share(struct irq_line *line, unsigned cpu)
{
	unsigned long state = spin_lock_irqsave(&line->lock);
	u64 count = cpu < line->cpus_counted ? line->cpu_count[cpu] : 0;

	spin_unlock_irqrestore(&line->lock, state);
	return count;
}

static void print_shares(unsigned irq)
{
	struct irq_line *line = irq_line(irq);
	unsigned shown = 0;

	if (!line || !line->chip || !line->count)
		return;
	console_printf("%10u", irq);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		u64 count = share(line, cpu);

		if (count && shown++ && shown % COLUMNS_MAX == 1)
			console_printf("\n%10s", "");
		if (count)
			console_printf("  CPU%u:%lu", cpu, count);
	}
	console_puts("\n");
}

static int print_affinity(unsigned irq)
{
	struct irq_line *line = irq_line_ask(irq);
	char text[CPULIST_MAX];
	struct cpumask mask;
	unsigned long state;

	if (!line || !line->chip)
		return -ENODEV;
	state = spin_lock_irqsave(&line->lock);
	mask = line->affinity;
	spin_unlock_irqrestore(&line->lock, state);
	cpulist_print(&mask, text);
	if (cpumask_empty(&mask))
		console_printf("line %u may interrupt any CPU\n", irq);
	else
		console_printf("line %u may interrupt CPU %s\n", irq, text);
	return 0;
}

static int set_affinity(unsigned irq, const char *text)
{
	struct cpumask mask;
	int ret = cpulist_parse(text, &mask);

	if (ret)
		return ret;
	ret = irq_set_affinity(irq, &mask);
	if (ret == -EINVAL || ret == -EBUSY) {
		console_printf("interrupts: %s\n",
			       ret == -EBUSY ? "no vector is free there"
					     : "it reaches none of these CPUs");
		return 0;
	}
	return ret;
}

static int interrupts_command(int argc, char **argv)
{
	u64 irq;
	int ret;

	if (argc == 1)
		return list_lines();
	if (argc == 2 && !strcmp(argv[1], "-c")) {
		for (unsigned i = 0; i < irq_line_end(); i++)
			print_shares(i);
		return 0;
	}
	if (argc > 3 || kstrtou64(argv[1], 10, &irq))
		return -EINVAL;
	irq = MIN(irq, (u64)IRQ_LINES_MAX);
	ret = argc == 2 ? print_affinity((unsigned)irq)
			: set_affinity((unsigned)irq, argv[2]);
	if (ret == -ENODEV)
		console_printf("interrupts: no line %s\n", argv[1]);
	return ret == -ENODEV ? 0 : ret;
}
SHELL_COMMAND(interrupts, "[-c | LINE [CPUS]]",
	      "Count interrupts by line, or (-c) by CPU; choose a line's CPUs",
	      interrupts_command);
