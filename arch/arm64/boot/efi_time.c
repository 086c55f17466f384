/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time of day that firmware told the EFI stub. Asking it then costs no
 * more than a call; later its code would have to be mapped and run.
 */
#define pr_fmt(fmt) "efi: " fmt

#include <kernel/calendar.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/wallclock.h>
#include "efi_stub.h"

#define SECONDS_A_MINUTE 60
#define ZONE_MAX	 1440

/* With a time zone it is local time, so many minutes behind UTC: 8.3. */
int efi_time_to_ns(const struct efi_time *t, u64 *ns)
{
	struct calendar c = {
		.year = t->year,
		.month = t->month,
		.day = t->day,
		.hour = t->hour,
		.minute = t->minute,
		.second = t->second,
	};
	s64 seconds;

	if (calendar_to_seconds(&c, &seconds) || t->nanosecond >= NSEC_PER_SEC)
		return -ERANGE;
	if (t->zone >= -ZONE_MAX && t->zone <= ZONE_MAX)
		seconds += t->zone * SECONDS_A_MINUTE;
	if (seconds < 0 || (u64)seconds > UINT64_MAX / NSEC_PER_SEC - 1)
		return -ERANGE;
	*ns = (u64)seconds * NSEC_PER_SEC + t->nanosecond;
	return 0;
}

/* The stub asked right before the kernel began to count. */
static int efi_read(u64 *ns)
{
	const struct efi_time *t = &efi_handover.time;
	int ret;

	if (!efi_handover.system_table || !t->year)
		return -ENODEV;
	ret = efi_time_to_ns(t, ns);
	if (ret)
		pr_warn("%u-%u-%u %u:%u:%u, zone %d, cannot be: not used",
			t->year, t->month, t->day, t->hour, t->minute,
			t->second, t->zone);
	else
		*ns += time_ns();
	return ret;
}

static const struct wallclock efi_wallclock = {
	.name = "UEFI",
	.rating = 50,
	.read = efi_read,
};
WALLCLOCK(efi_wallclock);
