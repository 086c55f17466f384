/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving a domain: Xen ends it, and its toolstack does what its reason says.
 */
#include <kernel/console.h>
#include <kernel/power_hook.h>
#include "internal.h"

/* Does not return if it works. */
static void shut_down(u32 reason)
{
	struct sched_shutdown arg = { .reason = reason };

	if (xen_available())
		xen_sched_op(SCHEDOP_shutdown, &arg);
}

static void poweroff(void)
{
	shut_down(SHUTDOWN_poweroff);
}

static void reboot(void)
{
	shut_down(SHUTDOWN_reboot);
}

/* on_crash in the domain's configuration decides; panic= does not. */
static void panicked(const char *message)
{
	(void)message;
	if (!xen_available())
		return;
	console_drain();
	shut_down(SHUTDOWN_crash);
}

static const struct power_hook xen_power = {
	.name = "xen",
	.panicked = panicked,
	.poweroff = poweroff,
	.reboot = reboot,
};
POWER_HOOK(5, xen_power);
