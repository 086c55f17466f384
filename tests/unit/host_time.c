/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/time.h>
#include "host.h"

u64 host_time_now_ns, host_time_step_ns = 1000;

u64 time_ns(void)
{
	return host_time_now_ns += host_time_step_ns;
}
