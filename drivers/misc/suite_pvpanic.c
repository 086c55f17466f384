/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of pvpanic: all that can be seen without ending the machine. That
 * the host is told is seen from there: tests/boot/test_pvpanic.py.
 */
#include <kernel/power_hook.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include "pvpanic.h"

static void test_offers(struct selftest *t)
{
	const struct pvpanic *it = pvpanic_first();

	if (!it)
		selftest_skip(t, "no pvpanic device here");
	for (; it; it = it->next) {
		u8 offered = pvpanic_read(it);

		EXPECT_EQ(t, it->events & ~offered, 0);
		EXPECT_EQ(t, it->events & PVPANIC_CRASH_LOADED, 0);
		selftest_note(t, "%s: events %#x of %#x", it->name, it->events,
			      offered);
	}
}

static void test_hook(struct selftest *t)
{
	unsigned count = 0;

	table_for_each(const struct power_hook, power_hook, it)
		count += !strcmp((*it)->name, "pvpanic") && (*it)->panicked;
	EXPECT_EQ(t, count, 1);
}

static const struct selftest_case pvpanic_cases[] = {
	{ .name = "device-offers-what-is-used", .run = test_offers },
	{ .name = "a-panic-will-tell", .run = test_hook },
	{},
};
SELFTEST_SUITE(pvpanic, "pvpanic", pvpanic_cases, 0);
