/* SPDX-License-Identifier: BSD-2-Clause */
/* What the pvpanic drivers share. */
#pragma once

#include <abi/qemu/pvpanic.h>
#include <kernel/compiler.h>

/* The driver's memory; it sets the name and where the register is. */
struct pvpanic {
	const char *name; /* the device's */
	u16 port;	  /* 0: it is in memory: */
	char __iomem *reg;
	u8 events; /* enum pvpanic_event that it can report; the core's */
	struct pvpanic *next;
};

/**
 * Report events to @device from now on. 0, or -ENODEV after a message:
 * nothing answers, or no event can be reported.
 */
int pvpanic_add(struct pvpanic *device);

/** No more. Nothing is written when it returns. */
void pvpanic_remove(struct pvpanic *device);

/** The first device, and device->next; NULL: there is none. */
const struct pvpanic *pvpanic_first(void);

/** The events that @device says it can report. */
u8 pvpanic_read(const struct pvpanic *device);
