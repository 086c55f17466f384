/* SPDX-License-Identifier: BSD-2-Clause */
/* vcpu_op: Xen, xen/include/public/vcpu.h. */
#pragma once

#include <kernel/types.h>

#define VCPUOP_initialise		     0
#define VCPUOP_up			     1
#define VCPUOP_down			     2
#define VCPUOP_is_up			     3 /* 0, 1, or -ENOENT: no such vCPU */
#define VCPUOP_register_runstate_memory_area 5
#define VCPUOP_stop_periodic_timer	     7
#define VCPUOP_set_singleshot_timer	     8
#define VCPUOP_stop_singleshot_timer	     9
#define VCPUOP_register_vcpu_info	     10

#define RUNSTATE_running  0
#define RUNSTATE_runnable 1 /* it wants to run, and does not */
#define RUNSTATE_blocked  2
#define RUNSTATE_offline  3

/* In state_entry_time, with VMASST_TYPE_runstate_update_flag: it changes. */
#define XEN_RUNSTATE_UPDATE (1ULL << 63)

/* Written by Xen. Times are in ns of system time. */
struct vcpu_runstate_info {
	s32 state;
	u32 pad;
	u64 state_entry_time;
	u64 time[4]; /* spent in each RUNSTATE_... */
};
_Static_assert(sizeof(struct vcpu_runstate_info) == 48, "vcpu.h");
_Static_assert(offsetof(struct vcpu_runstate_info, time) == 16, "vcpu.h");

/* By virtual address, which must stay mapped; 0: no more. */
struct vcpu_register_runstate_memory_area {
	u64 addr;
};
_Static_assert(sizeof(struct vcpu_register_runstate_memory_area) == 8,
	       "vcpu.h");

struct vcpu_set_singleshot_timer {
	u64 timeout_abs_ns; /* of system time */
	u32 flags;
	u32 pad;
};
_Static_assert(sizeof(struct vcpu_set_singleshot_timer) == 16, "vcpu.h");

/* -ETIME if that time has passed, instead of an event at once. */
#define VCPU_SSHOTTMR_future (1U << 0)

/* Once for each vCPU; within a page. */
struct vcpu_register_vcpu_info {
	u64 mfn; /* guest frame number */
	u32 offset;
	u32 rsvd;
};
_Static_assert(sizeof(struct vcpu_register_vcpu_info) == 16, "vcpu.h");
