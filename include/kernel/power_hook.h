/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a platform or a hypervisor does when the kernel leaves the machine.
 * Registered beside its code with POWER_HOOK(); each function may be NULL, and
 * sees to it by itself that its device is there.
 */
#pragma once

#include <kernel/table.h>

struct power_hook {
	const char *name;
	/**
	 * The kernel is in a panic: tell the host, with @message, the text of
	 * it. Once, after the report, also if the kernel then stays halted or
	 * exits. Any context, no locks, bounded.
	 */
	void (*panicked)(const char *message);
	/**
	 * The machine will be turned off in good order: tell the host. In a
	 * thread, before anything stopped.
	 */
	void (*closing)(void);
	/*
	 * Leave. Alone on this CPU, interrupts masked, services stopped.
	 * Return when it did not work; then the next way is tried. Hooks come
	 * before the machine's own ways.
	 */
	void (*poweroff)(void);
	void (*reboot)(void);
};

TABLE_DECLARE(const struct power_hook, power_hook);

/** Register @object; lower @order, one digit, is asked first. */
#define POWER_HOOK(order, object) \
 TABLE_ENTRY(const struct power_hook, power_hook, order, object)

/** For panic(): call all panicked() hooks with @message. */
void power_hooks_panicked(const char *message);
