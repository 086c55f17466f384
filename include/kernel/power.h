/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving the machine. Each tries the ways it knows, in order, bounded. */
#pragma once

#include <kernel/compiler.h>

enum power_request {
	POWER_REQUEST_POWEROFF,
	POWER_REQUEST_REBOOT,
};

/**
 * The host, through @from (constant text, "xenstore"), wants the machine to
 * leave in good order. Done soon, by a thread; of several requests the first
 * counts. 0 or -EBUSY: there was one before. Any context but NMI.
 */
int power_request(enum power_request what, const char *from);

/** Turn the machine off; if nothing works, say so and halt. */
__noreturn void machine_poweroff(void);

/** Reset the machine; if nothing works, say so and halt. */
__noreturn void machine_reboot(void);

/** Stop this CPU for good. */
__noreturn void machine_halt(void);

/**
 * Leave with a result a harness can read: through QEMU's isa-debug-exit
 * device where it is present (QEMU exits with 33 for true, 35 for false),
 * else as machine_poweroff().
 */
__noreturn void machine_exit(bool success);
