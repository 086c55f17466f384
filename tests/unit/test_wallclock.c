/* SPDX-License-Identifier: BSD-2-Clause */
/* The time of day, from a real-time clock that may be absent or mad. */
#include "unit.h"
#include <abi/cmos_rtc.h>
#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/wallclock.h>

#define CENTURY_REGISTER 0x32
/* 2026-02-28 23:59:58 */
#define EXPECTED_NS (1772323198 * NSEC_PER_SEC)

static u64 now_ns = 5 * NSEC_PER_SEC;
static u8 cmos[128];
static u8 cmos_index;
static unsigned accesses, updates_left, warnings;
static bool always_updating, restless;
static struct acpi_fadt fadt;

u64 time_ns(void)
{
	now_ns += 1000;
	return now_ns;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)flags;
	(void)fmt;
	warnings += level <= LOG_WARNING;
}

const struct acpi_fadt *acpi_fadt(void)
{
	return &fadt;
}

void outb(u16 port, u8 v)
{
	CHECK_EQ(port, CMOS_INDEX);
	cmos_index = v;
}

u8 inb(u16 port)
{
	CHECK_EQ(port, CMOS_DATA);
	CHECK(cmos_index <= CMOS_LAST);
	accesses++;
	if (cmos_index == RTC_STATUS_A && (always_updating || updates_left)) {
		updates_left -= updates_left > 0;
		return RTC_A_UPDATING | 0x26;
	}
	if (cmos_index == RTC_SECONDS && restless)
		cmos[RTC_SECONDS] ^= 1;
	return cmos[cmos_index];
}

/* BCD and 24 hours, as firmware leaves it. */
static void begin(void)
{
	memset(cmos, 0, sizeof(cmos));
	memset(&fadt, 0, sizeof(fadt));
	fadt.century = CENTURY_REGISTER;
	cmos[RTC_SECONDS] = 0x58;
	cmos[RTC_MINUTES] = 0x59;
	cmos[RTC_HOURS] = 0x23;
	cmos[RTC_DAY] = 0x28;
	cmos[RTC_MONTH] = 0x02;
	cmos[RTC_YEAR] = 0x26;
	cmos[CENTURY_REGISTER] = 0x20;
	cmos[RTC_STATUS_A] = 0x26;
	cmos[RTC_STATUS_B] = RTC_B_24_HOURS;
	cmos[RTC_STATUS_D] = RTC_D_VALID;
	always_updating = restless = false;
	accesses = updates_left = warnings = 0;
}

/* What the source itself says, or -errno. */
static s64 read_rtc(void)
{
	u64 ns = 0;
	int err = -ENOENT;

	table_for_each(const struct wallclock, wallclock, it)
		if (!strcmp((*it)->name, "real-time clock"))
			err = (*it)->read(&ns);
	CHECK(accesses < 50000);
	return err ? err : (s64)ns;
}

TEST(bcd_and_binary_are_read)
{
	begin();
	CHECK_EQ(read_rtc(), EXPECTED_NS);
	cmos[RTC_SECONDS] = 58;
	cmos[RTC_MINUTES] = 59;
	cmos[RTC_HOURS] = 23;
	cmos[RTC_DAY] = 28;
	cmos[RTC_YEAR] = 26;
	cmos[CENTURY_REGISTER] = 20;
	cmos[RTC_STATUS_B] |= RTC_B_BINARY;
	CHECK_EQ(read_rtc(), EXPECTED_NS);
}

TEST(twelve_hours_have_two_halves)
{
	static const struct {
		u8 reg;
		unsigned hour;
	} hours[] = { { 0x12, 0 },  { 0x01, 1 },  { 0x11, 11 },
		      { 0x92, 12 }, { 0x81, 13 }, { 0x91, 23 } };

	begin();
	cmos[RTC_STATUS_B] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(hours); i++) {
		cmos[RTC_HOURS] = hours[i].reg;
		CHECK_EQ(read_rtc(), EXPECTED_NS - (23 - hours[i].hour) * 3600 *
							   NSEC_PER_SEC);
	}
	cmos[RTC_HOURS] = 0;
	CHECK_EQ(read_rtc(), -ERANGE);
	cmos[RTC_HOURS] = 0x13;
	CHECK_EQ(read_rtc(), -ERANGE);
}

