/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU does when there is nothing to do. */
#include <kernel/arch_smp.h>
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/irq.h>

void cpu_idle(void)
{
	if (!irq_available()) {
		cpu_relax();
		return;
	}
	idle_wait();
	clocksource_watch();
}
