/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What time it is for people: UTC. It is read once, from the best source that
 * answers, when somebody first asks, so that a boot does not pay for it; from
 * then on it goes with time_ns().
 *
 * A source is registered beside its code with WALLCLOCK(). A PC's real-time
 * clock is one, as is Arm's; a hypervisor's clock is one with a higher rating.
 * Where hypervisors are stacked, or offer each other's interfaces, all their
 * sources are asked, the highest rating first, equals too: the first that
 * answers counts, whichever hypervisor is primary.
 *
 * EFI's GetTime() is not: it needs the firmware's code mapped and run, and
 * where there is EFI in a virtual machine it only reads the real-time clock.
 * What arm64's EFI stub was told before it left the firmware is one.
 */
#pragma once

#include <kernel/table.h>

struct wallclock {
	const char *name;
	/* 100: a PC's clock; 150 to 199: asked of the host; 200 and more: read
	 * from what it shares, or paired with the counter */
	unsigned rating;
	/*
	 * Nanoseconds of UTC since 1970 at the time of the call, or a little
	 * before it. 0 or -errno. A thread's context; one call at a time.
	 */
	int (*read)(u64 *ns);
};

TABLE_DECLARE(const struct wallclock, wallclock);

#define WALLCLOCK(object) \
 TABLE_ENTRY(const struct wallclock, wallclock, 0, object)

/**
 * Nanoseconds of UTC since 1970, without leap seconds. 0: nobody knows. As
 * precise as its source, of which a real-time clock is up to a second behind.
 * The first call is a thread's, and may take 50 ms where a source is broken;
 * after that, any context.
 */
u64 wall_time_ns(void);

/** Where it is from; NULL: it is not known, or nobody has asked yet. */
const struct wallclock *wallclock_current(void);
