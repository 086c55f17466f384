/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's `lsdev`, `bind` and `unbind`. */
#include <kernel/console.h>
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/string.h>

/* Columns of a device's name with its indentation. */
#define LSDEV_NAME_WIDTH 24

static void print_device(const struct device *dev)
{
	int indent = MIN(2 * dev->depth, LSDEV_NAME_WIDTH);
	char text[DEVICE_TEXT_MAX] = "";

	if (dev->bus && dev->bus->describe)
		dev->bus->describe(dev, text);
	console_printf("%*s%-*s %-8s %-16s %s\n", indent, "",
		       LSDEV_NAME_WIDTH - indent, dev->name,
		       dev->bus ? dev->bus->name : "-",
		       dev->driver ? dev->driver->name : "-", text);
}

static void print_drivers(void)
{
	table_for_each(const struct driver, driver, it)
		console_printf("%-16s %s\n", (*it)->name, (*it)->bus->name);
}

static int command_lsdev(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "-d")) {
		print_drivers();
		return 0;
	}
	if (argc != 1)
		return -EINVAL;
	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev))
		print_device(dev);
	return 0;
}
SHELL_COMMAND(lsdev, "[-d]",
	      "List devices with their drivers, or (-d) all drivers",
	      command_lsdev);

/* The device @name with a reference, or NULL after a message. */
static struct device *find_or_say(const char *command, const char *name)
{
	struct device *dev = device_find(name);

	if (!dev)
		console_printf("%s: no device %s (try lsdev)\n", command, name);
	return dev;
}

static int command_bind(int argc, char **argv)
{
	const struct driver *drv = NULL;
	struct device *dev;
	int ret;

	if (argc != 2 && argc != 3)
		return -EINVAL;
	if (argc == 3) {
		drv = driver_find(argv[2]);
		if (!drv) {
			console_printf("bind: no driver %s (try lsdev -d)\n",
				       argv[2]);
			return 0;
		}
	}
	dev = find_or_say("bind", argv[1]);
	ret = dev ? device_bind(dev, drv) : 0;
	driver_put(drv);
	if (!dev)
		return 0;
	if (ret == -EBUSY)
		console_printf("bind: %s has a driver already\n", dev->name);
	else if (ret == -ENODEV)
		console_printf("bind: no driver for %s\n", dev->name);
	else if (ret)
		console_printf("bind: %s: error %d\n", dev->name, -ret);
	device_put(dev);
	return 0;
}
SHELL_COMMAND(bind, "DEVICE [DRIVER]", "Let a driver run a device",
	      command_bind);

static int command_unbind(int argc, char **argv)
{
	struct device *dev;
	int ret;

	if (argc != 2)
		return -EINVAL;
	dev = find_or_say("unbind", argv[1]);
	if (!dev)
		return 0;
	ret = device_unbind(dev);
	if (ret == -ENODEV)
		console_printf("unbind: %s has no driver\n", dev->name);
	else if (ret)
		console_printf("unbind: %s is being bound or unbound\n",
			       dev->name);
	device_put(dev);
	return 0;
}
SHELL_COMMAND(unbind, "DEVICE", "Take a device from its driver",
	      command_unbind);
