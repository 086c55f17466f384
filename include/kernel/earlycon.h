/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kinds of serial ports that earlycon=KIND,... can name. Each driver registers
 * its own; the port becomes a console as soon as it can be reached.
 */
#pragma once

#include <kernel/table.h>

struct earlycon {
	const char *name; /* KIND: "uart8250", "pl011" */
	/**
	 * Take note of @value, the whole text behind "earlycon=", which stays.
	 * 0 or -EINVAL. Before all levels: nothing can be reached yet.
	 */
	int (*set)(const char *value);
};

TABLE_DECLARE(const struct earlycon, earlycon);

/** Register @object, a `const struct earlycon`. */
#define EARLYCON(object) TABLE_ENTRY(const struct earlycon, earlycon, 0, object)
