/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * General-purpose events of ACPI's fixed hardware (ACPI 6.5, 4.8.4.1): a bit
 * for each, which interrupts by the system control interrupt. What firmware
 * would do then is AML, which this kernel does not run; a driver that knows
 * what an event means for its device can ask for it.
 */
#pragma once

#include <kernel/compiler.h>
#include <kernel/errno.h>

#define ACPI_EVENTS_MAX 4 /* that can be asked for: policy */

/**
 * Call @fn, in interrupt context, whenever event @number comes. For good, from
 * level SERVICE on. 0, or -ENODEV (no such event, or nothing interrupts here),
 * -EBUSY (it is asked for already) or -ENOSPC.
 */
#ifdef CONFIG_ACPI_EVENT
int acpi_event_request(unsigned number, void (*fn)(void));
#else
static inline int acpi_event_request(unsigned number, void (*fn)(void))
{
	(void)number;
	(void)fn;
	return -ENODEV;
}
#endif

/**
 * The event at which firmware begins by notifying the device of this name,
 * four characters: where a method _Exx or _Lxx does. -ENOENT: none.
 */
int acpi_event_that_notifies(const char *name);
