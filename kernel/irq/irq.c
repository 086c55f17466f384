/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt lines: who has them, and what happens when they interrupt. */
#define pr_fmt(fmt) "irq: " fmt

#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include "lines.h"

const char *irq_trigger_name(enum irq_trigger trigger)
{
	static const char *const names[] = {
		[IRQ_TRIGGER_DEFAULT] = "default",
		[IRQ_TRIGGER_EDGE_RISING] = "edge, rising",
		[IRQ_TRIGGER_EDGE_FALLING] = "edge, falling",
		[IRQ_TRIGGER_LEVEL_HIGH] = "level, high",
		[IRQ_TRIGGER_LEVEL_LOW] = "level, low",
		[IRQ_TRIGGER_MESSAGE] = "message",
	};

	return (unsigned)trigger < ARRAY_SIZE(names) ? names[trigger] : "?";
}

/* The CPUs that may take the line's interrupts; false: there is none. */
static bool allowed_cpus(const struct irq_line *line, struct cpumask *cpus)
{
	bool any = cpumask_empty(&line->affinity);

	for (unsigned i = 0; i < CPUMASK_WORDS; i++)
		cpus->bits[i] = atomic_read(&cpu_online_mask.bits[i]) &
				(any ? UINT64_MAX : line->affinity.bits[i]);
	return !cpumask_empty(cpus);
}

/* Its first action was added. */
static int line_start(struct irq_line *line, unsigned irq)
{
	struct cpumask cpus;
	int ret;

	line->stormed = false;
	line->masks = 0;
	line->storm = (struct irq_storm){ 0 };
	if (!allowed_cpus(line, &cpus))
		return -EINVAL;
	irq_line_count_cpus(line);
	ret = line->chip->start(irq, line->trigger, &cpus);
	if (ret < 0)
		return ret;
	line->cpu = (unsigned)ret;
	return 0;
}

/* Put @action on the line, which starts with the first one. */
static int line_add(struct irq_line *line, struct irq_action *action,
		    enum irq_trigger trigger)
{
	int ret;

	if (!line->chip)
		return -ENODEV;
	if (trigger == IRQ_TRIGGER_DEFAULT)
		trigger = line->default_trigger;
	if ((trigger == IRQ_TRIGGER_MESSAGE) !=
	    (line->default_trigger == IRQ_TRIGGER_MESSAGE))
		return -EINVAL;
	if (line->actions && trigger != line->trigger)
		return -EBUSY;
	action->next = line->actions;
	line->actions = action;
	if (action->next)
		return 0;
	line->trigger = trigger;
	ret = line_start(line, action->irq);
	if (ret)
		line->actions = NULL;
	return ret;
}

int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger)
{
	struct irq_line *line = irq_line_ask(irq);
	unsigned long state;
	int ret;

	if (!line)
		return -ENODEV;
	if (!action->handler || action->active)
		return -EINVAL;
	state = spin_lock_irqsave(&line->lock);
	action->irq = irq;
	action->handled = 0;
	ret = line_add(line, action, trigger);
	action->active = !ret;
	spin_unlock_irqrestore(&line->lock, state);
	return ret;
}

void irq_free(struct irq_action *action)
{
	struct irq_line *line;
	struct irq_action **link;
	unsigned long state;

	if (!action->active)
		return;
	line = irq_line(action->irq);
	/* Handlers run under the lock: with it, none of them is running. */
	state = spin_lock_irqsave(&line->lock);
	for (link = &line->actions; *link && *link != action;)
		link = &(*link)->next;
	if (*link)
		*link = action->next;
	if (!line->actions)
		line->chip->stop(action->irq);
	action->active = false;
	spin_unlock_irqrestore(&line->lock, state);
}

