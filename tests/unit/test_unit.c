/* SPDX-License-Identifier: BSD-2-Clause */
/* What the framework itself promises. */
#include "unit.h"

static unsigned tests_before;

TEST(first_in_file_runs_first)
{
	CHECK_EQ(tests_before, 0);
	tests_before++;
}

TEST(second_runs_second)
{
	CHECK_EQ(tests_before, 1);
}

TEST(checks_tell_whether_they_held)
{
	CHECK(CHECK(true));
	CHECK(CHECK_EQ(7, 7));
	CHECK(CHECK_STR("a", "a"));
	CHECK(CHECK_STR(NULL, NULL));
	CHECK(CHECK_MEM("abc", "abd", 2));
}
