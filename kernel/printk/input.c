/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for input without burning the host's CPU. */
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include <kernel/thread.h>
#include <kernel/timer.h>
#include <kernel/wait.h>

static struct wait_queue input;

void console_input_ready(void)
{
	wake_all(&input);
}

/* A console whose line was masked is asked again and again, as one without. */
static bool all_announce(void)
{
	bool all = true;

	console_visit();
	for (const struct console *con = console_first(); con;
	     con = con->next) {
		if (con->getc && !(con->flags & CONSOLE_ANNOUNCES) &&
		    (!con->irq || !irq_delivers(con->irq)))
			all = false;
	}
	console_leave();
	return all && irq_available();
}

bool console_wait_char_until(u8 *byte, u64 until_ns)
{
	int c = console_getc();

	while (c < 0 && time_ns() < until_ns) {
		bool announced = all_announce();
		u64 poll = time_ns() + CONSOLE_POLL_MS * NSEC_PER_MSEC;

		if (announced || timer_available()) {
			wait_event_until(&input, (c = console_getc()) >= 0,
					 announced ? until_ns
						   : MIN(poll, until_ns));
			continue;
		}
		thread_yield();
		cpu_relax();
		c = console_getc();
	}
	*byte = (u8)c;
	return c >= 0;
}

u8 console_wait_char(void)
{
	u8 byte;

	while (!console_wait_char_until(&byte, WAIT_FOREVER))
		;
	return byte;
}
