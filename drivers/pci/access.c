/* SPDX-License-Identifier: BSD-2-Clause */
/* Checked access to the configuration space of a device. */
#include <kernel/errno.h>
#include "internal.h"

static u32 config_read(const struct pci_device *pdev, unsigned offset,
		       unsigned size)
{
	struct pci_host *host = pdev->host;

	if (offset % size || offset >= host->config_size)
		return ~0U;
	return host->ops->read(host, pdev->bus, pdev->devfn, offset, size);
}

static void config_write(const struct pci_device *pdev, unsigned offset,
			 unsigned size, u32 value)
{
	struct pci_host *host = pdev->host;

	if (offset % size || offset >= host->config_size)
		return;
	host->ops->write(host, pdev->bus, pdev->devfn, offset, size, value);
}

u8 pci_read8(const struct pci_device *pdev, unsigned offset)
{
	return (u8)config_read(pdev, offset, 1);
}

u16 pci_read16(const struct pci_device *pdev, unsigned offset)
{
	return (u16)config_read(pdev, offset, 2);
}

u32 pci_read32(const struct pci_device *pdev, unsigned offset)
{
	return config_read(pdev, offset, 4);
}

void pci_write8(const struct pci_device *pdev, unsigned offset, u8 value)
{
	config_write(pdev, offset, 1, value);
}

void pci_write16(const struct pci_device *pdev, unsigned offset, u16 value)
{
	config_write(pdev, offset, 2, value);
}

void pci_write32(const struct pci_device *pdev, unsigned offset, u32 value)
{
	config_write(pdev, offset, 4, value);
}

bool pci_present(const struct pci_device *pdev)
{
	return pci_read16(pdev, PCI_VENDOR_ID) != PCI_VENDOR_NONE;
}

/*
 * What bridges do not forward does not reach the device, or its memory. A
 * bridge that decodes must have addresses for its own regions.
 */
static int open_bridges(const struct pci_device *pdev, u16 bits)
{
	for (struct pci_device *b = pdev->bridge; b; b = b->bridge) {
		u16 command = pci_read16(b, PCI_COMMAND);
		int ret;

		if ((command & bits) == bits)
			continue;
		pci_size_regions(b);
		ret = pci_place_regions(b, bits);
		if (ret)
			return ret;
		pci_write16(b, PCI_COMMAND, command | bits);
	}
	return 0;
}

int pci_enable(struct pci_device *pdev, u16 bits)
{
	u16 command;
	int ret;

	if (!pci_present(pdev))
		return -ENODEV;
	pci_size_regions(pdev);
	ret = pci_place_regions(pdev, bits) ?: open_bridges(pdev, bits);
	if (ret)
		return ret;
	command = pci_read16(pdev, PCI_COMMAND);
	if ((command & bits) == bits)
		return 0;
	pci_write16(pdev, PCI_COMMAND, command | bits);
	command = pci_read16(pdev, PCI_COMMAND);
	return pci_present(pdev) && (command & bits) == bits ? 0 : -ENODEV;
}

void pci_disable(const struct pci_device *pdev, u16 bits)
{
	u16 command = pci_read16(pdev, PCI_COMMAND);

	if (pci_present(pdev))
		pci_write16(pdev, PCI_COMMAND, command & (u16)~bits);
}