/* Count masks up or down; the chip is told of the first and the last. */
static int change_masks(unsigned irq, bool mask)
{
	struct irq_line *line = irq_line(irq);
	unsigned long state;
	int ret = -ENODEV;

	if (!line)
		return ret;
	state = spin_lock_irqsave(&line->lock);
	if (line->actions && (mask || line->masks)) {
		ret = 0;
		if (mask && !line->masks++ && !line->stormed)
			line->chip->mask(irq);
		else if (!mask && !--line->masks && !line->stormed)
			line->chip->unmask(irq);
	}
	spin_unlock_irqrestore(&line->lock, state);
	return ret;
}

int irq_mask(unsigned irq)
{
	return change_masks(irq, true);
}

int irq_unmask(unsigned irq)
{
	return change_masks(irq, false);
}

/* Called with the line's lock held. */
static int line_move(struct irq_line *line, unsigned irq)
{
	struct cpumask cpus;
	int ret;

	if (!allowed_cpus(line, &cpus))
		return -EINVAL;
	if (!line->actions)
		return 0;
	irq_line_count_cpus(line);
	ret = line->chip->move(irq, &cpus);
	if (ret < 0)
		return ret;
	line->cpu = (unsigned)ret;
	return 0;
}

void irq_note_cpu(unsigned irq, unsigned cpu)
{
	WRITE_ONCE(irq_line(irq)->cpu, cpu);
}

int irq_set_affinity(unsigned irq, const struct cpumask *mask)
{
	struct irq_line *line = irq_line_ask(irq);
	struct cpumask before;
	unsigned long state;
	int ret = -ENODEV;

	if (!line)
		return ret;
	if (cpumask_empty(mask))
		return -EINVAL;
	state = spin_lock_irqsave(&line->lock);
	if (line->chip) {
		before = line->affinity;
		line->affinity = *mask;
		ret = line_move(line, irq);
		if (ret)
			line->affinity = before;
	}
	spin_unlock_irqrestore(&line->lock, state);
	return ret;
}

bool irq_delivers(const struct irq_action *action)
{
	return READ_ONCE(action->active) &&
	       !READ_ONCE(irq_line(action->irq)->stormed);
}

static void mask_line(unsigned irq, struct irq_line *line,
		      enum irq_verdict verdict)
{
	line->chip->mask(irq);
	WRITE_ONCE(line->stormed, true);
	pr_err("line %u (%s): more than %u interrupts%s in %u ms: masked", irq,
	       line->actions->name,
	       verdict == IRQ_STORM ? IRQ_STORM_MAX : IRQ_UNHANDLED_MAX,
	       verdict == IRQ_STORM ? "" : " that no driver knows of",
	       IRQ_STORM_WINDOW_MS);
	/* A console's input is not announced any more: it must be polled. */
	console_input_ready();
}

/* A line may be shared, and several devices may have raised it. */
static bool run_handlers(struct irq_line *line)
{
	bool handled = false;

	for (struct irq_action *a = line->actions; a; a = a->next) {
		if (a->handler(a->context) != IRQ_HANDLED)
			continue;
		a->handled++;
		handled = true;
	}
	return handled;
}

static void count(struct irq_line *line, bool handled)
{
	unsigned cpu = smp_processor_id();

	line->count++;
	if (!handled)
		line->unhandled++;
	if (cpu < line->cpus_counted)
		line->cpu_count[cpu]++;
}

static void judge(unsigned irq, struct irq_line *line, bool handled)
{
	enum irq_verdict verdict =
		irq_storm_note(&line->storm, time_ns(), handled);

	/* As many messages as a device can use are no storm. */
	if (verdict == IRQ_UNCLAIMED ||
	    (verdict == IRQ_STORM && line->trigger != IRQ_TRIGGER_MESSAGE))
		mask_line(irq, line, verdict);
}

/* An interrupt may still come in when its line was just masked or freed. */
void irq_handle(unsigned irq)
{
	struct irq_line *line = irq_line(irq);
	bool handled;

	if (!line)
		return;
	random_note_interrupt();
	spin_lock(&line->lock);
	handled = run_handlers(line);
	count(line, handled);
	if (line->actions && !line->stormed)
		judge(irq, line, handled);
	spin_unlock(&line->lock);
}
