/* SPDX-License-Identifier: BSD-2-Clause */
/* The `interrupts` command. */
#include <kernel/console.h>
#include <kernel/shell.h>
#include "lines.h"

static void print_line(unsigned irq)
{
	struct irq_line *line = irq_line(irq);
	const char *separator = "  ";
	unsigned long state = spin_lock_irqsave(&line->lock);
	struct irq_line copy = *line;

	spin_unlock_irqrestore(&line->lock, state);
	if (!copy.count && !copy.actions)
		return;
	console_printf("%10u %12lu %9lu  %-8s %-13s", irq, copy.count,
		       copy.unhandled, copy.chip->name,
		       copy.masked ? "masked: storm"
				   : irq_trigger_name(copy.trigger));
	/* Commands and drivers' exits are one context: the list stays. */
	for (const struct irq_action *a = copy.actions; a; a = a->next) {
		console_printf("%s%s", separator, a->name);
		separator = ", ";
	}
	console_puts("\n");
}

static int interrupts_command(int argc __unused, char **argv __unused)
{
	const char *name;
	u64 count;

	console_puts("      line        taken unhandled  chip     trigger"
		     "        drivers\n");
	for (unsigned i = 0; i < IRQ_LINES; i++)
		print_line(i);
	for (unsigned n = 0; arch_irq_counter(n, &name, &count); n++)
		console_printf("%10s %12lu\n", name, count);
	return 0;
}
SHELL_COMMAND(interrupts, "", "Count interrupts since boot, by line",
	      interrupts_command);
