/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of known frequency, to measure the time-stamp counter by: the end of
 * a count of the 8254 (PIT), the ACPI PM timer, or the count of the 8254
 * itself. Any of them may be missing.
 */
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

/*
 * The counter is read before and after the looks that begin and end a
 * measurement: the better they are bracketed, the better the result. So many
 * parts per million are good enough to stop.
 */
#define GOOD_PPM 1000

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

static bool takes_too_long(u64 begin, u64 now, u32 us)
{
	return now - begin > (u64)us * FASTEST_MHZ;
}

/* Mode 0: OUT goes low when the count is written and high when it is over. */
static bool measure_pit_end(struct measurement *m, u32 us)
{
	const u16 count = (u16)(I8254_HZ * us / 1000000);
	u8 port_b = inb(PORT_B);
	u64 begin[2], end[2], look;
	unsigned polls = 0;
	bool over;

	outb(PORT_B, (port_b & ~PORT_B_SPEAKER) | PORT_B_GATE2);
	outb(I8254_COMMAND, I8254_MODE0(2));
	outb(I8254_CHANNEL(2), count & 0xff);
	begin[0] = cpu_counter();
	outb(I8254_CHANNEL(2), count >> 8);
	begin[1] = look = cpu_counter();
	/*
	 * It ended after the last look that found it running began, not when
	 * we saw it: a host may have taken the CPU away in between.
	 */
	do {
		end[0] = look;
		look = cpu_counter();
		over = inb(PORT_B) & PORT_B_OUT2;
	} while (!over && !takes_too_long(begin[0], look, us) &&
		 ++polls < MAX_POLLS);
	end[1] = cpu_counter();
	outb(PORT_B, port_b);
	/* Over at the first look: no timer, or one that does not count. */
	if (polls == 0 || !over)
		return false;
	finish(m, begin, end, count, I8254_HZ);
	return true;
}

/* A timer that counts up, read with the counter before and after in @when. */
struct ref_counter {
	u32 (*read)(u16 port, u64 when[2]);
	u16 port;
	u32 mask;
	u64 hz;
};

static bool measure_counter(struct measurement *m, u32 us,
			    const struct ref_counter *c)
{
	const u32 count = (u32)(c->hz * us / 1000000);
	u64 begin[2], end[2];
	u32 first = c->read(c->port, begin), passed;
	unsigned polls = 0;

	do
		passed = (c->read(c->port, end) - first) & c->mask;
	while (passed < count && !takes_too_long(begin[0], end[0], us) &&
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

static bool measure_pm_timer(struct measurement *m, u32 us)
{
	const struct acpi_fadt *f = acpi_fadt();
	struct ref_counter c = {
		.read = read_pm_timer,
		.mask = PM_TIMER_MASK,
		.hz = PM_TIMER_HZ,
	};

	if (f && f->pm_tmr_len == 4)
		c.port = acpi_fadt_port(f->pm_tmr_blk, &f->x_pm_tmr_blk);
	return c.port && measure_counter(m, us, &c);
}

static u32 read_pit(u16 port, u64 when[2])
{
	u8 low;

	when[0] = cpu_counter();
	outb(I8254_COMMAND, I8254_LATCH(0));
	when[1] = cpu_counter();
	low = inb(port);
	/* It counts down. */
	return ~((u32)inb(port) << 8 | low);
}

/*
 * Mode 2 counts on for ever, from 65536. Needs no port B, which QEMU's microvm
 * does not have.
 */
static bool measure_pit_count(struct measurement *m, u32 us)
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
	return measure_counter(m, us, &c);
}

/* How wrong a measurement may be, in parts per million. */
static u64 error_ppm(const struct measurement *m)
{
	return m->uncertainty * 1000000 / m->ticks;
}

/* The best of a few measurements by one timer; 0: it is not there. */
static u64 best_khz(bool (*measure)(struct measurement *m, u32 us))
{
	u64 best_ppm = UINT64_MAX, khz = 0;
	struct measurement m;

	for (size_t i = 0; i < ARRAY_SIZE(measure_us); i++) {
		if (!measure(&m, measure_us[i]) || !m.ticks)
			break;
		if (error_ppm(&m) < best_ppm) {
			best_ppm = error_ppm(&m);
			khz = m.khz;
		}
		if (best_ppm < GOOD_PPM)
			break;
	}
	return khz;
}

static u64 khz_by_pit(unsigned channel,
		      bool (*measure)(struct measurement *m, u32 us))
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
