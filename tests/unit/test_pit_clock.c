/* SPDX-License-Identifier: BSD-2-Clause */
/* The PIT as a clock: its channel, its count, and readers in each other's way.
 */
#include "unit.h"
#include <abi/i8254.h>
#include <kernel/clocksource.h>
#include <kernel/io.h>
#include <kernel/pit.h>
#include <kernel/string.h>

static bool has_port_b, has_pit, nested;
static u8 port_b, byte;
static u16 counter, latched; /* it counts down */
static unsigned programmed, latches;

static struct clocksource *pit(void)
{
	table_for_each(struct clocksource, clocksource, it)
		if (!strcmp((*it)->name, "pit"))
			return *it;
	abort();
}

/* What the core does, without its bound. */
bool clocksource_counts(const struct clocksource *cs)
{
	u64 first = cs->read();

	for (unsigned i = 0; i < 10; i++)
		if (cs->read() != first)
			return true;
	return false;
}

void outb(u16 port, u8 v)
{
	if (port == PORT_B)
		port_b = v;
	if (port != I8254_COMMAND)
		return;
	if (v & 0x30) {
		programmed = v;
		return;
	}
	CHECK_EQ(v, I8254_LATCH(programmed >> 6));
	latches++;
	byte = 0;
	if (has_pit &&
	    (programmed >> 6 == 0 || (has_port_b && port_b & PORT_B_GATE2)))
		counter -= 7;
	latched = counter;
}

u8 inb(u16 port)
{
	unsigned before = latches;

	if (port == PORT_B)
		return has_port_b ? port_b : 0xff;
	CHECK_EQ(port, I8254_CHANNEL(programmed >> 6));
	/* An NMI handler wants to know the time, now of all moments. */
	if (nested) {
		nested = false;
		CHECK_EQ(pit()->read(), 0x1234);
		CHECK_EQ(latches, before);
	}
	return byte++ ? latched >> 8 : latched & 0xff;
}

static void begin(bool with_pit, bool with_port_b)
{
	has_pit = with_pit;
	has_port_b = with_port_b;
	port_b = PORT_B_SPEAKER;
	for (unsigned i = 0; i < PIT_CHANNELS; i++)
		pit_release(i);
}

TEST(channel_2_is_used_and_the_speaker_stays_quiet)
{
	begin(true, true);
	CHECK_EQ(pit()->probe(), I8254_HZ);
	CHECK_EQ(programmed, I8254_MODE2(2));
	CHECK_EQ(port_b, PORT_B_GATE2);
	CHECK(!pit_claim(2));
	CHECK(pit_claim(0));
}

TEST(channel_0_is_used_where_channel_2_does_not_count)
{
	begin(true, false);
	CHECK_EQ(pit()->probe(), I8254_HZ);
	CHECK_EQ(programmed, I8254_MODE2(0));
	CHECK(!pit_claim(0));
	CHECK(pit_claim(2));
	/* If it is not somebody else's. */
	begin(true, false);
	CHECK(pit_claim(0));
	CHECK_EQ(pit()->probe(), 0);
}

TEST(without_a_pit_nothing_is_claimed)
{
	begin(false, false);
	CHECK_EQ(pit()->probe(), 0);
	CHECK(pit_claim(0));
	CHECK(pit_claim(2));
}

TEST(it_counts_up_and_wraps)
{
	u64 last;

	begin(true, true);
	pit()->probe();
	last = pit()->read();
	for (unsigned i = 0; i < 50000; i++) {
		u64 now = pit()->read();

		CHECK_EQ((now - last) & pit()->mask, 7);
		CHECK(now <= pit()->mask);
		last = now;
	}
}

TEST(who_interrupts_a_reader_gets_the_last_count)
{
	begin(true, true);
	pit()->probe();
	counter = (u16)-0x1234 + 7;
	CHECK_EQ(pit()->read(), 0x1234);
	nested = true;
	CHECK_EQ(pit()->read(), 0x1234 + 7);
	CHECK(!nested);
}
