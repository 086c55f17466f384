/* SPDX-License-Identifier: BSD-2-Clause */
/* The device model's self-tests, under the sanitizers. */
#include "unit.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/selftest.h>

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
}

TEST(self_tests_pass)
{
	struct selftest_totals totals;

	/* Level DRIVER: what is registered from now on is bound. */
	table_for_each(const struct initcall, init, it)
		CHECK_EQ((*it)->fn(), 0);
	CHECK(selftest_run("device", &totals));
	CHECK(totals.pass > 0 && !totals.fail && !totals.skip);
}
