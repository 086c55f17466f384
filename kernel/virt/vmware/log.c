/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines for the log that VMware keeps of the virtual machine on the host
 * (vmware.log): that the kernel began, that it leaves, and why it panicked,
 * which is the one that nobody else may have kept.
 */
#include <abi/vmware/message.h>
#include <kernel/param.h>
#include <kernel/power_hook.h>
#include <kernel/virt/service.h>
#include <kernel/vsprintf.h>
#include "internal.h"

static bool no_log;
param_bool("no-vmware-guest-log", no_log,
	   "write no lines to the host's log of this virtual machine");

static int line_length(const char *text)
{
	const char *end = text;

	while (*end && *end != '\n' && end - text < VMWARE_LOG_LINE_MAX)
		end++;
	return (int)(end - text);
}

int vmware_log(const char *text)
{
	char message[sizeof(VMWARE_RPCI_LOG) + VMWARE_LOG_LINE_MAX];
	int size = snprintf(message, sizeof(message), VMWARE_RPCI_LOG "%.*s",
			    line_length(text), text);

	return vmware_request(message, (size_t)size);
}

static int start(void)
{
	return vmware_log("Zirvium began");
}

static const struct virt_service log_service = {
	.hypervisor = HYPERV_TYPE_VMWARE,
	.feature = VMWARE_GUEST_LOG,
	.off = &no_log,
	.start = start,
};
VIRT_SERVICE(8, log_service);

static bool runs(void)
{
	return virt_service_runs(HYPERV_TYPE_VMWARE, VMWARE_GUEST_LOG);
}

static void panicked(const char *message)
{
	if (runs()) {
		vmware_log("Zirvium panicked:");
		vmware_log(message);
	}
}

static void closing(void)
{
	if (runs())
		vmware_log("Zirvium turns the machine off");
}

static const struct power_hook log_hook = {
	.name = "vmware-log",
	.panicked = panicked,
	.closing = closing,
};
POWER_HOOK(8, log_hook);
