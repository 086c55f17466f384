/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include "internal.h"

void cpu_startup_entry(void)
{
	for (;;) {
		local_irq_disable();
		cpu_idle();
	}
}
