/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dates of the Gregorian calendar, in UTC, as seconds since 1970 without leap
 * seconds (POSIX.1-2017, 4.16). Before 1582 the calendar is continued back.
 */
#pragma once

#include <kernel/types.h>

#define CALENDAR_YEAR_MIN 1
#define CALENDAR_YEAR_MAX 9999

struct calendar {
	unsigned year;
	unsigned month;	  /* 1 to 12 */
	unsigned day;	  /* 1 to 31 */
	unsigned hour;	  /* 0 to 23 */
	unsigned minute;  /* 0 to 59 */
	unsigned second;  /* 0 to 59 */
	unsigned weekday; /* 0 Sunday to 6; not looked at, only given */
};

/** Seconds since 1970 of @c. 0 or -ERANGE: there is no such date. */
int calendar_to_seconds(const struct calendar *c, s64 *seconds);

/** The other way. 0 or -ERANGE: not in the years 1 to 9999. */
int calendar_from_seconds(s64 seconds, struct calendar *c);
