/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pvpanic: the host learns of a panic, and of an orderly end, by one write. It
 * does what its owner told it to: QEMU ends or pauses the machine.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/mutex.h>
#include <kernel/power_hook.h>
#include <kernel/printk.h>
#include <kernel/virt/feature.h>
#include "pvpanic.h"

#define NOTHING_THERE 0xff

static struct mutex lock;
/* Written under the lock, read by a panic without. */
static struct pvpanic *devices;

u8 pvpanic_read(const struct pvpanic *device)
{
	if (IS_ENABLED(CONFIG_HAS_IOPORT) && device->port)
		return inb(device->port);
	return mmio_read8(device->reg);
}

static void report(u8 event)
{
	for (const struct pvpanic *it = READ_ONCE(devices); it; it = it->next) {
		if (!(it->events & event))
			continue;
		if (IS_ENABLED(CONFIG_HAS_IOPORT) && it->port)
			outb(it->port, event);
		else
			mmio_write8(it->reg, event);
	}
}

static void report_panic(const char *message)
{
	(void)message;
	report(PVPANIC_PANICKED);
}

static void report_shutdown(void)
{
	report(PVPANIC_SHUTDOWN);
}

static const struct power_hook pvpanic_hook = {
	.name = "pvpanic",
	.panicked = report_panic,
	.closing = report_shutdown,
};
/* The last of those that are told: the machine may end there. */
POWER_HOOK(9, pvpanic_hook);

int pvpanic_add(struct pvpanic *device)
{
	u8 offered = pvpanic_read(device);

	/* A crash kernel, which the second event is about, there is not. */
	device->events = offered & (PVPANIC_PANICKED | PVPANIC_SHUTDOWN);
	if (offered == NOTHING_THERE || !device->events) {
		pr_warn("%s: offers events %#x: not used", device->name,
			offered);
		return -ENODEV;
	}
	mutex_lock(&lock);
	device->next = devices;
	/* All of it is there before a panic finds it. */
	atomic_store_release(&devices, device);
	mutex_unlock(&lock);
	pr_info("%s: tells the host of panics%s", device->name,
		device->events & PVPANIC_SHUTDOWN ? " and of the end" : "");
	virt_feature_add_state(HYPERV_TYPE_QEMU, "pvpanic",
			       VIRT_OFFERED | VIRT_ENABLED);
	return 0;
}

void pvpanic_remove(struct pvpanic *device)
{
	struct pvpanic **link = &devices;

	mutex_lock(&lock);
	while (*link != device)
		link = &(*link)->next;
	WRITE_ONCE(*link, device->next);
	mutex_unlock(&lock);
}

const struct pvpanic *pvpanic_first(void)
{
	return READ_ONCE(devices);
}
