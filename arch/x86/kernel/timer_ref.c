/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of known frequency, to measure the time-stamp counter by: channel 2
 * of the 8254 (PIT), or the ACPI PM timer. Either may be missing.
 */
#include <asm/cpu.h>
#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/byteorder.h>
#include <kernel/io.h>
#include <kernel/time.h>

#define PIT_HZ	       1193182ULL
#define PIT_CHANNEL2   0x42
#define PIT_COMMAND    0x43
#define PIT_CH2_MODE0  0xb0 /* channel 2, low then high byte, mode 0 */
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
 * A timer that has not moved after so many looks at it is not there. A look
 * costs 1 us or more.
 */
#define MAX_POLLS 20000

/*
 * The counter is read before and after the looks that begin and end a
 * measurement: the better they are bracketed, the better the result. One part
 * in this many is good enough to stop.
 */
#define GOOD_ENOUGH 2000

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
static bool measure_pit(struct measurement *m)
{
	const u16 count = (u16)(PIT_HZ * MEASURE_US / 1000000);
	u8 port_b = inb(PORT_B);
	u64 begin[2], end[2];
	unsigned polls = 0;

	outb(PORT_B, (port_b & ~PORT_B_SPEAKER) | PORT_B_GATE2);
	outb(PIT_COMMAND, PIT_CH2_MODE0);
	outb(PIT_CHANNEL2, count & 0xff);
	begin[0] = cpu_counter();
	outb(PIT_CHANNEL2, count >> 8);
	begin[1] = cpu_counter();
	do {
		end[0] = cpu_counter();
		if (inb(PORT_B) & PORT_B_OUT2)
			break;
	} while (++polls < MAX_POLLS);
	end[1] = cpu_counter();
	outb(PORT_B, port_b);
	/* Over at the first look: no timer, or one that does not count. */
	if (polls == 0 || polls == MAX_POLLS)
		return false;
	finish(m, begin, end, count, PIT_HZ);
	return true;
}

static u16 pm_timer_port(void)
{
	const struct acpi_fadt *fadt;

	acpi_init(boot_info.rsdp);
	fadt = (const void *)acpi_find(ACPI_FADT_SIGNATURE, 0);
	if (!fadt || le32_to_cpu(fadt->header.length) < ACPI_FADT_V1_LENGTH ||
	    fadt->pm_tmr_len != 4)
		return 0;
	return (u16)le32_to_cpu(fadt->pm_tmr_blk);
}

static bool measure_pm_timer(struct measurement *m)
{
	const u32 count = (u32)(PM_TIMER_HZ * MEASURE_US / 1000000);
	u16 port = pm_timer_port();
	u64 begin[2], end[2];
	u32 first, passed = 0;
	unsigned polls = 0;

	if (!port)
		return false;
	begin[0] = cpu_counter();
	first = inl(port);
	begin[1] = cpu_counter();
	do {
		end[0] = cpu_counter();
		passed = (inl(port) - first) & PM_TIMER_MASK;
	} while (passed < count && ++polls < MAX_POLLS);
	end[1] = cpu_counter();
	if (polls == MAX_POLLS)
		return false;
	finish(m, begin, end, passed, PM_TIMER_HZ);
	return true;
}

u64 time_measure_khz(void)
{
	struct measurement best = { .uncertainty = UINT64_MAX }, m;

	for (unsigned i = 0; i < MEASURE_TRIES; i++) {
		if (!measure_pit(&m) && !measure_pm_timer(&m))
			break;
		if (m.uncertainty < best.uncertainty)
			best = m;
		if (best.uncertainty < best.ticks / GOOD_ENOUGH)
			break;
	}
	return best.khz;
}
