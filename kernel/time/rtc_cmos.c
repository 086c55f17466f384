/* SPDX-License-Identifier: BSD-2-Clause */
/* A PC's real-time clock, in the CMOS memory, as the time of day. */
#define pr_fmt(fmt) "rtc: " fmt

#include <abi/cmos_rtc.h>
#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/calendar.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/wallclock.h>

/*
 * An update of the registers takes 2 ms, once a second. What was read is
 * believed if it reads the same twice; so often it is tried.
 */
#define RTC_UPDATE_MAX_MS 10
#define RTC_READ_TRIES	  4

/* Centuries that are believed; without one years from 70 on are 19xx. */
#define CENTURY_MIN  19
#define CENTURY_MAX  29
#define PIVOT_YEAR   70
#define ABSENT_VALUE 0xff

/* As they are in the registers. */
struct rtc_time {
	u8 second, minute, hour, day, month, year, century;
};

static u8 cmos_read(u8 reg)
{
	outb(CMOS_INDEX, reg);
	return inb(CMOS_DATA);
}

/* False: an update that does not end. */
static bool wait_for_update(void)
{
	u64 start = time_ns();

	while (cmos_read(RTC_STATUS_A) & RTC_A_UPDATING) {
		if (time_ns() - start > RTC_UPDATE_MAX_MS * NSEC_PER_MSEC)
			return false;
		cpu_relax();
	}
	return true;
}

static void read_registers(struct rtc_time *t, u8 century_register)
{
	t->second = cmos_read(RTC_SECONDS);
	t->minute = cmos_read(RTC_MINUTES);
	t->hour = cmos_read(RTC_HOURS);
	t->day = cmos_read(RTC_DAY);
	t->month = cmos_read(RTC_MONTH);
	t->year = cmos_read(RTC_YEAR);
	t->century = century_register ? cmos_read(century_register) : 0;
}

static int read_stable(struct rtc_time *t, u8 century_register)
{
	struct rtc_time again;

	for (unsigned i = 0; i < RTC_READ_TRIES; i++) {
		if (!wait_for_update())
			break;
		read_registers(t, century_register);
		read_registers(&again, century_register);
		if (!memcmp(t, &again, sizeof(again)))
			return 0;
	}
	pr_warn("it is always being updated: not used");
	return -EIO;
}

/* @value as a number; more than any that is right if it is none. */
static unsigned number(u8 value, u8 status_b)
{
	if (status_b & RTC_B_BINARY)
		return value;
	if ((value & 0xf) > 9 || value >> 4 > 9)
		return ABSENT_VALUE;
	return (value >> 4) * 10U + (value & 0xf);
}

/* With 12 hours 12 is the first one. */
static unsigned hour_of(u8 value, u8 status_b)
{
	unsigned hour;

	if (status_b & RTC_B_24_HOURS)
		return number(value, status_b);
	hour = number(value & (u8)~RTC_HOURS_PM, status_b);
	if (hour < 1 || hour > 12)
		return ABSENT_VALUE;
	return hour % 12 + (value & RTC_HOURS_PM ? 12 : 0);
}

static unsigned year_of(const struct rtc_time *t, u8 status_b)
{
	unsigned year = number(t->year, status_b);
	unsigned century = number(t->century, status_b);

	if (year > 99)
		return 0;
	if (century < CENTURY_MIN || century > CENTURY_MAX)
		century = year < PIVOT_YEAR ? 20 : 19;
	return century * 100 + year;
}

static int decode(const struct rtc_time *t, u8 status_b, u64 *ns)
{
	struct calendar c = {
		.year = year_of(t, status_b),
		.month = number(t->month, status_b),
		.day = number(t->day, status_b),
		.hour = hour_of(t->hour, status_b),
		.minute = number(t->minute, status_b),
		.second = number(t->second, status_b),
	};
	s64 seconds;

	if (calendar_to_seconds(&c, &seconds) || seconds < 0) {
		pr_warn("%u-%u-%u %u:%u:%u cannot be: not used", c.year,
			c.month, c.day, c.hour, c.minute, c.second);
		return -ERANGE;
	}
	*ns = (u64)seconds * NSEC_PER_SEC;
	return 0;
}

/* Firmware may say that there is none, and where the century is. */
static int look_at_firmware(u8 *century_register)
{
	const struct acpi_fadt *fadt = acpi_fadt();

	*century_register = 0;
	if (!fadt)
		return 0;
	if (le16_to_cpu(fadt->iapc_boot_arch) & ACPI_FADT_NO_CMOS_RTC)
		return -ENODEV;
	if (fadt->century > RTC_STATUS_D && fadt->century <= CMOS_LAST)
		*century_register = fadt->century;
	return 0;
}

static int rtc_read(u64 *ns)
{
	struct rtc_time t;
	u8 century_register;
	int err = look_at_firmware(&century_register);

	if (err || cmos_read(RTC_STATUS_A) == ABSENT_VALUE)
		return -ENODEV;
	if (!(cmos_read(RTC_STATUS_D) & RTC_D_VALID)) {
		pr_warn("it has lost power: not used");
		return -EIO;
	}
	err = read_stable(&t, century_register);
	return err ? err : decode(&t, cmos_read(RTC_STATUS_B), ns);
}

static const struct wallclock rtc = {
	.name = "real-time clock",
	.rating = 100,
	.read = rtc_read,
};
WALLCLOCK(rtc);
