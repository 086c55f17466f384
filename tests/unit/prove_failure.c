/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests that fail, each in its own way. `make unit` runs them first and is not
 * satisfied with itself unless every one is reported.
 */
#include <stdlib.h>
#include "unit.h"

TEST(passes)
{
	CHECK(true);
}

TEST(check)
{
	CHECK(false);
}

TEST(check_eq)
{
	CHECK_EQ(1 + 1, 3);
}

TEST(check_str)
{
	CHECK_STR("one", "two");
}

TEST(check_mem)
{
	CHECK_MEM("abc", "abd", 3);
}

TEST(address_error)
{
	char *volatile p = malloc(1);

	free(p);
	CHECK_EQ(*p, 0);
}

TEST(undefined_behaviour)
{
	volatile int most = INT32_MAX;

	CHECK(most + 1 < most);
}

TEST(leak)
{
	void *volatile p = malloc(1);

	p = NULL;
	CHECK(!p);
}
