/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of static calls. */
#include <kernel/errno.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/static_call.h>

DECLARE_STATIC_CALL(int, chosen, (int a, int b));
int sum(int a, int b);
int difference(int a, int b);

int sum(int a, int b)
{
	return a + b;
}

int difference(int a, int b)
{
	return a - b;
}

DEFINE_STATIC_CALL(chosen, sum);

static void test_default(struct selftest *t)
{
	EXPECT_EQ(t, chosen(7, 5), 12);
}

static void test_update(struct selftest *t)
{
	int (*volatile pointer)(int a, int b) = chosen;

	if (cpumask_count(&cpu_online_mask) > 1) {
		EXPECT_EQ(t, static_call_update(chosen, difference), -EBUSY);
		EXPECT_EQ(t, chosen(7, 5), 12);
		return;
	}
	EXPECT_EQ(t, static_call_update(chosen, difference), 0);
	EXPECT_EQ(t, chosen(7, 5), 2);
	EXPECT_EQ(t, pointer(7, 5), 2);
	EXPECT_EQ(t, static_call_update(chosen, sum), 0);
	EXPECT_EQ(t, chosen(7, 5), 12);
}

static const struct selftest_case static_call_cases[] = {
	{ .name = "goes-to-the-default", .run = test_default },
	{ .name = "goes-elsewhere-while-one-cpu-runs", .run = test_update },
	{},
};
SELFTEST_SUITE(static_call, "static-call", static_call_cases, 0);
