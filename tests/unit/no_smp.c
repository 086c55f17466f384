/* SPDX-License-Identifier: BSD-2-Clause */
/* One CPU, for tests of what only asks which it is. */
#include <kernel/smp.h>

unsigned percpu__cpu_number;
struct cpumask cpu_online_mask = { { 1 } };

unsigned cpu_count(void)
{
	return 1;
}

void smp_stop_others(void)
{
}
