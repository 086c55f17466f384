/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-test of the console: who reads it is the host. */
#include <kernel/selftest.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include "console.h"

/* For a slow host. */
#define TIMEOUT_MS 10000

/* What was printed here left the ring. */
static void test_output(struct selftest *t)
{
	const struct console *con = xen_console();
	u64 before;

	if (!virt_service_runs(HYPERV_TYPE_XEN, XEN_CONSOLE_FEATURE)) {
		selftest_skip(t, "no console of Xen");
		return;
	}
	if (con->flags & CONSOLE_MUTED) {
		selftest_skip(t, "console= leaves %s out", con->name);
		return;
	}
	before = xen_console_taken();
	selftest_note(t, "%s is read by the host", con->name);
	if (EXPECT(t, xen_console_wait_taken(time_ns() +
					     TIMEOUT_MS * NSEC_PER_MSEC)) &&
	    EXPECT(t, xen_console_taken() != before))
		virt_service_verified(HYPERV_TYPE_XEN, XEN_CONSOLE_FEATURE);
}

static const struct selftest_case console_cases[] = {
	{ .name = "host-takes-output", .run = test_output }, {}
};
SELFTEST_SUITE(xen_console, "xen-console", console_cases, 0);
