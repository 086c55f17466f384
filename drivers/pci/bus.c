/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI as a bus of the device model. */
#include <kernel/vsprintf.h>
#include "internal.h"

static bool id_matches(const struct pci_device *pdev, const struct pci_id *id)
{
	return (id->vendor == PCI_ANY || id->vendor == pdev->vendor) &&
	       (id->device == PCI_ANY || id->device == pdev->device) &&
	       (pdev->class & id->class_mask) == (id->class & id->class_mask);
}

static bool pci_match(const struct device *dev, const struct driver *drv)
{
	const struct pci_driver *driver =
		container_of(drv, struct pci_driver, driver);

	for (const struct pci_id *id = driver->ids; id->vendor; id++)
		if (id_matches(to_pci_device(dev), id))
			return true;
	return false;
}

static void pci_describe(const struct device *dev, char *text)
{
	const struct pci_device *pdev = to_pci_device(dev);
	const char *class = pci_class_name(pdev->class);

	snprintf(text, DEVICE_TEXT_MAX, "%04x:%04x %s", pdev->vendor,
		 pdev->device, class ? class : "");
}

const struct bus_type pci_bus = {
	.name = "pci",
	.match = pci_match,
	.describe = pci_describe,
	.release = pci_release,
};
