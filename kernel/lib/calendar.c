/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/calendar.h>
#include <kernel/compiler.h>
#include <kernel/errno.h>

#define SECONDS_PER_DAY	     86400
#define DAYS_PER_YEAR	     365
#define DAYS_PER_4_YEARS     (4 * DAYS_PER_YEAR + 1)
#define DAYS_PER_CENTURY     (25 * DAYS_PER_4_YEARS - 1)
#define DAYS_PER_4_CENTURIES (4 * DAYS_PER_CENTURY + 1)
/* From 1 January of the year 1, a Monday, to that of 1970. */
#define DAYS_TO_1970 719162

static bool is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_of_month(unsigned year, unsigned month)
{
	static const u8 days[] = { 31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

static bool exists(const struct calendar *c)
{
	return c->year >= CALENDAR_YEAR_MIN && c->year <= CALENDAR_YEAR_MAX &&
	       c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= days_of_month(c->year, c->month) && c->hour < 24 &&
	       c->minute < 60 && c->second < 60;
}

int calendar_to_seconds(const struct calendar *c, s64 *seconds)
{
	unsigned past = c->year - 1;
	s64 days;

	if (!exists(c))
		return -ERANGE;
	days = (s64)past * DAYS_PER_YEAR + past / 4 - past / 100 + past / 400;
	for (unsigned month = 1; month < c->month; month++)
		days += days_of_month(c->year, month);
	days += (s64)c->day - 1 - DAYS_TO_1970;
	*seconds = days * SECONDS_PER_DAY + c->hour * 3600 + c->minute * 60 +
		   c->second;
	return 0;
}

/* The last day of a leap period belongs to its last part. */
static unsigned parts(unsigned *days, unsigned length, unsigned most)
{
	unsigned n = MIN(*days / length, most);

	*days -= n * length;
	return n;
}

/* @days from 1 January of the year 1. */
static void set_date(struct calendar *c, unsigned days)
{
	c->weekday = (days + 1) % 7;
	c->year = 1 + 400 * parts(&days, DAYS_PER_4_CENTURIES, UINT32_MAX);
	c->year += 100 * parts(&days, DAYS_PER_CENTURY, 3);
	c->year += 4 * parts(&days, DAYS_PER_4_YEARS, UINT32_MAX);
	c->year += parts(&days, DAYS_PER_YEAR, 3);
	c->month = 1;
	while (days >= days_of_month(c->year, c->month))
		days -= days_of_month(c->year, c->month++);
	c->day = days + 1;
}

int calendar_from_seconds(s64 seconds, struct calendar *c)
{
	static const struct calendar last = {
		CALENDAR_YEAR_MAX, 12, 31, 23, 59, 59, 0
	};
	const s64 min = -(s64)DAYS_TO_1970 * SECONDS_PER_DAY;
	s64 max;
	u64 since;
	unsigned rest;

	calendar_to_seconds(&last, &max);
	if (seconds < min || seconds > max)
		return -ERANGE;
	since = (u64)(seconds - min);
	set_date(c, (unsigned)(since / SECONDS_PER_DAY));
	rest = (unsigned)(since % SECONDS_PER_DAY);
	c->hour = rest / 3600;
	c->minute = rest / 60 % 60;
	c->second = rest % 60;
	return 0;
}
