/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers where no device interrupts for them: a thread on each CPU looks, and
 * lets others run. It is always ready to, so such a machine is never idle; but
 * devices are polled there, messages sent again and limits kept.
 */
#define pr_fmt(fmt) "timer: " fmt

#include "events.h"
#include <kernel/clockevent.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/thread.h>
#include <kernel/vsprintf.h>

static void look_on(void *arg __unused)
{
	for (;;) {
		timers_poll();
		thread_yield();
		cpu_relax();
	}
}

static int timers_start_polling(void)
{
	char name[THREAD_NAME_MAX];
	unsigned cpu;

	if (clockevent_current())
		return 0;
	for_each_online_cpu(cpu) {
		struct thread_attr attr = { .priority = THREAD_PRIORITY_NORMAL,
					    .detached = true,
					    .bound = true,
					    .cpu = cpu };

		snprintf(name, sizeof(name), "timers/%u", cpu);
		if (thread_create(name, look_on, NULL, &attr))
			timers_polled(cpu);
		else
			pr_err("CPU %u has none: no memory", cpu);
	}
	return 0;
}
initcall(INIT_BUS, timers_start_polling);
