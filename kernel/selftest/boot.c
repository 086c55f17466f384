/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command line asks of the self-tests. */
#include <kernel/param.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/time.h>

#define SETTLE_NS (500 * NSEC_PER_MSEC)

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

/*
 * What collects random numbers ends when there are enough: until then it takes
 * timers, memory and CPUs that tests count.
 */
static void settle(void)
{
	random_wait(time_ns() + SETTLE_NS);
	thread_sleep_ns(NSEC_PER_MSEC);
}

static bool run_requested(void)
{
	struct selftest_totals totals;

	if (strcmp(boot_spec, "none") == 0)
		return true;
	if (IS_ENABLED(CONFIG_SELFTEST)) {
		settle();
		return selftest_run(boot_spec, &totals);
	}
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
