/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/cpu.h>
#include <kernel/sched.h>
#include "internal.h"

void cpu_startup_entry(void)
{
	local_irq_disable();
	sched_start_cpu();
}
