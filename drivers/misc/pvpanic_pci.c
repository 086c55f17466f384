/* SPDX-License-Identifier: BSD-2-Clause */
/* pvpanic as a PCI device: QEMU's `-device pvpanic-pci`. */
#include <drivers/pci.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include "pvpanic.h"

static int pvpanic_pci_probe(struct device *dev)
{
	struct pci_device *pdev = to_pci_device(dev);
	struct pvpanic *device = kzalloc(sizeof(*device));
	int ret = -ENOMEM;

	if (!device)
		return ret;
	device->name = dev->name;
	ret = pci_enable(pdev, PCI_COMMAND_MEMORY);
	if (ret)
		goto err_free;
	ret = -EIO;
	device->reg = pci_map_region(pdev, 0, 0, 1);
	if (!device->reg)
		goto err_disable;
	ret = pvpanic_add(device);
	if (ret)
		goto err_unmap;
	device_set_data(dev, device);
	return 0;

err_unmap:
	iounmap(device->reg);
err_disable:
	pci_disable(pdev, PCI_COMMAND_MEMORY);
err_free:
	kfree(device);
	return ret;
}

static void pvpanic_pci_remove(struct device *dev)
{
	struct pvpanic *device = device_data(dev);

	pvpanic_remove(device);
	iounmap(device->reg);
	pci_disable(to_pci_device(dev), PCI_COMMAND_MEMORY);
	kfree(device);
}

static const struct pci_id pvpanic_ids[] = {
	{ .vendor = PVPANIC_PCI_VENDOR, .device = PVPANIC_PCI_DEVICE },
	{},
};

static const struct pci_driver pvpanic_pci_driver = {
	.driver = {
		.name = "pvpanic-pci",
		.bus = &pci_bus,
		.probe = pvpanic_pci_probe,
		.remove = pvpanic_pci_remove,
	},
	.ids = pvpanic_ids,
};
PCI_DRIVER(pvpanic_pci, pvpanic_pci_driver);
