/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PS/2 keyboard behind a PC's keyboard controller, polled: an input-only
 * console.
 */
#define pr_fmt(fmt) "kbd0: " fmt

#include <abi/i8042.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include "scancode.h"

/* How long the controller may take over a byte. It needs microseconds. */
#define I8042_TIMEOUT_MS 10
/* Bytes that may be left over in the controller and devices behind it. */
#define I8042_DRAIN_MAX 32
/* Codes that one call of getc() looks at, so that it ends. */
#define I8042_CODES_PER_CALL 8

/* We poll: an interrupt would have nobody to take it. */
#define I8042_CONFIG_KEPT                                           \
 (0xff & ~(I8042_CONFIG_KEYBOARD_IRQ | I8042_CONFIG_AUXILIARY_IRQ | \
	   I8042_CONFIG_KEYBOARD_DISABLED))

static struct scancode_state state;
static char pending[SCANCODE_BYTES_MAX];
static unsigned pending_at, pending_count;

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

/* Make the next key's bytes pending. False: no key was pressed. */
static bool read_key(void)
{
	u8 status = inb(I8042_STATUS_PORT);
	u8 code;

	/* All ones: the controller went away. */
	if (status == 0xff || !(status & I8042_STATUS_OUTPUT_FULL))
		return false;
	code = inb(I8042_DATA_PORT);
	pending_at = 0;
	pending_count = status & I8042_STATUS_AUXILIARY
				? 0
				: scancode_decode(&state, code, pending);
	return true;
}

static int i8042_getc(struct console *con)
{
	(void)con;
	for (unsigned i = 0; i < I8042_CODES_PER_CALL; i++) {
		if (pending_at < pending_count)
			return (unsigned char)pending[pending_at++];
		if (!read_key())
			return -1;
	}
	return -1;
}

static struct console keyboard = { .name = "kbd0", .getc = i8042_getc };

static int i8042_init(void)
{
	u8 config;

	/* Nothing drives the bus, or nothing that talks to us. */
	if (inb(I8042_STATUS_PORT) == 0xff || !drain() || !read_config(&config))
		return 0;
	config |= I8042_CONFIG_TRANSLATE;
	config &= I8042_CONFIG_KEPT;
	if (!write_config(config)) {
		pr_warn("the controller takes no configuration; not used");
		return -ETIMEDOUT;
	}
	pr_info("keyboard at I/O ports %#x and %#x", I8042_DATA_PORT,
		I8042_STATUS_PORT);
	return console_register(&keyboard);
}
initcall(INIT_DRIVER, i8042_init);
