/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/time.h>
#include "storm.h"

enum irq_verdict irq_storm_note(struct irq_storm *storm, u64 now_ns,
				bool handled)
{
	u64 age = now_ns - storm->window_start_ns;

	if (!storm->taken || age > IRQ_STORM_WINDOW_MS * NSEC_PER_MSEC)
		*storm = (struct irq_storm){ .window_start_ns = now_ns };
	storm->taken++;
	if (!handled)
		storm->unhandled++;
	if (storm->unhandled > IRQ_UNHANDLED_MAX)
		return IRQ_UNCLAIMED;
	return storm->taken > IRQ_STORM_MAX ? IRQ_STORM : IRQ_FINE;
}
