/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/acpi.h>
#include <kernel/acpi_event.h>
#include <kernel/atomic.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/mutex.h>
#include "internal.h"

/* A PC's IRQs, of which the MADT tells where they arrive. */
#define ISA_IRQS 16

struct event {
	void (*fn)(void);
	unsigned number;
	u16 status, enable; /* ports of the bytes with its bit */
	u8 bit;
};

static struct mutex lock;
/* An event is there when it is counted. */
static struct event events[ACPI_EVENTS_MAX];
static unsigned count;

static enum irq_return event_interrupt(void *context)
{
	enum irq_return ret = IRQ_NONE;
	/* Acquire: those that are counted are complete. */
	unsigned n = atomic_load_acquire(&count);

	(void)context;
	for (unsigned i = 0; i < n; i++) {
		if (!(inb(events[i].status) & events[i].bit))
			continue;
		/* First: what comes from here on is another one. */
		outb(events[i].status, events[i].bit);
		events[i].fn();
		ret = IRQ_HANDLED;
	}
	return ret;
}

/* Half of a block of @length bytes is status, half enables: 4.8.4.1. */
static bool in_block(struct event *event, unsigned first, le32 block,
		     const struct acpi_gas *extended, u8 length)
{
	u16 port = acpi_fadt_port(block, extended);
	unsigned at = event->number - first;

	if (!port || event->number < first || at / 8 >= length / 2U ||
	    port > UINT16_MAX - length)
		return false;
	event->status = (u16)(port + at / 8);
	event->enable = (u16)(event->status + length / 2);
	event->bit = BIT(at % 8);
	return true;
}

static bool find_event(const struct acpi_fadt *f, struct event *event)
{
	return in_block(event, 0, f->gpe0_blk, &f->x_gpe0_blk,
			f->gpe0_blk_len) ||
	       in_block(event, f->gpe1_base, f->gpe1_blk, &f->x_gpe1_blk,
			f->gpe1_blk_len);
}

/* Once; others may share the line. */
static int take_line(const struct acpi_fadt *f)
{
	static struct irq_action action = {
		.name = "acpi-event",
		.handler = event_interrupt,
	};
	unsigned sci = le16_to_cpu(f->sci_int);
	int irq = sci < ISA_IRQS ? irq_from_isa(sci) : (int)sci;

	if (action.active)
		return 0;
	return irq < 0 ? -ENODEV
		       : irq_request((unsigned)irq, &action,
				     IRQ_TRIGGER_DEFAULT);
}

static bool is_fixed_hardware(const struct acpi_fadt *f)
{
	u16 control;

	if (!f || !irq_available() ||
	    le32_to_cpu(f->flags) & ACPI_FADT_HW_REDUCED_ACPI)
		return false;
	control = acpi_fadt_port(f->pm1a_cnt_blk, &f->x_pm1a_cnt_blk);
	return control && acpi_enable_mode(f, control);
}

/* Under the lock. */
static int request(struct event *event)
{
	const struct acpi_fadt *f = acpi_fadt();

	for (unsigned i = 0; i < count; i++)
		if (events[i].number == event->number)
			return -EBUSY;
	if (count == ACPI_EVENTS_MAX)
		return -ENOSPC;
	if (!is_fixed_hardware(f) || !find_event(f, event) || take_line(f))
		return -ENODEV;
	/* What came before somebody asked is not told. */
	outb(event->status, event->bit);
	events[count] = *event;
	atomic_store_release(&count, count + 1);
	outb(event->enable, inb(event->enable) | event->bit);
	return 0;
}

int acpi_event_request(unsigned number, void (*fn)(void))
{
	struct event event = { .fn = fn, .number = number };
	int ret;

	mutex_lock(&lock);
	ret = request(&event);
	mutex_unlock(&lock);
	return ret;
}
