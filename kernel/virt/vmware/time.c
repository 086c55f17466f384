/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's time of day, to the microsecond. */
#include <abi/vmware/backdoor.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/time.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/service.h>
#include <kernel/virt/vmware.h>
#include <kernel/wallclock.h>
#include "internal.h"

/* Above the PC's clock and below what a page shared with the host tells. */
#define RATING_WALL 150
/* UTC: 2008-01-01, when none of this was there, and the end of ns in 63 bits */
#define SECONDS_MIN 1199145600ULL
#define SECONDS_MAX (UINT64_MAX / 2 / NSEC_PER_SEC - 1)

static bool no_time;
param_bool("no-vmware-host-time", no_time, "do not ask the host for the time");

static int to_ns(u64 seconds, u64 us, u64 *ns)
{
	if (seconds < SECONDS_MIN || seconds > SECONDS_MAX ||
	    us >= NSEC_PER_SEC / NSEC_PER_USEC)
		return -EIO;
	*ns = seconds * NSEC_PER_SEC + us * NSEC_PER_USEC;
	return 0;
}

/* It leaves the magic number alone, so that its absence is an error. */
static int read_full(enum vmware_way way, u64 *ns)
{
	struct vmware_regs r = { .ecx = VMWARE_CMD_GETTIMEFULL };

	if (vmware_call(way, &r) || r.eax != VMWARE_MAGIC)
		return -EIO;
	return to_ns((u64)r.esi << 32 | r.edx, r.ebx, ns);
}

static int read_old(enum vmware_way way, u64 *ns)
{
	struct vmware_regs r = { .ecx = VMWARE_CMD_GETTIME };

	if (vmware_call(way, &r) || r.eax == VMWARE_NO_COMMAND)
		return -EIO;
	return to_ns(r.eax, r.ebx, ns);
}

int vmware_read_time(const struct virt_backdoor *backdoor, u64 *ns)
{
	if (!backdoor->answers)
		return -EIO;
	return read_full(backdoor->way, ns) ? read_old(backdoor->way, ns) : 0;
}

static const struct virt_service time_service = {
	.hypervisor = HYPERV_TYPE_VMWARE,
	.feature = VMWARE_HOST_TIME,
	.off = &no_time,
};
VIRT_SERVICE(8, time_service);

static int vmware_wall_read(u64 *ns)
{
	if (!virt_service_runs(HYPERV_TYPE_VMWARE, VMWARE_HOST_TIME) ||
	    vmware_read_time(&virt_evidence()->backdoor, ns))
		return -ENODEV;
	return 0;
}

static const struct wallclock vmware_wall = {
	.name = "vmware",
	.rating = RATING_WALL,
	.read = vmware_wall_read,
};
WALLCLOCK(vmware_wall);
