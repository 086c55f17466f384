/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pvpanic at a fixed address: the port of QEMU's `-device pvpanic`, of which
 * ACPI tells, or a register in memory, of which ACPI or the device tree does.
 */
#include <drivers/platform.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/slab.h>
#include "pvpanic.h"

static int find_register(const struct platform_device *pdev,
			 struct pvpanic *device)
{
	if (pdev->ports) {
		device->port = pdev->port;
		/* SeaBIOS's own tables have it at 0 where there is none. */
		return device->port ? 0 : -ENODEV;
	}
	device->reg = platform_map(pdev, 0, 0, 1);
	return device->reg ? 0 : -EIO;
}

static int pvpanic_probe(struct device *dev)
{
	struct pvpanic *device = kzalloc(sizeof(*device));
	int ret = -ENOMEM;

	if (!device)
		return ret;
	device->name = dev->name;
	ret = find_register(to_platform_device(dev), device);
	if (ret)
		goto err_free;
	ret = pvpanic_add(device);
	if (ret)
		goto err_unmap;
	device_set_data(dev, device);
	return 0;

err_unmap:
	iounmap(device->reg);
err_free:
	kfree(device);
	return ret;
}

static void pvpanic_driver_remove(struct device *dev)
{
	struct pvpanic *device = device_data(dev);

	pvpanic_remove(device);
	iounmap(device->reg);
	kfree(device);
}

static const char *const compatible[] = {
	PVPANIC_HID,
	PVPANIC_COMPATIBLE,
	NULL,
};

static const struct platform_driver pvpanic_driver = {
	.driver = {
		.name = "pvpanic",
		.bus = &platform_bus,
		.probe = pvpanic_probe,
		.remove = pvpanic_driver_remove,
	},
	.compatible = compatible,
};
PLATFORM_DRIVER(pvpanic, pvpanic_driver);
