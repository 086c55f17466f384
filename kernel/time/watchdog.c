/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/time.h>
#include "watchdog.h"

#define SCALE_SHIFT 32

u64 clocksource_elapsed_ns(const struct clocksource *cs, u64 from, u64 to)
{
	u64 ticks = (to - from) & cs->mask;

	return (u64)((unsigned __int128)ticks * cs->ns_scale >> SCALE_SHIFT);
}

static bool differ(u64 a, u64 b)
{
	u64 difference = a > b ? a - b : b - a;

	return difference > MAX(a, b) / WATCHDOG_TOLERANCE;
}

/* Read both clocks at one time, as nearly as can be. */
static bool read_both(const struct clock_watchdog *w, u64 *tested,
		      u64 *reference)
{
	u64 after;

	*tested = w->tested->read();
	*reference = w->reference->read();
	after = w->tested->read();
	return clocksource_elapsed_ns(w->tested, *tested, after) <=
	       WATCHDOG_READ_MAX_NS;
}

bool clock_watchdog_can_use(const struct clocksource *cs)
{
	return !cs->watched && clocksource_elapsed_ns(cs, 0, cs->mask) / 2 >
				       WATCHDOG_INTERVAL_MS * NSEC_PER_MSEC;
}

bool clock_watchdog_check(struct clock_watchdog *w)
{
	u64 wrap = clocksource_elapsed_ns(w->reference, 0, w->reference->mask);
	u64 tested, reference, tested_ns, reference_ns;

	tested_ns = clocksource_elapsed_ns(w->tested, w->tested_last,
					   w->tested->read());
	if (w->started && tested_ns < WATCHDOG_INTERVAL_MS * NSEC_PER_MSEC)
		return false;
	if (!read_both(w, &tested, &reference))
		return false;
	tested_ns = clocksource_elapsed_ns(w->tested, w->tested_last, tested);
	reference_ns = clocksource_elapsed_ns(w->reference, w->reference_last,
					      reference);
	w->tested_last = tested;
	w->reference_last = reference;
	if (!w->started || tested_ns > wrap / 2) {
		/* The first reading, or the reference may have wrapped. */
		w->started = true;
		return false;
	}
	w->strikes = differ(tested_ns, reference_ns) ? w->strikes + 1 : 0;
	return w->strikes >= WATCHDOG_STRIKES;
}
