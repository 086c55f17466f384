/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"
#include <kernel/time.h>
#include <kernel/wallclock.h>

/* 14 November 2023: before that nobody runs this. */
#define WALL_EARLIEST_NS (1700000000ULL * NSEC_PER_SEC)

const char *virt_test_wall_clock(struct selftest *t, enum hypervisor_type type,
				 const char *feature)
{
	const struct wallclock *w;
	u64 now;

	if (!virt_test_runs(t, type, feature))
		return NULL;
	now = wall_time_ns();
	w = wallclock_current();
	if (!EXPECT(t, w))
		return NULL;
	selftest_note(t, "from %s", w->name);
	EXPECT(t, now > WALL_EARLIEST_NS);
	return w->name;
}
