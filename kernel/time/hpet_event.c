/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The HPET's timer 0 as a device for timers, on a line that no other device
 * needs: the RTC's, which only an alarm would use, or by legacy replacement
 * the PIT's. Level-triggered lines are left to PCI devices.
 */
#include "hpet.h"
#include <abi/hpet.h>
#include <kernel/clockevent.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/pit.h>
#include <kernel/time.h>
#include <kernel/timer.h>

#define RTC_ISA_LINE 8
/* Lines that interrupt more often are taken for broken ones. */
#define HPET_MIN_NS 20000
/*
 * A time may pass while it is being set. Then it is set again, twice as far
 * away, so often at most: in the end 20 ms.
 */
#define HPET_SET_TRIES 10

static struct clockevent hpet_event;
static u32 config; /* of timer 0, without the bit that enables it */
static bool enabled;
static bool legacy; /* the PIT's line is ours */

static enum irq_return hpet_interrupt(void *context __unused)
{
	timer_interrupt();
	return IRQ_HANDLED;
}

static struct irq_action action = { .name = "hpet", .handler = hpet_interrupt };

static void hpet_set(u64 ns)
{
	u64 ticks = MAX(ns, HPET_MIN_NS) * hpet_hz() / NSEC_PER_SEC + 1;
	u32 when;

	for (unsigned i = 0; i < HPET_SET_TRIES; i++) {
		when = mmio_read32(hpet + HPET_COUNTER) + (u32)ticks;
		mmio_write32(hpet + HPET_TIMER_COMPARE, when);
		if (!enabled)
			mmio_write32(hpet + HPET_TIMER_CONFIG,
				     config | HPET_TIMER_ENABLE);
		enabled = true;
		if ((s32)(when - mmio_read32(hpet + HPET_COUNTER)) > 0)
			return;
		ticks *= 2;
	}
}

static void hpet_stop(void)
{
	mmio_write32(hpet + HPET_TIMER_CONFIG, config);
	enabled = false;
}

static void set_legacy(bool on)
{
	u32 old = mmio_read32(hpet + HPET_CONFIG) & ~HPET_CONFIG_LEGACY;

	mmio_write32(hpet + HPET_CONFIG, old | (on ? HPET_CONFIG_LEGACY : 0));
}

static bool use_line(unsigned line)
{
	return !irq_request(line, &action, IRQ_TRIGGER_EDGE_RISING);
}

/* True if the timer remembers that it is to use @line. */
static bool route(unsigned line)
{
	u32 wanted = config | line << HPET_TIMER_ROUTE_SHIFT;

	mmio_write32(hpet + HPET_TIMER_CONFIG, wanted);
	if ((mmio_read32(hpet + HPET_TIMER_CONFIG) & HPET_TIMER_ROUTE) !=
	    (wanted & HPET_TIMER_ROUTE))
		return false;
	config = wanted;
	return true;
}

static bool use_rtc_line(void)
{
	u32 possible = mmio_read32(hpet + HPET_TIMER_ROUTES);
	int line = irq_from_isa(RTC_ISA_LINE);

	return line >= 0 && line < 32 && possible & BIT(line) &&
	       route((unsigned)line) && use_line((unsigned)line);
}

static bool use_legacy_line(void)
{
	if (!(mmio_read32(hpet + HPET_CAPABILITIES) & HPET_LEGACY_POSSIBLE) ||
	    !pit_claim(0))
		return false;
	legacy = use_line(HPET_LEGACY_LINE);
	if (legacy)
		set_legacy(true);
	else
		pit_release(0);
	return legacy;
}

static int hpet_event_probe(void)
{
	if (!irq_available() || !hpet_hz())
		return -ENODEV;
	config = mmio_read32(hpet + HPET_TIMER_CONFIG);
	config &= ~(HPET_TIMER_LEVEL | HPET_TIMER_ENABLE | HPET_TIMER_PERIODIC |
		    HPET_TIMER_ROUTE | HPET_TIMER_FSB);
	config |= HPET_TIMER_32BIT;
	hpet_stop();
	if (!use_rtc_line() && !use_legacy_line())
		return -ENODEV;
	hpet_event.max_ns = (u64)INT32_MAX * NSEC_PER_SEC / hpet_hz();
	return 0;
}

static void hpet_event_release(void)
{
	irq_free(&action);
	if (!legacy)
		return;
	set_legacy(false);
	pit_release(0);
}

static struct clockevent hpet_event = {
	.name = "hpet",
	.rating = 150,
	.probe = hpet_event_probe,
	.release = hpet_event_release,
	.set = hpet_set,
	.stop = hpet_stop,
};
CLOCKEVENT(hpet_event);
