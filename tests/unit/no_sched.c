/* SPDX-License-Identifier: BSD-2-Clause */
/* One CPU and no scheduler, for tests of what only takes locks. */
#include <kernel/percpu.h>
#include <kernel/sched.h>

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

bool sched_running(void)
{
	return false;
}

void thread_sleep_ns(u64 ns)
{
	(void)ns;
}
