/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PIT as a device for timers: channel 0, once in at most 55 ms. The last
 * that a PC has.
 */
#include <abi/i8254.h>
#include <kernel/clockevent.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/pit.h>
#include <kernel/time.h>
#include <kernel/timer.h>

/* Where the PIT is wired to on a PC with an I/O APIC, said or not. */
#define PIT_LINE 2
/* Lines that interrupt more often are taken for broken ones. */
#define PIT_MIN_NS 20000

static enum irq_return pit_interrupt(void *context __unused)
{
	timer_interrupt();
	return IRQ_HANDLED;
}

/* QEMU's microvm has it on line 2, and its MADT says otherwise. */
static struct irq_action actions[] = {
	{ .name = "pit", .handler = pit_interrupt },
	{ .name = "pit", .handler = pit_interrupt },
};

static void pit_set(u64 ns)
{
	u64 count = MAX(ns, PIT_MIN_NS) * I8254_HZ / NSEC_PER_SEC + 1;

	outb(I8254_COMMAND, I8254_MODE0(0));
	outb(I8254_CHANNEL(0), count & 0xff);
	outb(I8254_CHANNEL(0), (u8)(count >> 8));
}

/* Without a count it does not count. */
static void pit_stop(void)
{
	outb(I8254_COMMAND, I8254_MODE0(0));
}

static void pit_release_lines(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(actions); i++)
		irq_free(&actions[i]);
	pit_release(0);
}

static bool request(struct irq_action *action, int line)
{
	return line >= 0 &&
	       !irq_request((unsigned)line, action, IRQ_TRIGGER_EDGE_RISING);
}

static int pit_probe(void)
{
	int line = irq_from_isa(I8254_IRQ);
	bool any;

	if (line < 0 || !pit_claim(0))
		return -ENODEV;
	if (pit_present()) {
		any = request(&actions[0], line);
		if (line != PIT_LINE)
			any |= request(&actions[1], PIT_LINE);
		if (any)
			return 0;
	}
	pit_release_lines();
	return -ENODEV;
}

static struct clockevent pit_event = {
	.name = "pit",
	.rating = 100,
	.probe = pit_probe,
	.release = pit_release_lines,
	.set = pit_set,
	.stop = pit_stop,
	.max_ns = (I8254_COUNT_MASK - 1) * NSEC_PER_SEC / I8254_HZ,
};
CLOCKEVENT(pit_event);
