/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaving the machine, as VirtualBox sees it: the end of a panic's report is
 * in its log, and it turns the machine off when asked, also without ACPI.
 */
#include <kernel/byteorder.h>
#include <kernel/io.h>
#include <kernel/power_hook.h>
#include <kernel/time.h>
#include "internal.h"

/* How long the host may take. */
#define POWEROFF_TIMEOUT_US 500000

static void log_line(const char *text)
{
	for (unsigned n = 0; n < VMMDEV_LOG_LINE_MAX && *text; n++, text++)
		outb(VMMDEV_LOG_PORT, *text == '\n' ? ' ' : (u8)*text);
	outb(VMMDEV_LOG_PORT, '\n');
}

static void vbox_panicked(const char *message)
{
	struct vmmdev_guest_status r = {
		.facility = cpu_to_le32(VBOX_FACILITY_VBOXGUEST_DRIVER),
		.status = cpu_to_le32(VBOX_FACILITY_FAILED),
	};
	struct vmmdev *v = vmmdev_peek();

	if (!v)
		return;
	log_line(message);
	vmmdev_last_request(v, &r, VMMDEV_REQ_REPORT_GUEST_STATUS, sizeof(r));
}

static void vbox_closing(void)
{
	struct vmmdev *v = vmmdev_get();

	if (!v)
		return;
	/* Silence is what it is told to expect. */
	vmmdev_stop_heartbeat(v);
	vmmdev_report_status(v, VBOX_FACILITY_TERMINATING);
	vmmdev_put(v);
}

static void vbox_poweroff(void)
{
	struct vmmdev_power_state_request r = {
		.power_state = cpu_to_le32(VMMDEV_POWER_STATE_POWER_OFF),
	};
	struct vmmdev *v = vmmdev_peek();

	if (v &&
	    !vmmdev_last_request(v, &r, VMMDEV_REQ_SET_POWER_STATUS, sizeof(r)))
		udelay(POWEROFF_TIMEOUT_US);
}

static const struct power_hook vbox_power = {
	.name = "VirtualBox",
	.panicked = vbox_panicked,
	.closing = vbox_closing,
	.poweroff = vbox_poweroff,
};
POWER_HOOK(7, vbox_power);
