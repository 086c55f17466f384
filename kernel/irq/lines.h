/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of kernel/irq. */
#pragma once

#include <kernel/irq.h>
#include <kernel/spinlock.h>
#include "storm.h"

struct irq_line {
	struct spinlock lock;	     /* of all that follows */
	const struct irq_chip *chip; /* NULL: the number is free */
	void *context;		     /* the chip's */
	enum irq_trigger default_trigger;
	enum irq_trigger trigger; /* while there are actions */
	struct irq_action *actions;
	struct irq_storm storm;
	bool stormed;		 /* and is masked for it */
	unsigned masks;		 /* calls of irq_mask() */
	unsigned cpu;		 /* that takes it, while there are actions */
	struct cpumask affinity; /* empty: any CPU */
	u64 count;
	u64 unhandled;
	/* Of count, what each of the first so many CPUs took. */
	u64 *cpu_count;
	unsigned cpus_counted;
};

/** Line @irq, or NULL. It stays for ever; its number may become another's. */
struct irq_line *irq_line(unsigned irq);

/** irq_line(), made if a controller has it but nobody asked for it yet. */
struct irq_line *irq_line_ask(unsigned irq);

/** How many lines there may be: none has a number from this on. */
unsigned irq_line_end(void);

/** "edge, rising" ... */
const char *irq_trigger_name(enum irq_trigger trigger);

/** Begin to count CPUs' shares of a line that has actions. Under its lock. */
void irq_line_count_cpus(struct irq_line *line);

/* Room for what cpulist_print() makes of many a set. */
#define CPULIST_MAX 80

/** "0-3,8"; cut, with "..." at its end, if it is too long. */
void cpulist_print(const struct cpumask *mask, char text[CPULIST_MAX]);

/** The other way. 0, -EINVAL or -ERANGE (no such CPU: CONFIG_NR_CPUS). */
int cpulist_parse(const char *text, struct cpumask *mask);
