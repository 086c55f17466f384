/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Telling the host of a panic, with its message ("Partition Crash
 * Enlightenment"). What the host does then is its own affair: QEMU ends.
 */
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/param.h>
#include <kernel/power_hook.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* The message stays within a page, since it is aligned to its size. */
#define MESSAGE_MAX 256

static bool no_crash;
param_bool("no-hv-guest-crash-registers", no_crash,
	   "do not tell Hyper-V's interface of a panic");

static u64 offered; /* what the control register can do */

/*
 * Parameters are the guest's choice, but where a message is: 0, the CPU, who
 * this is, and the message's address and length.
 */
static void tell(const char *message)
{
	static char text[MESSAGE_MAX] __aligned(MESSAGE_MAX);
	u64 parameters[HV_CRASH_PARAMETERS] = {
		0,
		smp_processor_id(),
		hv_guest_os_id(),
		virt_to_phys(text),
	};

	if (!offered)
		return;
	strscpy(text, message, sizeof(text));
	parameters[4] = strlen(text);
	for (unsigned i = 0; i < HV_CRASH_PARAMETERS; i++)
		virt_wrmsr(HV_X64_MSR_CRASH_P(i), parameters[i]);
	virt_wrmsr(HV_X64_MSR_CRASH_CTL,
		   offered & (HV_CRASH_CTL_NOTIFY | HV_CRASH_CTL_MESSAGE));
}

static const struct power_hook crash_hook = {
	.name = "hyperv-crash",
	.panicked = tell,
};
POWER_HOOK(5, crash_hook);

static int start(void)
{
	u64 control;

	if (virt_rdmsr(HV_X64_MSR_CRASH_CTL, &control))
		return -EIO;
	if (!(control & HV_CRASH_CTL_NOTIFY))
		return -ENODEV;
	offered = control;
	return 0;
}

static const struct virt_service crash_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_CRASH,
	.off = &no_crash,
	.start = start,
};
VIRT_SERVICE(4, crash_service);
