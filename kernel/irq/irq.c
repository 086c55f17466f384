/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt lines: who has them, and what happens when they interrupt. */
#define pr_fmt(fmt) "irq: " fmt

#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include "lines.h"

static struct irq_line lines[IRQ_LINES];

struct irq_line *irq_line(unsigned irq)
{
	return &lines[irq];
}

const char *irq_trigger_name(enum irq_trigger trigger)
{
	static const char *const names[] = {
		[IRQ_TRIGGER_DEFAULT] = "default",
		[IRQ_TRIGGER_EDGE_RISING] = "edge, rising",
		[IRQ_TRIGGER_EDGE_FALLING] = "edge, falling",
		[IRQ_TRIGGER_LEVEL_HIGH] = "level, high",
		[IRQ_TRIGGER_LEVEL_LOW] = "level, low",
	};

	return (unsigned)trigger < ARRAY_SIZE(names) ? names[trigger] : "?";
}

int irq_add_lines(const struct irq_chip *chip, unsigned first, unsigned count,
		  enum irq_trigger trigger)
{
	if (first >= IRQ_LINES || count > IRQ_LINES - first)
		return -ERANGE;
	for (unsigned i = first; i < first + count; i++)
		if (lines[i].chip)
			return -EEXIST;
	for (unsigned i = first; i < first + count; i++) {
		lines[i].chip = chip;
		lines[i].default_trigger = trigger;
	}
	return 0;
}

void irq_set_default_trigger(unsigned irq, enum irq_trigger trigger)
{
	if (irq < IRQ_LINES)
		lines[irq].default_trigger = trigger;
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
	if (line->actions && trigger != line->trigger)
		return -EBUSY;
	action->next = line->actions;
	line->actions = action;
	if (action->next)
		return 0;
	line->trigger = trigger;
	line->masked = false;
	line->storm = (struct irq_storm){ 0 };
	ret = line->chip->start(action->irq, trigger);
	if (ret)
		line->actions = NULL;
	return ret;
}

int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger)
{
	unsigned long state;
	int ret;

	if (irq >= IRQ_LINES)
		return -ENODEV;
	if (!action->handler || action->active)
		return -EINVAL;
	state = spin_lock_irqsave(&lines[irq].lock);
	action->irq = irq;
	action->handled = 0;
	ret = line_add(&lines[irq], action, trigger);
	action->active = !ret;
	spin_unlock_irqrestore(&lines[irq].lock, state);
	return ret;
}

void irq_free(struct irq_action *action)
{
	struct irq_line *line = &lines[action->irq];
	struct irq_action **link = &line->actions;
	unsigned long state;

	if (!action->active)
		return;
	/* Handlers run under the lock: with it, none of them is running. */
	state = spin_lock_irqsave(&line->lock);
	while (*link && *link != action)
		link = &(*link)->next;
	if (*link)
		*link = action->next;
	if (!line->actions)
		line->chip->stop(action->irq);
	action->active = false;
	spin_unlock_irqrestore(&line->lock, state);
}

bool irq_delivers(const struct irq_action *action)
{
	return READ_ONCE(action->active) &&
	       !READ_ONCE(lines[action->irq].masked);
}

static void mask_line(unsigned irq, enum irq_verdict verdict)
{
	struct irq_line *line = &lines[irq];

	line->chip->mask(irq);
	WRITE_ONCE(line->masked, true);
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

/* An interrupt may still come in when its line was just masked or freed. */
void irq_handle(unsigned irq)
{
	struct irq_line *line = &lines[irq];
	enum irq_verdict verdict;
	bool handled;

	spin_lock(&line->lock);
	line->count++;
	handled = run_handlers(line);
	if (!handled)
		line->unhandled++;
	if (line->actions && !line->masked) {
		verdict = irq_storm_note(&line->storm, time_ns(), handled);
		if (verdict != IRQ_FINE)
			mask_line(irq, verdict);
	}
	spin_unlock(&line->lock);
}
