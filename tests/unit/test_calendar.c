/* SPDX-License-Identifier: BSD-2-Clause */
/* Dates and seconds, against a calendar that is counted day by day. */
#include "unit.h"
#include <kernel/calendar.h>
#include <kernel/errno.h>

#define DAY 86400

static s64 seconds_of(unsigned year, unsigned month, unsigned day)
{
	struct calendar c = { .year = year, .month = month, .day = day };
	s64 seconds = -1;

	CHECK_EQ(calendar_to_seconds(&c, &seconds), 0);
	return seconds;
}

static bool refused(struct calendar c)
{
	s64 seconds;

	return calendar_to_seconds(&c, &seconds) == -ERANGE;
}

TEST(well_known_dates)
{
	CHECK_EQ(seconds_of(1970, 1, 1), 0);
	CHECK_EQ(seconds_of(1969, 12, 31), -DAY);
	CHECK_EQ(seconds_of(2000, 3, 1), 951868800);
	CHECK_EQ(seconds_of(2026, 2, 28), 1772236800);
	CHECK_EQ(seconds_of(2038, 1, 19) + 3 * 3600 + 14 * 60 + 7, 0x7fffffff);
	CHECK_EQ(seconds_of(2100, 3, 1) - seconds_of(2100, 2, 28), DAY);
	CHECK_EQ(seconds_of(2400, 3, 1) - seconds_of(2400, 2, 28), 2 * DAY);
}

static const unsigned month_days[] = { 31, 28, 31, 30, 31, 30,
				       31, 31, 30, 31, 30, 31 };

/* Go to the next day, by the rules that a child learns. */
static void next_day(struct calendar *c)
{
	bool leap =
		c->year % 400 == 0 || (c->year % 4 == 0 && c->year % 100 != 0);
	unsigned last = month_days[c->month - 1] + (c->month == 2 && leap);

	c->weekday = (c->weekday + 1) % 7;
	if (c->day++ < last)
		return;
	c->day = 1;
	if (c->month++ < 12)
		return;
	c->month = 1;
	c->year++;
}

/* From Monday, 1 January of the year 1, each with another time of day. */
TEST(every_day_of_ten_thousand_years_goes_both_ways)
{
	struct calendar want = {
		.year = 1, .month = 1, .day = 1, .weekday = 1
	};
	s64 seconds, back, day = seconds_of(1, 1, 1);
	unsigned n = 0, wrong = 0;

	for (; want.year <= CALENDAR_YEAR_MAX; next_day(&want), day += DAY) {
		struct calendar c = { 0 };

		seconds = day + n++ * 12345U % DAY;
		wrong += calendar_from_seconds(seconds, &c) != 0;
		wrong += c.year != want.year || c.month != want.month ||
			 c.day != want.day || c.weekday != want.weekday;
		wrong += calendar_to_seconds(&c, &back) != 0 || back != seconds;
	}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(n, 3652059);
}

TEST(dates_that_are_none_are_refused)
{
	CHECK(refused((struct calendar){ 2026, 2, 29, 0, 0, 0, 0 }));
	CHECK(!refused((struct calendar){ 2024, 2, 29, 0, 0, 0, 0 }));
	CHECK(refused((struct calendar){ 1900, 2, 29, 0, 0, 0, 0 }));
	CHECK(!refused((struct calendar){ 2000, 2, 29, 0, 0, 0, 0 }));
	CHECK(refused((struct calendar){ 2026, 4, 31, 0, 0, 0, 0 }));
	CHECK(refused((struct calendar){ 2026, 0, 1, 0, 0, 0, 0 }));
	CHECK(refused((struct calendar){ 2026, 13, 1, 0, 0, 0, 0 }));
	CHECK(refused((struct calendar){ 2026, 1, 0, 0, 0, 0, 0 }));
	CHECK(refused((struct calendar){ 2026, 1, 1, 24, 0, 0, 0 }));
	CHECK(refused((struct calendar){ 2026, 1, 1, 0, 60, 0, 0 }));
	CHECK(refused((struct calendar){ 2026, 1, 1, 0, 0, 60, 0 }));
	CHECK(refused((struct calendar){ 0, 1, 1, 0, 0, 0, 0 }));
	CHECK(refused((struct calendar){ 10000, 1, 1, 0, 0, 0, 0 }));
}

TEST(seconds_beyond_the_calendar_are_refused)
{
	s64 first = seconds_of(1, 1, 1), last = seconds_of(9999, 12, 31) + DAY;
	struct calendar c;

	CHECK_EQ(calendar_from_seconds(first, &c), 0);
	CHECK_EQ(calendar_from_seconds(first - 1, &c), -ERANGE);
	CHECK_EQ(calendar_from_seconds(last - 1, &c), 0);
	CHECK_EQ(calendar_from_seconds(last, &c), -ERANGE);
	CHECK_EQ(calendar_from_seconds(INT64_MAX, &c), -ERANGE);
	CHECK_EQ(calendar_from_seconds(INT64_MIN, &c), -ERANGE);
}
