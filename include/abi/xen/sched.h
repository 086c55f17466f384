/* SPDX-License-Identifier: BSD-2-Clause */
/* sched_op: Xen, xen/include/public/sched.h. */
#pragma once

#include <kernel/types.h>

#define SCHEDOP_yield	 0
#define SCHEDOP_block	 1
#define SCHEDOP_shutdown 2
#define SCHEDOP_poll	 3
#define SCHEDOP_watchdog 6

struct sched_shutdown {
	u32 reason;
};
_Static_assert(sizeof(struct sched_shutdown) == 4, "sched.h");

#define SHUTDOWN_poweroff 0
#define SHUTDOWN_reboot	  1
#define SHUTDOWN_suspend  2
#define SHUTDOWN_crash	  3

/* Until one of the channels is pending, masked or not, or an interrupt. */
struct sched_poll {
	u64 ports; /* address of an array of u32 */
	u32 nr_ports;
	u32 pad;
	u64 timeout; /* ns of system time; 0: none */
};
_Static_assert(sizeof(struct sched_poll) == 24, "sched.h");

/* Starts it with id 0, which it returns, else sets it again; 0 s stops it. */
struct sched_watchdog {
	u32 id;
	u32 timeout; /* seconds */
};
_Static_assert(sizeof(struct sched_watchdog) == 8, "sched.h");
