/* SPDX-License-Identifier: BSD-2-Clause */
/* Binding drivers to devices, and unbinding them. */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "internal.h"

static bool started;

bool device_binding_started(void)
{
	return atomic_read(&started);
}

const struct driver *driver_find(const char *name)
{
	return table_find(const struct driver, driver, name);
}

void driver_put(const struct driver *drv)
{
	table_release(driver, drv);
}

/*
 * Move @dev from state @from to CHANGING, which makes it the caller's to
 * bind or unbind. 0, -EBUSY (it has a driver, or is about to) or -ENODEV
 * (it has none, or is gone).
 */
static int claim(struct device *dev, enum device_state from)
{
	int ret = 0;

	spin_lock(&device_lock);
	if (dev->state == from)
		dev->state = DEVICE_CHANGING;
	else if (dev->state == DEVICE_BOUND || dev->state == DEVICE_CHANGING)
		ret = -EBUSY;
	else
		ret = -ENODEV;
	spin_unlock(&device_lock);
	return ret;
}

static void settle(struct device *dev, enum device_state state)
{
	spin_lock(&device_lock);
	dev->state = (unsigned char)state;
	spin_unlock(&device_lock);
}

static bool matches(const struct device *dev, const struct driver *drv)
{
	return dev->bus && drv->bus == dev->bus &&
	       module_is_live(drv->module) && dev->bus->match(dev, drv);
}

/* @dev is claimed. */
static int probe(struct device *dev, const struct driver *drv)
{
	int ret;

	if (!module_get(drv->module))
		return -ENODEV;
	dev->driver = drv;
	ret = drv->probe(dev);
	module_put(drv->module);
	if (!ret)
		return 0;
	dev->driver = NULL;
	dev->data = NULL;
	if (ret != -ENODEV)
		pr_err("%s: %s does not drive it: error %d", dev->name,
		       drv->name, -ret);
	return ret;
}

static int probe_any(struct device *dev)
{
	int ret = -ENODEV;

	table_for_each(const struct driver, driver, it) {
		if (!matches(dev, *it))
			continue;
		ret = probe(dev, *it);
		if (!ret)
			break;
	}
	return ret;
}

int device_bind(struct device *dev, const struct driver *drv)
{
	int ret;

	if (drv && !matches(dev, drv))
		return -ENODEV;
	ret = claim(dev, DEVICE_UNBOUND);
	if (ret)
		return ret;
	ret = drv ? probe(dev, drv) : probe_any(dev);
	settle(dev, ret ? DEVICE_UNBOUND : DEVICE_BOUND);
	return ret;
}

int device_unbind(struct device *dev)
{
	int ret = claim(dev, DEVICE_BOUND);

	if (ret)
		return ret;
	dev->driver->remove(dev);
	dev->driver = NULL;
	dev->data = NULL;
	settle(dev, DEVICE_UNBOUND);
	return 0;
}

static int bind_all(void)
{
	atomic_write(&started, true);
	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev))
		device_bind(dev, NULL);
	return 0;
}
initcall(INIT_DRIVER, bind_all);
