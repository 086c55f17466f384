/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PIT as a clock, where there is no other that can be relied on: 16 bits
 * that wrap after 55 ms, and three port accesses a look. When no CPU looks for
 * longer than that, because a host has taken them away, time is lost.
 */
#include <abi/i8254.h>
#include <kernel/clocksource.h>
#include <kernel/io.h>
#include <kernel/pit.h>
#include <kernel/spinlock.h>

/*
 * How often the lock is tried. An NMI handler may have interrupted its holder;
 * then the count is the last one that was read.
 */
#define PIT_TRIES_MAX 10000

static struct {
	struct spinlock lock; /* of the latch and its two bytes */
	unsigned channel;
	u64 last;
} pit;

/* It counts down from 65536. */
static u64 read_latched(void)
{
	u8 low;

	outb(I8254_COMMAND, (u8)I8254_LATCH(pit.channel));
	low = inb((u16)I8254_CHANNEL(pit.channel));
	return -((u64)inb((u16)I8254_CHANNEL(pit.channel)) << 8 | low) &
	       I8254_COUNT_MASK;
}

static u64 pit_read(void)
{
	unsigned long state = local_irq_save();
	u64 count;

	for (unsigned i = 0; i < PIT_TRIES_MAX; i++) {
		if (spin_trylock(&pit.lock)) {
			pit.last = read_latched();
			count = pit.last;
			spin_unlock(&pit.lock);
			local_irq_restore(state);
			return count;
		}
		cpu_relax();
	}
	local_irq_restore(state);
	return READ_ONCE(pit.last);
}

static struct clocksource pit_clock;

static bool counts_on(unsigned channel)
{
	if (!pit_claim(channel))
		return false;
	pit.channel = channel;
	if (channel == 2)
		outb(PORT_B, (inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE2);
	outb(I8254_COMMAND, (u8)I8254_MODE2(channel));
	outb((u16)I8254_CHANNEL(channel), 0);
	outb((u16)I8254_CHANNEL(channel), 0);
	if (clocksource_counts(&pit_clock))
		return true;
	pit_release(channel);
	return false;
}

/* Channel 2 if it can be made to count: timers may need channel 0. */
static u64 pit_clock_probe(void)
{
	return counts_on(2) || counts_on(0) ? I8254_HZ : 0;
}

static struct clocksource pit_clock = {
	.name = "pit",
	.rating = 50,
	.mask = I8254_COUNT_MASK,
	.read = pit_read,
	.probe = pit_clock_probe,
	.last_resort = true,
};
CLOCKSOURCE(pit_clock);
