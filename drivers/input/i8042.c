/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PS/2 keyboard behind a PC's keyboard controller: an input-only console,
 * polled where it has no interrupt.
 */
#define pr_fmt(fmt) "kbd0: " fmt

#include <abi/i8042.h>
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/module.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include "scancode.h"

/* How long the controller may take over a byte. It needs microseconds. */
#define I8042_TIMEOUT_MS 10
/* Bytes that may be left over in the controller and devices behind it. */
#define I8042_DRAIN_MAX 32
/* Codes that one call of getc() looks at, so that it ends. */
#define I8042_CODES_PER_CALL 8

/* How long an interrupt may take, if it comes at all. */
#define I8042_IRQ_TIMEOUT_MS 10
/* A code of no key: to see whether codes interrupt. */
#define I8042_TRIAL_CODE 0x7f
/* What is typed while nobody reads; what does not fit waits in the device. */
#define I8042_PENDING_BYTES 64

/* Until somebody is there to take them, there are no interrupts. */
#define I8042_CONFIG_KEPT                                           \
 (0xff & ~(I8042_CONFIG_KEYBOARD_IRQ | I8042_CONFIG_AUXILIARY_IRQ | \
	   I8042_CONFIG_KEYBOARD_DISABLED))

static struct spinlock lock; /* of the output buffer and what follows */
static struct scancode_state state;
static char pending[I8042_PENDING_BYTES];
static unsigned pending_first, pending_count;

/* Wait until the status bits @mask are @value. False: they never were. */
static bool wait_status(u8 mask, u8 value)
{
	u64 deadline = time_ns() + I8042_TIMEOUT_MS * NSEC_PER_MSEC;

	while ((inb(I8042_STATUS_PORT) & mask) != value) {
		if (time_ns() > deadline)
			return false;
	}
	return true;
}

static bool send_command(u8 command)
{
	if (!wait_status(I8042_STATUS_INPUT_FULL, 0))
		return false;
	outb(I8042_COMMAND_PORT, command);
	return true;
}

/* Throw away what nobody has read. False: there is no end of it. */
static bool drain(void)
{
	for (unsigned i = 0; i < I8042_DRAIN_MAX; i++) {
		if (!(inb(I8042_STATUS_PORT) & I8042_STATUS_OUTPUT_FULL))
			return true;
		inb(I8042_DATA_PORT);
	}
	return false;
}

static bool read_config(u8 *config)
{
	if (!send_command(I8042_COMMAND_READ_CONFIG) ||
	    !wait_status(I8042_STATUS_OUTPUT_FULL, I8042_STATUS_OUTPUT_FULL))
		return false;
	*config = inb(I8042_DATA_PORT);
	return true;
}

static bool write_config(u8 config)
{
	if (!send_command(I8042_COMMAND_WRITE_CONFIG) ||
	    !wait_status(I8042_STATUS_INPUT_FULL, 0))
		return false;
	outb(I8042_DATA_PORT, config);
	return wait_status(I8042_STATUS_INPUT_FULL, 0);
}

/* Make the next key's bytes pending. False: no key was pressed, or no room. */
static bool read_key(void)
{
	char bytes[SCANCODE_BYTES_MAX];
	unsigned n;
	u8 status, code;

	if (pending_count + SCANCODE_BYTES_MAX > I8042_PENDING_BYTES)
		return false;
	status = inb(I8042_STATUS_PORT);
	/* All ones: the controller went away. */
	if (status == 0xff || !(status & I8042_STATUS_OUTPUT_FULL))
		return false;
	code = inb(I8042_DATA_PORT);
	n = status & I8042_STATUS_AUXILIARY
		    ? 0
		    : scancode_decode(&state, code, bytes);
	for (unsigned i = 0; i < n; i++)
		pending[(pending_first + pending_count++) %
			I8042_PENDING_BYTES] = bytes[i];
	return true;
}

static int i8042_getc(struct console *con)
{
	unsigned long irqs = spin_lock_irqsave(&lock);
	int c = -1;

	(void)con;
	for (unsigned i = 0; i < I8042_CODES_PER_CALL && !pending_count; i++)
		if (!read_key())
			break;
	if (pending_count) {
		c = (unsigned char)pending[pending_first];
		pending_first = (pending_first + 1) % I8042_PENDING_BYTES;
		pending_count--;
	}
	spin_unlock_irqrestore(&lock, irqs);
	return c;
}

static enum irq_return i8042_interrupt(void *context)
{
	unsigned long irqs = spin_lock_irqsave(&lock);
	unsigned keys = 0;

	(void)context;
	while (keys < I8042_CODES_PER_CALL && read_key())
		keys++;
	spin_unlock_irqrestore(&lock, irqs);
	console_input_ready();
	return keys ? IRQ_HANDLED : IRQ_NONE;
}

static struct console keyboard = { .name = "kbd0", .getc = i8042_getc };
static struct irq_action action = { .name = "kbd0",
				    .handler = i8042_interrupt };

/* True if a code that the controller itself makes up interrupts. */
static bool try_interrupt(void)
{
	u64 deadline;

	if (!send_command(I8042_COMMAND_ECHO) ||
	    !wait_status(I8042_STATUS_INPUT_FULL, 0))
		return false;
	outb(I8042_DATA_PORT, I8042_TRIAL_CODE);
	deadline = time_ns() + I8042_IRQ_TIMEOUT_MS * NSEC_PER_MSEC;
	while (!READ_ONCE(action.handled) && time_ns() < deadline)
		cpu_relax();
	return READ_ONCE(action.handled);
}

/* @config is what the controller works with while it is polled. */
static void use_interrupt(u8 config)
{
	int irq = irq_from_isa(I8042_IRQ);

	if (irq < 0 || irq_request((unsigned)irq, &action, IRQ_TRIGGER_DEFAULT))
		return;
	if (write_config(config | I8042_CONFIG_KEYBOARD_IRQ) &&
	    try_interrupt()) {
		keyboard.irq = &action;
		pr_info("interrupts on line %d", irq);
		return;
	}
	irq_free(&action);
	write_config(config);
	pr_notice("line %d does not interrupt: polled", irq);
}

static int i8042_init(void)
{
	u8 config;

	/* Nothing drives the bus, or nothing that talks to us. */
	if (inb(I8042_STATUS_PORT) == 0xff || !drain() || !read_config(&config))
		return -ENODEV;
	config |= I8042_CONFIG_TRANSLATE;
	config &= I8042_CONFIG_KEPT;
	if (!write_config(config)) {
		pr_warn("the controller takes no configuration; not used");
		return -ETIMEDOUT;
	}
	pr_info("keyboard at I/O ports %#x and %#x", I8042_DATA_PORT,
		I8042_STATUS_PORT);
	use_interrupt(config);
	return console_register(&keyboard);
}

static void i8042_exit(void)
{
	console_unregister(&keyboard);
	if (keyboard.irq)
		irq_free(&action);
	keyboard.irq = NULL;
}

MODULE(i8042, "PS/2 keyboard", "", .init = i8042_init, .exit = i8042_exit);
MODULE_AUTOMATIC();
