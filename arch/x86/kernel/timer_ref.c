/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of known frequency, to measure the time-stamp counter by: the end of
 * a count of the 8254 (PIT), the ACPI PM timer, or the count of the 8254
 * itself. Any of them may be missing.
 */
#include <asm/cpu.h>
#include <kernel/acpi.h>
#include <kernel/io.h>
#include <kernel/time.h>

#define PIT_HZ	       1193182ULL
#define PIT_CHANNEL0   0x40
#define PIT_CHANNEL2   0x42
#define PIT_COMMAND    0x43
#define PIT_CH0_LATCH  0x00
#define PIT_CH0_MODE2  0x34 /* channel 0, low then high byte, mode 2 */
#define PIT_CH2_MODE0  0xb0 /* channel 2, low then high byte, mode 0 */
#define PIT_COUNT_MASK 0xffff
#define PORT_B	       0x61
#define PORT_B_GATE2   BIT(0)
#define PORT_B_SPEAKER BIT(1)
#define PORT_B_OUT2    BIT(5)

#define PM_TIMER_HZ   3579545ULL
#define PM_TIMER_MASK 0xffffff /* 24 bits are always there */

/* How long one measurement takes, and how many are made at most. */
#define MEASURE_US    2000
#define MEASURE_TRIES 4
/*
 * Looks after which a timer that is not there is given up: one that has not
 * come to its end, and one that has not moved at all. A look costs 0.1 us or
 * more.
 */
#define MAX_POLLS	20000
#define MAX_STILL_POLLS 200

/*
 * The counter is read before and after the looks that begin and end a
 * measurement: the better they are bracketed, the better the result. One part
 * in this many is good enough to stop.
 */
#define GOOD_ENOUGH 1000

struct measurement {
	u64 khz;
	u64 uncertainty; /* counter ticks */
	u64 ticks;	 /* counter ticks it lasted */
};

static void finish(struct measurement *m, const u64 begin[2], const u64 end[2],
		   u64 ref_ticks, u64 ref_hz)
{
	u64 first = (begin[0] + begin[1]) / 2, last = (end[0] + end[1]) / 2;

	m->ticks = last - first;
	m->uncertainty = (begin[1] - begin[0]) + (end[1] - end[0]);
	m->khz = m->ticks * ref_hz / (ref_ticks * 1000);
}

/* Mode 0: OUT goes low when the count is written and high when it is over. */
static bool measure_pit_end(struct measurement *m)
{
	const u16 count = (u16)(PIT_HZ * MEASURE_US / 1000000);
	u8 port_b = inb(PORT_B);
	u64 begin[2], end[2], look;
	unsigned polls = 0;
	bool over;

	outb(PORT_B, (port_b & ~PORT_B_SPEAKER) | PORT_B_GATE2);
	outb(PIT_COMMAND, PIT_CH2_MODE0);
	outb(PIT_CHANNEL2, count & 0xff);
	begin[0] = cpu_counter();
	outb(PIT_CHANNEL2, count >> 8);
	begin[1] = look = cpu_counter();
	/*
	 * It ended after the last look that found it running began, not when
	 * we saw it: a host may have taken the CPU away in between.
	 */
	do {
		end[0] = look;
		look = cpu_counter();
		over = inb(PORT_B) & PORT_B_OUT2;
	} while (!over && ++polls < MAX_POLLS);
	end[1] = cpu_counter();
	outb(PORT_B, port_b);
	/* Over at the first look: no timer, or one that does not count. */
	if (polls == 0 || !over)
		return false;
	finish(m, begin, end, count, PIT_HZ);
	return true;
}

/* A timer that counts up, read with the counter before and after in @when. */
struct ref_counter {
	u32 (*read)(u16 port, u64 when[2]);
	u16 port;
	u32 mask;
	u64 hz;
};

static bool measure_counter(struct measurement *m, const struct ref_counter *c)
{
	const u32 count = (u32)(c->hz * MEASURE_US / 1000000);
	u64 begin[2], end[2];
	u32 first = c->read(c->port, begin), passed;
	unsigned polls = 0;

	do
		passed = (c->read(c->port, end) - first) & c->mask;
	while (passed < count &&
	       ++polls < (passed ? MAX_POLLS : MAX_STILL_POLLS));
	if (passed < count)
		return false;
	finish(m, begin, end, passed, c->hz);
	return true;
}

static u32 read_pm_timer(u16 port, u64 when[2])
{
	u32 value;

	when[0] = cpu_counter();
	value = inl(port);
	when[1] = cpu_counter();
	return value;
}

static bool measure_pm_timer(struct measurement *m)
{
	const struct acpi_fadt *f = acpi_fadt();
	struct ref_counter c = {
		.read = read_pm_timer,
		.mask = PM_TIMER_MASK,
		.hz = PM_TIMER_HZ,
	};

	if (f && f->pm_tmr_len == 4)
		c.port = acpi_fadt_port(f->pm_tmr_blk, &f->x_pm_tmr_blk);
	return c.port && measure_counter(m, &c);
}

static u32 read_pit(u16 port, u64 when[2])
{
	u8 low;

	when[0] = cpu_counter();
	outb(PIT_COMMAND, PIT_CH0_LATCH);
	when[1] = cpu_counter();
	low = inb(port);
	/* It counts down. */
	return ~((u32)inb(port) << 8 | low);
}

/*
 * Mode 2 counts on for ever, from 65536. Needs no port B, which QEMU's microvm
 * does not have.
 */
static bool measure_pit_count(struct measurement *m)
{
	static const struct ref_counter c = {
		.read = read_pit,
		.port = PIT_CHANNEL0,
		.mask = PIT_COUNT_MASK,
		.hz = PIT_HZ,
	};

	outb(PIT_COMMAND, PIT_CH0_MODE2);
	outb(PIT_CHANNEL0, 0);
	outb(PIT_CHANNEL0, 0);
	return measure_counter(m, &c);
}

/* The best of a few measurements by one timer; 0: it is not there. */
static u64 best_khz(bool (*measure)(struct measurement *m))
{
	struct measurement best = { .uncertainty = UINT64_MAX }, m;

	for (unsigned i = 0; i < MEASURE_TRIES; i++) {
		if (!measure(&m))
			break;
		if (m.uncertainty < best.uncertainty)
			best = m;
		if (best.uncertainty < best.ticks / GOOD_ENOUGH)
			break;
	}
	return best.khz;
}

u64 time_measure_khz(void)
{
	u64 khz = best_khz(measure_pit_end);

	if (!khz)
		khz = best_khz(measure_pm_timer);
	if (!khz)
		khz = best_khz(measure_pit_count);
	return khz;
}
