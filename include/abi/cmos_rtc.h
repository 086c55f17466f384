/* SPDX-License-Identifier: BSD-2-Clause */
/* A PC's real-time clock: Motorola MC146818 data sheet. */
#pragma once

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

#define RTC_SECONDS  0x00
#define RTC_MINUTES  0x02
#define RTC_HOURS    0x04
#define RTC_DAY	     0x07 /* of the month */
#define RTC_MONTH    0x08
#define RTC_YEAR     0x09 /* of the century */
#define RTC_STATUS_A 0x0a
#define RTC_STATUS_B 0x0b
#define RTC_STATUS_D 0x0d
#define CMOS_LAST    0x7f

#define RTC_A_UPDATING 0x80
#define RTC_B_BINARY   0x04 /* else BCD */
#define RTC_B_24_HOURS 0x02 /* else 1 to 12, and RTC_HOURS_PM */
#define RTC_HOURS_PM   0x80
#define RTC_D_VALID    0x80 /* power was never lost */
