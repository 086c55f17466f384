/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of known frequency, to measure the time-stamp counter by: the end of
 * a count of the 8254 (PIT), the ACPI PM timer, or the count of the 8254
 * itself. Any of them may be missing.
 */
#include "measure.h"
#include <abi/i8254.h>
#include <asm/cpu.h>
#include <kernel/acpi.h>
#include <kernel/io.h>
#include <kernel/pit.h>
#include <kernel/time.h>

#define PM_TIMER_HZ   3579545ULL
#define PM_TIMER_MASK 0xffffff /* 24 bits are always there */

/*
 * How long the measurements are, until one is good enough. Where each look
 * costs tens of microseconds, as in a nested guest, only a long one is. The
 * longest plus a time for which a host may take the CPU away, 30 ms, is less
 * than what 16 bits of the PIT can count.
 */
static const u32 measure_us[] = { 2000, 2000, 8000, 16000 };

/*
 * A timer that has not come to its end when even the fastest counter would
 * have is not there, nor is one that has not moved after so many looks. The
 * first bound is one for a counter that does not count.
 */
#define FASTEST_MHZ	10000
#define MAX_POLLS	1000000
#define MAX_STILL_POLLS 200

/* So many parts per million are good enough to stop. */
#define GOOD_PPM 1000

static void finish(struct measurement *m, const struct bracket *begin,
		   const struct bracket *end, u64 ref_ticks, u64 ref_hz)
{
	measure_span(m, begin, end);
	m->hz = m->span * ref_hz / ref_ticks;
}

static bool takes_too_long(u64 begin, u64 now, u32 us)
{
	return now - begin > (u64)us * FASTEST_MHZ;
}

/* Mode 0: OUT goes low when the count is written and high when it is over. */
static bool measure_pit_end(struct measurement *m, unsigned attempt)
{
	const u32 us = measure_us[attempt];
	const u16 count = (u16)(I8254_HZ * us / 1000000);
	u8 port_b = inb(PORT_B);
	struct bracket begin, end;
	u64 look;
	unsigned polls = 0;
	bool over;

	outb(PORT_B, (port_b & ~PORT_B_SPEAKER) | PORT_B_GATE2);
	outb(I8254_COMMAND, I8254_MODE0(2));
	outb(I8254_CHANNEL(2), count & 0xff);
	begin.before = cpu_counter();
	outb(I8254_CHANNEL(2), count >> 8);
	begin.after = look = cpu_counter();
	/*
	 * It ended after the last look that found it running began, not when
	 * we saw it: a host may have taken the CPU away in between.
	 */
	do {
		end.before = look;
		look = cpu_counter();
		over = inb(PORT_B) & PORT_B_OUT2;
	} while (!over && !takes_too_long(begin.before, look, us) &&
		 ++polls < MAX_POLLS);
	end.after = cpu_counter();
	outb(PORT_B, port_b);
	/* Over at the first look: no timer, or one that does not count. */
	if (polls == 0 || !over)
		return false;
	finish(m, &begin, &end, count, I8254_HZ);
	return true;
}

/* A timer that counts up, read between two readings of the counter. */
struct ref_counter {
	u32 (*read)(u16 port, struct bracket *when);
	u16 port;
	u32 mask;
	u64 hz;
};

static bool measure_counter(struct measurement *m, unsigned attempt,
			    const struct ref_counter *c)
{
	const u32 us = measure_us[attempt];
	const u32 count = (u32)(c->hz * us / 1000000);
	struct bracket begin, end;
	u32 first = c->read(c->port, &begin), passed;
	unsigned polls = 0;

	do
		passed = (c->read(c->port, &end) - first) & c->mask;
	while (passed < count &&
	       !takes_too_long(begin.before, end.before, us) &&
	       ++polls < (passed ? MAX_POLLS : MAX_STILL_POLLS));
	if (passed < count)
		return false;
	finish(m, &begin, &end, passed, c->hz);
	return true;
}

static u32 read_pm_timer(u16 port, struct bracket *when)
{
	u32 value;

	when->before = cpu_counter();
	value = inl(port);
	when->after = cpu_counter();
	return value;
}

static bool measure_pm_timer(struct measurement *m, unsigned attempt)
{
	const struct acpi_fadt *f = acpi_fadt();
	struct ref_counter c = {
		.read = read_pm_timer,
		.mask = PM_TIMER_MASK,
		.hz = PM_TIMER_HZ,
	};

	if (f && f->pm_tmr_len == 4)
		c.port = acpi_fadt_port(f->pm_tmr_blk, &f->x_pm_tmr_blk);
	return c.port && measure_counter(m, attempt, &c);
}

static u32 read_pit(u16 port, struct bracket *when)
{
	u8 low;

	when->before = cpu_counter();
	outb(I8254_COMMAND, I8254_LATCH(0));
	when->after = cpu_counter();
	low = inb(port);
	/* It counts down. */
	return ~((u32)inb(port) << 8 | low);
}

/*
 * Mode 2 counts on for ever, from 65536. Needs no port B, which QEMU's microvm
 * does not have.
 */
static bool measure_pit_count(struct measurement *m, unsigned attempt)
{
	static const struct ref_counter c = {
		.read = read_pit,
		.port = I8254_CHANNEL(0),
		.mask = I8254_COUNT_MASK,
		.hz = I8254_HZ,
	};

	outb(I8254_COMMAND, I8254_MODE2(0));
	outb(I8254_CHANNEL(0), 0);
	outb(I8254_CHANNEL(0), 0);
	return measure_counter(m, attempt, &c);
}

/* By one timer; 0: it is not there. */
static u64 best_khz(bool (*measure)(struct measurement *m, unsigned attempt))
{
	return measure_hz(measure, ARRAY_SIZE(measure_us), GOOD_PPM) / 1000;
}

static u64 khz_by_pit(unsigned channel,
		      bool (*measure)(struct measurement *m, unsigned attempt))
{
	u64 khz;

	if (!pit_claim(channel))
		return 0;
	khz = best_khz(measure);
	pit_release(channel);
	return khz;
}

u64 time_measure_khz(void)
{
	u64 khz = khz_by_pit(2, measure_pit_end);

	if (!khz)
		khz = best_khz(measure_pm_timer);
	if (!khz)
		khz = khz_by_pit(0, measure_pit_count);
	return khz;
}
