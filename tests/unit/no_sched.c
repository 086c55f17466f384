/* SPDX-License-Identifier: BSD-2-Clause */
/* One CPU and no scheduler, for tests of what only takes locks. */
#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/smp.h>

_Thread_local uintptr_t unit_percpu_offset;
uintptr_t percpu_offsets[CONFIG_NR_CPUS];

struct thread *arch_current(void)
{
	static _Thread_local struct thread thread;

	return &thread;
}

void preempt_schedule(void)
{
}

unsigned percpu__cpu_number;
struct cpumask cpu_online_mask = { { 1 } };

unsigned cpu_count(void)
{
	return 1;
}

void smp_stop_others(void)
{
}
