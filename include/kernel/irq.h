/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt lines. The number of a line on a wire is its global system
 * interrupt (ACPI 6.5, 5.2.13); what a PC calls IRQ n is found with
 * irq_from_isa(). Interrupts that are messages (MSI) have numbers above those,
 * given out as devices ask for them. Lines exist from level IRQ on, on
 * machines whose interrupt controllers are understood; elsewhere every request
 * answers -ENODEV and the driver polls.
 *
 * Handlers run with interrupts masked and must not call what changes their own
 * line: irq_request(), irq_free(), irq_mask(), irq_set_affinity().
 */
#pragma once

#include <kernel/cpumask.h>

/*
 * Wires beyond these are not used (a GIC has less than 1020); messages have
 * numbers from here on ...
 */
#define IRQ_GSIS 1024
/* ... up to here. Policy: 288 CPUs would have vectors for more. */
#define IRQ_LINES_MAX 16384

enum irq_trigger {
	IRQ_TRIGGER_DEFAULT, /* as firmware describes the line */
	IRQ_TRIGGER_EDGE_RISING,
	IRQ_TRIGGER_EDGE_FALLING,
	IRQ_TRIGGER_LEVEL_HIGH,
	IRQ_TRIGGER_LEVEL_LOW,
	IRQ_TRIGGER_MESSAGE, /* of messages, and of them only */
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

/*
 * A controller of lines. The calls are made under the line's lock. @cpus are
 * online, and at least one. Where a CPU is returned it is the one that takes
 * the line's interrupts from now on.
 */
struct irq_chip {
	const char *name;
	/* Route the line to one of @cpus, unmasked. The CPU or -errno. */
	int (*start)(unsigned irq, enum irq_trigger trigger,
		     const struct cpumask *cpus);
	/* Mask the line and give up what start() took. */
	void (*stop)(unsigned irq);
	/* Mask the line. */
	void (*mask)(unsigned irq);
	/* Undo it: what came meanwhile may or may not interrupt. */
	void (*unmask)(unsigned irq);
	/*
	 * Route a started line to one of @cpus, masked if it was, losing no
	 * interrupt; if it goes to one of them, leave it. The CPU, or -errno
	 * and nothing has changed: -EBUSY (no room there), -EINVAL (none of
	 * them can be reached).
	 */
	int (*move)(unsigned irq, const struct cpumask *cpus);
};

/**
 * Give @action the interrupts of line @irq. Several may share one line if
 * they agree on the trigger. Returns 0, -ENODEV (no such line, or no memory
 * for it), -EINVAL (no
 * handler, or already active), -EBUSY (other trigger), -ENOSPC (no vector) or
 * -EINVAL (none of the CPUs it may go to can be reached; a message that is to
 * be a level). Any context but an interrupt of the same line, or NMI.
 */
int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger);

/** Undo irq_request(): its handler does not run any more on return. */
void irq_free(struct irq_action *action);

/** False if @action is not active, or its line was masked for storming. */
bool irq_delivers(const struct irq_action *action);

/**
 * Keep line @irq from interrupting, all who share it, until as many calls of
 * irq_unmask(). Its handlers may still be running on other CPUs. A message
 * that comes meanwhile is delivered later if its controller can remember it;
 * so look at the device afterwards. 0, -ENODEV (no such line). Any context
 * but an interrupt of the same line, or NMI.
 */
int irq_mask(unsigned irq);
int irq_unmask(unsigned irq);

/**
 * Let only the CPUs in @mask take the interrupts of line @irq, one of them at
 * a time, now and when it is requested again. No interrupt is lost, but one
 * on its way may still come to the CPU it was sent to. Messages that one MSI
 * capability sends can only be moved together. 0; -ENODEV (no such line),
 * -EINVAL (none of them is online or can be reached by this line), -EBUSY (no
 * room for it there), and then nothing has changed. Context as irq_request().
 */
int irq_set_affinity(unsigned irq, const struct cpumask *mask);

/** The line of a PC's IRQ @line (0 to 15), or -ENODEV. */
int irq_from_isa(unsigned line);

/**
 * For controllers: lines [@first, @first + @count) are @chip's, with this
 * default trigger. A line takes memory only when somebody asks for it. 0,
 * -ERANGE (beyond IRQ_GSIS), -EEXIST or -ENOMEM. At level IRQ.
 */
int irq_add_lines(const struct irq_chip *chip, unsigned first, unsigned count,
		  enum irq_trigger trigger);

/** For controllers: what IRQ_TRIGGER_DEFAULT means for an existing line. */
void irq_set_default_trigger(unsigned irq, enum irq_trigger trigger);

/**
 * For controllers of messages: a line for each of @count messages, with
 * neighbouring numbers. Their chip finds @context with irq_context(). The
 * first number, -ENOSPC or -ENOMEM. Any context but NMI.
 */
int irq_add_messages(const struct irq_chip *chip, unsigned count,
		     void *context);
/** Give the lines back. Nobody has requested them. */
void irq_remove_messages(unsigned first, unsigned count);
/** For their chip: line @irq goes to @cpu now, for it moved with another. */
void irq_note_cpu(unsigned irq, unsigned cpu);
/** For their chip: what irq_add_messages() was given. */
void *irq_context(unsigned irq);

/** For interrupt entry: line @irq interrupted this CPU. Interrupts masked. */
void irq_handle(unsigned irq);

/** True once interrupts are delivered to the boot CPU. */
bool irq_available(void);

/**
 * The @n-th of the architecture's own counters of interrupts, such as the
 * timer's, on CPU @cpu, which is below cpu_count(). False past the last.
 */
bool arch_irq_counter(unsigned n, unsigned cpu, const char **name, u64 *count);

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
