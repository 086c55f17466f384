/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measuring the CPU's counter, on a machine whose timers may be missing or
 * stand still, and whose host takes the CPU away.
 */
#include <asm/cpu.h>
#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/io.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "unit.h"

#define KHZ	   2500000ULL
#define US	   (KHZ / 1000)
#define PIT_HZ	   1193182ULL
#define PM_HZ	   3579545ULL
#define PM_PORT	   0x608
#define PORT_B	   0x61
#define IO_TICKS   (US / 2) /* one port access */
#define ACCESS_MAX 200000   /* port accesses of the longest search */

struct boot_info boot_info;

static bool has_pit, has_port_b, has_pm, pm_moves;
static u64 now, taken_at, taken_for;
static unsigned accesses;
static struct acpi_fadt fadt;
static u8 port_b, latch[2];
static u64 pit_start, pit_count;
static unsigned bytes_read, bytes_written;

int acpi_init(phys_addr_t rsdp)
{
	(void)rsdp;
	return 0;
}

const struct acpi_sdt_header *acpi_find(const char *signature, unsigned index)
{
	(void)signature;
	(void)index;
	return has_pm ? &fadt.header : NULL;
}

/* Between two instructions the host may run something else for long. */
u64 cpu_counter(void)
{
	now += 20;
	if (taken_for && now >= taken_at) {
		now += taken_for;
		taken_for = 0;
	}
	return now;
}

static void access_port(void)
{
	now += IO_TICKS;
	accesses++;
}

static u64 ticks_of(u64 hz)
{
	return (u64)((unsigned __int128)now * hz / (KHZ * 1000));
}

u8 inb(u16 port)
{
	access_port();
	if (port == PORT_B && has_port_b) {
		bool out = ticks_of(PIT_HZ) - pit_start >= pit_count;

		return (u8)((port_b & 3) | (has_pit && out ? 1U << 5 : 0));
	}
	if (port == 0x40 && has_pit)
		return latch[bytes_read++ & 1];
	return 0xff;
}

void outb(u16 port, u8 v)
{
	u16 count = (u16)-ticks_of(PIT_HZ);

	access_port();
	if (port == PORT_B)
		port_b = v;
	if (port == 0x43) {
		bytes_written = bytes_read = 0;
		latch[0] = (u8)count;
		latch[1] = (u8)(count >> 8);
	}
	if (port != 0x42)
		return;
	pit_count = bytes_written++ ? pit_count | (u64)v << 8 : v;
	pit_start = ticks_of(PIT_HZ);
}

u32 inl(u16 port)
{
	access_port();
	CHECK_EQ(port, PM_PORT);
	/* 24 bits count, and this machine fills the rest with ones. */
	return pm_moves ? (u32)ticks_of(PM_HZ) | 0xff000000 : UINT32_MAX;
}

u16 inw(u16 port)
{
	(void)port;
	return 0xffff;
}

void outw(u16 port, u16 v)
{
	(void)port;
	(void)v;
}

void outl(u16 port, u32 v)
{
	(void)port;
	(void)v;
}

static void begin(bool pit, bool with_port_b, bool pm)
{
	now = 1000000;
	accesses = 0;
	taken_at = taken_for = 0;
	has_pit = pit;
	has_port_b = with_port_b;
	has_pm = pm;
	pm_moves = true;
	memset(&fadt, 0, sizeof(fadt));
	fadt.header.length = sizeof(fadt);
	fadt.pm_tmr_blk = PM_PORT;
	fadt.pm_tmr_len = 4;
}

/* Right to one part in a thousand. */
static void check_right(void)
{
	u64 khz = time_measure_khz();

	CHECK(khz > KHZ - KHZ / 1000 && khz < KHZ + KHZ / 1000);
	CHECK(accesses < ACCESS_MAX);
}

TEST(each_timer_measures_right)
{
	begin(true, true, false);
	check_right();
	begin(false, false, true);
	check_right();
	begin(true, false, false);
	check_right();
}

TEST(the_pm_timer_in_extended_form_only)
{
	begin(false, false, true);
	fadt.pm_tmr_blk = 0;
	fadt.x_pm_tmr_blk.address_space_id = ACPI_SPACE_IO;
	fadt.x_pm_tmr_blk.address = PM_PORT;
	check_right();
}

TEST(a_wrapping_timer_measures_right)
{
	begin(false, false, true);
	/* The 24 bits of the PM timer wrap 1 ms into the measurement. */
	now = (1ULL << 24) * KHZ * 1000 / PM_HZ - 1000 * US;
	check_right();
	begin(true, false, false);
	now = (1ULL << 16) * KHZ * 1000 / PIT_HZ - 1000 * US;
	check_right();
}

/* At every moment of the first measurement, for less and more than it takes. */
TEST(a_cpu_taken_away_does_not_spoil_it)
{
	static const bool machines[][3] = { { true, true, false },
					    { false, false, true },
					    { true, false, false } };

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		for (u64 at = 0; at < 2200; at += 7) {
			begin(machines[i][0], machines[i][1], machines[i][2]);
			taken_at = now + at * US;
			taken_for = (at % 2 ? 1000 : 30000) * US;
			check_right();
		}
	}
}

TEST(no_timer_is_found_out_soon)
{
	begin(false, false, false);
	CHECK_EQ(time_measure_khz(), 0);
	CHECK(accesses < 2000);
	/* A PM timer that stands still, at a port that is none. */
	begin(false, false, true);
	pm_moves = false;
	CHECK_EQ(time_measure_khz(), 0);
	CHECK(accesses < 2000);
	/* Port B without a timer behind it: OUT never comes. */
	begin(false, true, false);
	CHECK_EQ(time_measure_khz(), 0);
	CHECK(accesses < ACCESS_MAX);
}

TEST(a_pm_timer_that_is_no_port_is_left_alone)
{
	begin(false, false, true);
	fadt.pm_tmr_blk = 0x10000 + PM_PORT;
	CHECK_EQ(time_measure_khz(), 0);
}
