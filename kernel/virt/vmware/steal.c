/* SPDX-License-Identifier: BSD-2-Clause */
/* Steal clock: how long the host did not run a CPU, in ticks of its counter. */
#include <abi/vmware/backdoor.h>
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/param.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include <kernel/virt/vmware.h>
#include "internal.h"

static bool no_steal;
param_bool("no-vmware-steal-clock", no_steal,
	   "do not ask VMware for the time it steals");

typedef struct vmware_steal_time steal_area
	__attribute__((aligned(VMWARE_STEAL_CLOCK_ALIGNMENT)));
static DEFINE_PER_CPU(steal_area, steal_areas);

/* Not ticks * NSEC_PER_MSEC: that may be too much for 64 bits. */
u64 vmware_ticks_ns(u64 ticks, u64 khz)
{
	if (!khz || ticks / khz >= UINT64_MAX / NSEC_PER_MSEC)
		return 0;
	return ticks / khz * NSEC_PER_MSEC + ticks % khz * NSEC_PER_MSEC / khz;
}

static u64 vmware_steal_clock(unsigned cpu)
{
	return vmware_ticks_ns(READ_ONCE(per_cpu(steal_areas, cpu).clock),
			       time_counter_khz());
}

static u32 set_area(u64 address)
{
	struct vmware_regs r = { .esi = (u32)(address >> 32),
				 .edi = (u32)address };

	return vmware_command(VMWARE_CMD_STEALCLOCK, &r) ? VMWARE_NO_COMMAND
							 : r.eax;
}

static int start_cpu(void)
{
	u64 area = virt_to_phys(this_cpu_ptr(steal_areas));

	return set_area(area) == VMWARE_STEAL_CLOCK_ENABLED ? 0 : -EIO;
}

/* Not before it is known to be there. */
static int start(void)
{
	int err = start_cpu();

	if (!err)
		sched_set_steal_clock(vmware_steal_clock);
	return err;
}

static void stop_cpu(void)
{
	set_area(VMWARE_STEAL_CLOCK_OFF);
}

static const struct virt_service steal_service = {
	.hypervisor = HYPERV_TYPE_VMWARE,
	.feature = VMWARE_STEAL_CLOCK,
	.role = VIRT_ROLE_STEAL,
	.off = &no_steal,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(8, steal_service);
