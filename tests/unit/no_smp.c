/* SPDX-License-Identifier: BSD-2-Clause */
/* One CPU, for tests of what only asks which it is; others bring their own. */
#include <kernel/smp.h>

#define __weak __attribute__((weak))

__weak unsigned percpu__cpu_number;
__weak struct cpumask cpu_online_mask = { { 1 } };

__weak unsigned cpu_count(void)
{
	return 1;
}

__weak void smp_stop_others(void)
{
}
