/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A suite with every outcome, for harnesses to prove that they see failures:
 * `selftest=broken` must be reported as failed, with three failures, two
 * passes and one skip.
 */
#include <kernel/selftest.h>

static void test_fails(struct selftest *t)
{
	EXPECT_EQ(t, 6 * 7, 54);
}

static void test_passes(struct selftest *t)
{
	EXPECT_EQ(t, 6 * 9, 54);
}

static void test_skips(struct selftest *t)
{
	selftest_skip(t, "skipped on purpose");
}

static void test_fails_twice(struct selftest *t)
{
	EXPECT(t, !selftest_failed(t) && "the first failure");
	selftest_fail(t, __FILE__, __LINE__, "failed on purpose");
	EXPECT(t, !selftest_failed(t));
}

static const struct selftest_case nested_cases[] = {
	{ .name = "fails", .run = test_fails },
	{ .name = "passes", .run = test_passes },
	{},
};

static const struct selftest_suite nested = {
	.name = "nested",
	.cases = nested_cases,
};

static const struct selftest_case broken_cases[] = {
	{ .name = "fails", .run = test_fails },
	{ .name = "passes", .run = test_passes },
	{ .name = "skips", .run = test_skips },
	{ .name = "fails-twice", .run = test_fails_twice },
	{ .name = "nested", .suite = &nested },
	{},
};

SELFTEST_SUITE(broken, "broken", broken_cases, SELFTEST_MANUAL);
