/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Steal time: in a page of each CPU Xen keeps how long it ran, wanted to run,
 * and had nothing to do, and which of these it is now.
 */
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/param.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include "internal.h"

/* Xen changes it while the CPU is not running: as good as never. */
#define READ_TRIES_MAX 10000

static bool no_steal;
param_bool("no-xen-steal-time", no_steal,
	   "do not ask Xen for the time it steals");

/* Not torn by the end of a page. */
typedef struct vcpu_runstate_info runstate __attribute__((aligned(64)));
static DEFINE_PER_CPU(runstate, runstates);

/* With the mark XEN_RUNSTATE_UPDATE, or another time, while Xen changes it. */
static u64 xen_steal_clock(unsigned cpu)
{
	const struct vcpu_runstate_info *r = &per_cpu(runstates, cpu);

	for (unsigned i = 0; i < READ_TRIES_MAX; i++) {
		/* Before the loads of what changes with it. */
		u64 entry = atomic_load_acquire(&r->state_entry_time);
		u64 steal = READ_ONCE(r->time[RUNSTATE_runnable]) +
			    READ_ONCE(r->time[RUNSTATE_offline]);

		/* And those before its second load. */
		fence_acquire();
		if (!(entry & XEN_RUNSTATE_UPDATE) &&
		    READ_ONCE(r->state_entry_time) == entry)
			return steal;
		cpu_relax();
	}
	return 0;
}

bool xen_is_preempted(unsigned cpu)
{
	return READ_ONCE(per_cpu(runstates, cpu).state) == RUNSTATE_runnable;
}

bool xen_does_not_run(unsigned cpu)
{
	return READ_ONCE(per_cpu(runstates, cpu).state) != RUNSTATE_running;
}

/* Older versions do not know the mark, and do without. */
static int start(void)
{
	xen_vm_assist(VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag);
	sched_set_steal_clock(xen_steal_clock);
	return 0;
}

static long register_area(const void *area)
{
	struct vcpu_register_runstate_memory_area arg = {
		.addr = (uintptr_t)area,
	};

	return xen_vcpu_op(VCPUOP_register_runstate_memory_area,
			   xen_vcpu(smp_processor_id()), &arg);
}

static int start_cpu(void)
{
	return (int)register_area(this_cpu_ptr(runstates));
}

static void stop_cpu(void)
{
	register_area(NULL);
	/* Nobody changes it again: this CPU is to be interrupted. */
	WRITE_ONCE(this_cpu_ptr(runstates)->state, RUNSTATE_running);
}

static const struct virt_service steal_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XEN_STEAL,
	.role = VIRT_ROLE_STEAL,
	.requires = XEN_HYPERCALLS,
	.off = &no_steal,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(1, steal_service);