TEST(without_a_century_it_is_guessed)
{
	begin();
	fadt.century = 0;
	CHECK_EQ(read_rtc(), EXPECTED_NS);
	/* One that firmware has in the clock's own registers is none. */
	fadt.century = RTC_SECONDS + 1;
	CHECK_EQ(read_rtc(), EXPECTED_NS);
	fadt.century = 0xff;
	CHECK_EQ(read_rtc(), EXPECTED_NS);
	fadt.century = CENTURY_REGISTER;
	cmos[CENTURY_REGISTER] = 0;
	CHECK_EQ(read_rtc(), EXPECTED_NS);
	/* 1999-02-28 23:59:58 */
	cmos[RTC_YEAR] = 0x99;
	CHECK_EQ(read_rtc(), 920246398 * NSEC_PER_SEC);
	cmos[CENTURY_REGISTER] = 0x21;
	cmos[RTC_YEAR] = 0x00;
	/* 2100-02-28 23:59:58 */
	CHECK_EQ(read_rtc(), 4107542398 * NSEC_PER_SEC);
}

TEST(what_cannot_be_is_refused)
{
	static const struct {
		u8 reg, value;
	} bad[] = { { RTC_SECONDS, 0x60 }, { RTC_SECONDS, 0x5a },
		    { RTC_MINUTES, 0xa0 }, { RTC_HOURS, 0x24 },
		    { RTC_DAY, 0x29 },	   { RTC_DAY, 0 },
		    { RTC_MONTH, 0x13 },   { RTC_YEAR, 0x9a },
		    { RTC_YEAR, 0xff } };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		begin();
		cmos[bad[i].reg] = bad[i].value;
		CHECK_EQ(read_rtc(), -ERANGE);
		CHECK_EQ(warnings, 1);
	}
	begin();
	cmos[RTC_STATUS_D] = 0;
	CHECK_EQ(read_rtc(), -EIO);
	CHECK_EQ(warnings, 1);
}

TEST(an_update_is_waited_for_but_not_for_ever)
{
	begin();
	updates_left = 100;
	CHECK_EQ(read_rtc(), EXPECTED_NS);
	CHECK(accesses > 100);
	begin();
	always_updating = true;
	CHECK_EQ(read_rtc(), -EIO);
	begin();
	restless = true;
	CHECK_EQ(read_rtc(), -EIO);
	CHECK_EQ(warnings, 1);
}

TEST(an_absent_clock_is_left_alone)
{
	begin();
	memset(cmos, 0xff, sizeof(cmos));
	CHECK_EQ(read_rtc(), -ENODEV);
	CHECK_EQ(accesses, 1);
	begin();
	fadt.iapc_boot_arch = cpu_to_le16(ACPI_FADT_NO_CMOS_RTC);
	CHECK_EQ(read_rtc(), -ENODEV);
	CHECK_EQ(accesses, 0);
	CHECK_EQ(warnings, 0);
}

static int broken_read(u64 *ns)
{
	(void)ns;
	return -EIO;
}

static const struct wallclock broken = {
	.name = "broken",
	.rating = 200,
	.read = broken_read,
};
WALLCLOCK(broken);

/* As good as the real-time clock, and broken too: that one is still asked. */
static const struct wallclock broken_as_well = {
	.name = "broken as well",
	.rating = 100,
	.read = broken_read,
};
WALLCLOCK(broken_as_well);

/* Read once: from then on it goes with the clock. */
TEST(the_best_source_that_answers_is_used)
{
	u64 ns;

	begin();
	CHECK(!wallclock_current());
	ns = wall_time_ns();
	CHECK(ns >= EXPECTED_NS && ns < EXPECTED_NS + NSEC_PER_SEC);
	CHECK(!strcmp(wallclock_current()->name, "real-time clock"));
	accesses = 0;
	now_ns += 10 * NSEC_PER_SEC;
	CHECK(wall_time_ns() - ns >= 10 * NSEC_PER_SEC);
	CHECK(wall_time_ns() - ns < 11 * NSEC_PER_SEC);
	CHECK_EQ(accesses, 0);
}
