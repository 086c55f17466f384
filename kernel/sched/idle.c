/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU does when no thread wants it. */
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include "internal.h"

bool no_idle_poll(void);
bool no_idle_poll(void)
{
	return false;
}

DEFINE_STATIC_CALL(idle_poll, no_idle_poll);

/*
 * Interrupts are masked from the look at need_resched until the CPU sleeps,
 * which unmasks them: one that comes in between is not slept through.
 */
static void rest(void)
{
	unsigned cpu = smp_processor_id();
	bool stolen;

	/* A full barrier, before sched_steal() looks: see balance.c. */
	if (!cpumask_test(&sched_idle_mask, cpu))
		cpumask_set_atomic(&sched_idle_mask, cpu);
	else
		fence_full();
	if (READ_ONCE(current_thread()->need_resched))
		return;
	/* schedule() comes next: this CPU need not interrupt itself for it. */
	preempt_disable();
	stolen = sched_steal(cpu);
	preempt_enable_no_resched();
	if (!stolen && !idle_poll())
		cpu_idle();
}

void sched_idle_loop(void)
{
	for (;;) {
		local_irq_disable();
		rest();
		if (irq_available())
			local_irq_enable();
		schedule(SCHEDULE_PREEMPT);
	}
}
