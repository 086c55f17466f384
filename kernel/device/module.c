/* SPDX-License-Identifier: BSD-2-Clause */
/* Binding and unbinding all that a module drives. */
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/time.h>
#include "internal.h"

void device_bind_module(const struct module *module)
{
	if (!device_binding_started())
		return;
	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev)) {
		table_for_each(const struct driver, driver, it)
			if ((*it)->module == module)
				device_bind(dev, *it);
	}
}

/* True if a device of @module's is left, since somebody else is at it. */
static bool unbind_each(const struct module *module)
{
	bool left = false;

	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev)) {
		const struct driver *drv;

		/* Whoever changes it sets its driver before it lets go. */
		spin_lock(&device_lock);
		drv = dev->driver;
		spin_unlock(&device_lock);
		if (drv && drv->module == module)
			left |= device_unbind(dev) == -EBUSY;
	}
	return left;
}

int device_unbind_module(const struct module *module)
{
	u64 deadline = time_ns() + DEVICE_UNBIND_TIMEOUT_MS * NSEC_PER_MSEC;

	while (unbind_each(module)) {
		if (time_ns() > deadline)
			return -EBUSY;
		cpu_relax();
	}
	return 0;
}
