/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for input without burning the host's CPU. */
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include <kernel/time.h>
#include <kernel/timer.h>

/* The interrupt itself is what is wanted. */
static void wake(struct timer *timer)
{
	(void)timer;
}

/* A console whose line was masked is asked again and again, as one without. */
static bool all_announce(void)
{
	bool all = true;

	console_visit();
	for (const struct console *con = console_first(); con;
	     con = con->next) {
		if (con->getc && (!con->irq || !irq_delivers(con->irq)))
			all = false;
	}
	console_leave();
	return all;
}

/* With interrupts masked, so that input is not announced before we sleep. */
static void wait_masked(void)
{
	static struct timer timer = { .handler = wake };
	u64 until = time_ns() + CONSOLE_POLL_MS * NSEC_PER_MSEC;

	if (irq_available() && all_announce()) {
		cpu_idle();
	} else if (irq_available() && !timer_start(&timer, until)) {
		cpu_idle();
		timer_cancel(&timer);
	} else {
		cpu_relax();
	}
}

u8 console_wait_char(void)
{
	unsigned long state;
	int c;

	for (;;) {
		state = local_irq_save();
		c = console_getc();
		if (c < 0)
			wait_masked();
		local_irq_restore(state);
		if (c >= 0)
			return (u8)c;
	}
}
