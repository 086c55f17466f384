/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When is a line's interrupting a storm? Policy, without hardware. A device
 * that never lowers its line would keep its CPU for good.
 */
#pragma once

#include <kernel/types.h>

/* What is counted begins anew after this time. */
#define IRQ_STORM_WINDOW_MS 100
/*
 * More than this in a window is a storm. No device on a wire does useful work
 * 100 000 times a second; those that could have message-signalled interrupts.
 */
#define IRQ_STORM_MAX 10000
/* The same for interrupts that no handler knows anything about. */
#define IRQ_UNHANDLED_MAX 1000

enum irq_verdict {
	IRQ_FINE,
	IRQ_STORM,     /* too many */
	IRQ_UNCLAIMED, /* too many that nobody handled */
};

/* One line's recent past; zeroed: none. Belongs to the line's lock. */
struct irq_storm {
	u64 window_start_ns;
	unsigned taken;
	unsigned unhandled;
};

/** Take note of an interrupt at @now_ns, and judge the line. */
enum irq_verdict irq_storm_note(struct irq_storm *storm, u64 now_ns,
				bool handled);
