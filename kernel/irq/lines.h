/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of kernel/irq. */
#pragma once

#include <kernel/irq.h>
#include <kernel/spinlock.h>
#include "storm.h"

struct irq_line {
	struct spinlock lock; /* of all that follows */
	const struct irq_chip *chip;
	enum irq_trigger default_trigger;
	enum irq_trigger trigger; /* while there are actions */
	struct irq_action *actions;
	struct irq_storm storm;
	bool masked; /* it stormed */
	u64 count;
	u64 unhandled;
};

/** Line @irq, which is less than IRQ_LINES. */
struct irq_line *irq_line(unsigned irq);

/** "edge, rising" ... */
const char *irq_trigger_name(enum irq_trigger trigger);
