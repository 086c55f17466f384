/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt lines. A line's number is its global system interrupt (ACPI 6.5,
 * 5.2.13); what a PC calls IRQ n is found with irq_from_isa(). Lines exist
 * from level IRQ on, on machines whose interrupt controllers are understood;
 * elsewhere every request answers -ENODEV and the driver polls.
 *
 * Handlers run with interrupts masked and must not call irq_request() or
 * irq_free() for their own line.
 */
#pragma once

#include <kernel/compiler.h>

/* Lines beyond these are not used. */
#define IRQ_LINES 256

enum irq_trigger {
	IRQ_TRIGGER_DEFAULT, /* as firmware describes the line */
	IRQ_TRIGGER_EDGE_RISING,
	IRQ_TRIGGER_EDGE_FALLING,
	IRQ_TRIGGER_LEVEL_HIGH,
	IRQ_TRIGGER_LEVEL_LOW,
};

enum irq_return {
	IRQ_NONE, /* it was not this device */
	IRQ_HANDLED,
};

/*
 * Who wants a line's interrupts. The driver owns the memory, which must stay
 * until irq_free(); one that is free is zero but for the first three members.
 */
struct irq_action {
	const char *name;
	enum irq_return (*handler)(void *context);
	void *context;
	u64 handled; /* the core's, as what follows */
	bool active;
	unsigned irq;
	struct irq_action *next;
};

/* A controller of lines. The calls are made under the line's lock. */
struct irq_chip {
	const char *name;
	/* Route the line to this CPU, unmasked. 0 or -errno. */
	int (*start)(unsigned irq, enum irq_trigger trigger);
	/* Mask the line and give up what start() took. */
	void (*stop)(unsigned irq);
	/* Mask the line. */
	void (*mask)(unsigned irq);
};

/**
 * Give @action the interrupts of line @irq. Several may share one line if
 * they agree on the trigger. Returns 0, -ENODEV (no such line), -EINVAL (no
 * handler, or already active), -EBUSY (other trigger) or -ENOSPC (no vector).
 * Any context but an interrupt of the same line.
 */
int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger);

/** Undo irq_request(): its handler does not run any more on return. */
void irq_free(struct irq_action *action);

/** False if @action is not active, or its line was masked for storming. */
bool irq_delivers(const struct irq_action *action);

/** The line of a PC's IRQ @line (0 to 15), or -ENODEV. */
int irq_from_isa(unsigned line);

/**
 * For controllers: lines [@first, @first + @count) are @chip's, with this
 * default trigger. 0, -ERANGE (beyond IRQ_LINES) or -EEXIST. At level IRQ.
 */
int irq_add_lines(const struct irq_chip *chip, unsigned first, unsigned count,
		  enum irq_trigger trigger);

/** For controllers: what IRQ_TRIGGER_DEFAULT means for an existing line. */
void irq_set_default_trigger(unsigned irq, enum irq_trigger trigger);

/** For interrupt entry: line @irq interrupted. Interrupts masked. */
void irq_handle(unsigned irq);

/** True once interrupts are delivered to the boot CPU. */
bool irq_available(void);

/**
 * The @n-th of the architecture's own counters of interrupts, such as the
 * timer's. False past the last.
 */
bool arch_irq_counter(unsigned n, const char **name, u64 *count);
/** The same, of CPU @cpu alone, which is below cpu_count(). */
bool arch_irq_counter_cpu(unsigned n, unsigned cpu, const char **name,
			  u64 *count);

/**
 * Mask interrupts, stop the timer and mask all lines: what comes next, a reset
 * or another kernel, must not be interrupted. Any context, more than once.
 */
void arch_irq_shutdown(void);

/**
 * Sleep until an interrupt was taken. Called with interrupts masked after
 * having seen that there is nothing to do: an interrupt that comes in between
 * is not slept through. Returns with interrupts unmasked. Where there are no
 * interrupts it returns at once, and they stay masked.
 */
void cpu_idle(void);
