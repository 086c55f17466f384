/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which lines there are. They are found by number through a table of tables,
 * which is only added to, so that interrupts need no lock for it.
 */
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include "lines.h"

#define TABLE_LINES 256
#define TABLES	    (IRQ_LINES_MAX / TABLE_LINES)

struct line_table {
	struct irq_line *line[TABLE_LINES];
};

/* Wires of one controller: most are nobody's, and have no line yet. */
struct wires {
	struct wires *next;
	const struct irq_chip *chip;
	unsigned first, count;
	enum irq_trigger trigger;
};

static struct wires *all_wires;
static struct line_table *tables[TABLES];
static unsigned end; /* of the numbers that were ever used */
/* Of who adds and removes lines. A line's own lock may be taken under it. */
static struct spinlock lines_lock = SPINLOCK_INIT;

struct irq_line *irq_line(unsigned irq)
{
	const struct line_table *table;

	if (irq >= IRQ_LINES_MAX)
		return NULL;
	/* Pairs with create(): the table's and line's memory. */
	table = atomic_load_acquire(&tables[irq / TABLE_LINES]);
	return table ? atomic_load_acquire(&table->line[irq % TABLE_LINES])
		     : NULL;
}

unsigned irq_line_end(void)
{
	return atomic_read(&end);
}

/* irq_line(), made if it is not there; NULL without memory. Under the lock. */
static struct irq_line *create(unsigned irq)
{
	struct line_table *table = tables[irq / TABLE_LINES];
	struct irq_line *line = irq_line(irq);

	if (line)
		return line;
	if (!table) {
		table = kzalloc(sizeof(*table));
		if (!table)
			return NULL;
		atomic_store_release(&tables[irq / TABLE_LINES], table);
	}
	line = kzalloc(sizeof(*line));
	if (!line)
		return NULL;
	atomic_store_release(&table->line[irq % TABLE_LINES], line);
	if (irq >= end)
		atomic_write(&end, irq + 1);
	return line;
}

static bool is_free(unsigned irq)
{
	const struct irq_line *line = irq_line(irq);

	return !line || !line->chip;
}

/* Give the line to @chip, as new. */
static void line_init(unsigned irq, const struct irq_chip *chip,
		      enum irq_trigger trigger, void *context)
{
	struct irq_line *line = irq_line(irq);
	unsigned long state = spin_lock_irqsave(&line->lock);

	line->context = context;
	line->default_trigger = trigger;
	line->affinity = (struct cpumask){ 0 };
	line->masks = 0;
	line->count = 0;
	line->unhandled = 0;
	if (line->cpu_count)
		memset(line->cpu_count, 0,
		       line->cpus_counted * sizeof(*line->cpu_count));
	line->chip = chip;
	spin_unlock_irqrestore(&line->lock, state);
}

/* Called with lines_lock held. */
static int add(const struct irq_chip *chip, unsigned first, unsigned count,
	       enum irq_trigger trigger, void *context)
{
	for (unsigned i = first; i < first + count; i++)
		if (!create(i))
			return -ENOMEM;
	for (unsigned i = first; i < first + count; i++)
		line_init(i, chip, trigger, context);
	return 0;
}

/* Some of [@first, @first + @count), or NULL. Under the lock. */
static struct wires *find_wires(unsigned first, unsigned count)
{
	struct wires *w = all_wires;

	while (w && (first >= w->first + w->count || w->first >= first + count))
		w = w->next;
	return w;
}

int irq_add_lines(const struct irq_chip *chip, unsigned first, unsigned count,
		  enum irq_trigger trigger)
{
	struct wires *wires;
	unsigned long state;
	bool taken;

	if (first >= IRQ_GSIS || count > IRQ_GSIS - first)
		return -ERANGE;
	wires = kzalloc(sizeof(*wires));
	if (!wires)
		return -ENOMEM;
	*wires = (struct wires){ NULL, chip, first, count, trigger };
	state = spin_lock_irqsave(&lines_lock);
	taken = find_wires(first, count);
	if (!taken) {
		wires->next = all_wires;
		all_wires = wires;
	}
	spin_unlock_irqrestore(&lines_lock, state);
	if (taken)
		kfree(wires);
	return taken ? -EEXIST : 0;
}

struct irq_line *irq_line_ask(unsigned irq)
{
	struct irq_line *line = irq_line(irq);
	const struct wires *wires;
	unsigned long state;

	if (line || irq >= IRQ_GSIS)
		return line;
	state = spin_lock_irqsave(&lines_lock);
	line = irq_line(irq);
	wires = find_wires(irq, 1);
	if (!line && wires && !add(wires->chip, irq, 1, wires->trigger, NULL))
		line = irq_line(irq);
	spin_unlock_irqrestore(&lines_lock, state);
	return line;
}

void irq_set_default_trigger(unsigned irq, enum irq_trigger trigger)
{
	struct irq_line *line = irq_line_ask(irq);

	if (line)
		line->default_trigger = trigger;
}

/* The first of @count free numbers of messages in a row, or -ENOSPC. */
static int find_free(unsigned count)
{
	unsigned run = 0;

	for (unsigned i = IRQ_GSIS; i < IRQ_LINES_MAX; i++) {
		run = is_free(i) ? run + 1 : 0;
		if (run == count)
			return (int)(i + 1 - count);
	}
	return -ENOSPC;
}

int irq_add_messages(const struct irq_chip *chip, unsigned count, void *context)
{
	unsigned long state;
	int first, ret;

	if (!count)
		return -EINVAL;
	state = spin_lock_irqsave(&lines_lock);
	first = find_free(count);
	ret = first < 0 ? first
			: add(chip, (unsigned)first, count, IRQ_TRIGGER_MESSAGE,
			      context);
	spin_unlock_irqrestore(&lines_lock, state);
	return ret ?: first;
}

void irq_remove_messages(unsigned first, unsigned count)
{
	unsigned long state = spin_lock_irqsave(&lines_lock);

	for (unsigned i = first; i < first + count; i++) {
		struct irq_line *line = irq_line(i);

		spin_lock(&line->lock);
		line->chip = NULL;
		line->context = NULL;
		spin_unlock(&line->lock);
	}
	spin_unlock_irqrestore(&lines_lock, state);
}

void *irq_context(unsigned irq)
{
	return irq_line(irq)->context;
}

/* More CPUs may have come since it was done last. */
void irq_line_count_cpus(struct irq_line *line)
{
	unsigned cpus = cpu_count();
	u64 *counts;

	if (line->cpus_counted >= cpus)
		return;
	counts = kzalloc(cpus * sizeof(*counts));
	if (!counts)
		return; /* the sum is still counted */
	if (line->cpu_count)
		memcpy(counts, line->cpu_count,
		       line->cpus_counted * sizeof(*counts));
	kfree(line->cpu_count);
	line->cpu_count = counts;
	line->cpus_counted = cpus;
}
