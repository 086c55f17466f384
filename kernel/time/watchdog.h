/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does a clock still run at the rate it had? Compared with a second clock,
 * which may be slow to read and may wrap. Policy, without hardware.
 */
#pragma once

#include <kernel/clocksource.h>

/* Comparisons are at least so far apart. */
#define WATCHDOG_INTERVAL_MS 500
/* One part in so many is too much, so often in a row. */
#define WATCHDOG_TOLERANCE 16
#define WATCHDOG_STRIKES   3
/*
 * A CPU that was away for longer than this between the two readings has read
 * them at different times: such a comparison says nothing.
 */
#define WATCHDOG_READ_MAX_NS 50000

struct clock_watchdog {
	struct clocksource *tested;
	const struct clocksource *reference; /* NULL: nothing to do */
	u64 tested_last, reference_last;     /* counts at the last comparison */
	unsigned strikes;
	bool started;
};

/** True if others can be compared with @cs: steady, and it wraps late enough.
 */
bool clock_watchdog_can_use(const struct clocksource *cs);

/** Compare, if it is time to. True: the tested clock is not to be trusted. */
bool clock_watchdog_check(struct clock_watchdog *w);

/** Nanoseconds from count @from to count @to of @cs, less than one wrap. */
u64 clocksource_elapsed_ns(const struct clocksource *cs, u64 from, u64 to);
