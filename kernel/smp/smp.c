/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs and calls from one to another. */
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/smp.h>

struct cpumask cpu_online_mask = { { 1 } };

unsigned cpu_count(void)
{
	return 1;
}

int smp_call(unsigned cpu, void (*fn)(void *arg), void *arg)
{
	unsigned long state;

	if (!cpu_is_online(cpu))
		return -ENODEV;
	state = local_irq_save();
	fn(arg);
	local_irq_restore(state);
	return 0;
}

void smp_call_mask(const struct cpumask *mask, void (*fn)(void *arg), void *arg)
{
	if (cpumask_test(mask, 0))
		smp_call(0, fn, arg);
}

/* Nobody else is online. */
int smp_call_async(unsigned cpu, struct smp_call_request *request)
{
	return smp_call(cpu, request->fn, request->arg);
}
