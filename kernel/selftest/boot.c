/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command line asks of the self-tests. */
#include <kernel/param.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include <kernel/selftest.h>
#include <kernel/string.h>

static const char *boot_spec = "none";
param_string("selftest", boot_spec,
	     "self-tests to run at boot: all, none, or suite[.case][,...]");

static bool exit_when_done;
param_bool("exit", exit_when_done,
	   "leave the machine with the result after boot and self-tests");

bool selftest_exit_requested(void)
{
	return exit_when_done;
}

static bool run_requested(void)
{
	struct selftest_totals totals;

	if (IS_ENABLED(CONFIG_SELFTEST))
		return selftest_run(boot_spec, &totals);
	if (strcmp(boot_spec, "none") == 0)
		return true;
	pr_warn("selftest: this kernel has no self-tests (CONFIG_SELFTEST)");
	return false;
}

bool selftest_boot(void)
{
	bool success = run_requested();

	if (exit_when_done)
		machine_exit(success);
	return success;
}
