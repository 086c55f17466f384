/* SPDX-License-Identifier: BSD-2-Clause */
/* Resetting the machine by a register of the hypervisor's. */
#include <kernel/param.h>
#include <kernel/power_hook.h>
#include <kernel/time.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* How long it may take before the next way is tried. */
#define RESET_WAIT_US 50000

static bool no_reset;
param_bool("no-hv-reset-register", no_reset,
	   "do not reset the machine by Hyper-V's register");

static void reboot(void)
{
	if (!hv_runs(HV_RESET) || virt_wrmsr(HV_X64_MSR_RESET, 1))
		return;
	udelay(RESET_WAIT_US);
}

static const struct power_hook reset_hook = {
	.name = "hyperv-reset",
	.reboot = reboot,
};
POWER_HOOK(5, reset_hook);

/* Nothing to do before. */
static const struct virt_service reset_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_RESET,
	.off = &no_reset,
};
VIRT_SERVICE(4, reset_service);
