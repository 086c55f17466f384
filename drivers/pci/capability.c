/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability lists. Each step is checked to stay where capabilities may be,
 * and a budget ends a list that runs in a circle.
 */
#include <kernel/errno.h>
#include "internal.h"

static unsigned list_head(const struct pci_device *pdev)
{
	if (!(pci_read16(pdev, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	return pci_read8(pdev, pdev->header == PCI_HEADER_TYPE_CARDBUS
				       ? PCI_CARDBUS_CAPABILITY_LIST
				       : PCI_CAPABILITY_LIST);
}

/*
 * The capability at @link: its ID, and the link to the next one in the high
 * byte. 0: none. The low bits of a link are reserved: PCI 3.0, 6.7.
 */
static u16 header_at(const struct pci_device *pdev, unsigned link)
{
	u16 header;

	link &= ~(PCI_CAPABILITY_ALIGN - 1U);
	if (link < PCI_CAPABILITY_FIRST)
		return 0;
	header = pci_read16(pdev, link);
	/* ID 0xff is no capability but a device that went away. */
	return (header & 0xff) == 0xff ? 0 : header;
}

unsigned pci_next_capability(const struct pci_device *pdev, unsigned offset,
			     unsigned *budget)
{
	unsigned link = offset ? pci_read8(pdev, offset + 1) : list_head(pdev);

	if (!*budget || !header_at(pdev, link))
		return 0;
	--*budget;
	return link & ~(PCI_CAPABILITY_ALIGN - 1U);
}

unsigned pci_find_capability(const struct pci_device *pdev, u8 id,
			     unsigned size)
{
	unsigned budget = PCI_CAPABILITIES_MAX;
	unsigned link = list_head(pdev);
	u16 header;

	while (budget-- && (header = header_at(pdev, link))) {
		link &= ~(PCI_CAPABILITY_ALIGN - 1U);
		if ((header & 0xff) == id)
			return link + size <= PCI_CONFIG_SIZE ? link : 0;
		link = header >> 8;
	}
	return 0;
}

unsigned pcie_next_capability(const struct pci_device *pdev, unsigned offset,
			      unsigned *budget)
{
	u32 header;

	if (!pdev->express || !*budget)
		return 0;
	--*budget;
	if (offset)
		offset = PCIE_CAP_NEXT(pci_read32(pdev, offset)) &
			 ~(PCI_CAPABILITY_ALIGN - 1U);
	else
		offset = PCIE_CAPABILITY_FIRST;
	if (offset < PCIE_CAPABILITY_FIRST)
		return 0;
	header = pci_read32(pdev, offset);
	/* An empty list is a header of zeros: PCIe 5.0, 7.6.2. */
	return header == 0 || header == ~0U ? 0 : offset;
}

unsigned pcie_find_capability(const struct pci_device *pdev, u16 id)
{
	unsigned budget = PCIE_CAPABILITIES_MAX;
	unsigned at = 0;

	while ((at = pcie_next_capability(pdev, at, &budget)))
		if (PCIE_CAP_ID(pci_read32(pdev, at)) == id)
			return at;
	return 0;
}

int pci_msi_info(const struct pci_device *pdev, struct pci_msi_info *info)
{
	unsigned at = pci_find_capability(pdev, PCI_CAP_MSI, PCI_MSI_SIZE_32);
	unsigned size = PCI_MSI_SIZE_32;
	u16 control;

	if (!at)
		return -ENOENT;
	control = pci_read16(pdev, at + PCI_MSI_CONTROL);
	if (control & PCI_MSI_CONTROL_64)
		size = PCI_MSI_SIZE_64;
	if (control & PCI_MSI_CONTROL_MASKABLE)
		size += PCI_MSI_SIZE_MASK_EXTENSION;
	if (PCI_MSI_CONTROL_CAPABLE(control) > PCI_MSI_VECTORS_LOG2_MAX ||
	    at + size > PCI_CONFIG_SIZE)
		return -EBADMSG;
	*info = (struct pci_msi_info){
		.offset = (u8)at,
		.vectors = (u8)BIT(PCI_MSI_CONTROL_CAPABLE(control)),
		.used = (u8)BIT(MIN(PCI_MSI_CONTROL_ENABLED(control),
				    PCI_MSI_VECTORS_LOG2_MAX)),
		.wide = control & PCI_MSI_CONTROL_64,
		.maskable = control & PCI_MSI_CONTROL_MASKABLE,
		.enabled = control & PCI_MSI_CONTROL_ENABLE,
	};
	return 0;
}

/* True if @size bytes at @offset are in memory region @bar. */
static bool in_region(const struct pci_device *pdev, unsigned bar, u32 offset,
		      u32 size)
{
	const struct pci_region *r = &pdev->region[bar];

	return bar < PCI_BARS && !(r->flags & PCI_REGION_IO) &&
	       offset <= r->size && size <= r->size - offset;
}

int pci_msix_info(const struct pci_device *pdev, struct pci_msix_info *info)
{
	unsigned at = pci_find_capability(pdev, PCI_CAP_MSIX, PCI_MSIX_SIZE);
	u32 table, pba;
	u16 control;

	if (!at)
		return -ENOENT;
	control = pci_read16(pdev, at + PCI_MSIX_CONTROL);
	table = pci_read32(pdev, at + PCI_MSIX_TABLE);
	pba = pci_read32(pdev, at + PCI_MSIX_PBA);
	*info = (struct pci_msix_info){
		.offset = (u8)at,
		.table_bar = table & PCI_MSIX_BIR_MASK,
		.pba_bar = pba & PCI_MSIX_BIR_MASK,
		.enabled = control & PCI_MSIX_CONTROL_ENABLE,
		.masked = control & PCI_MSIX_CONTROL_MASK,
		.vectors = PCI_MSIX_CONTROL_SIZE(control),
		.table_offset = table & ~PCI_MSIX_BIR_MASK,
		.pba_offset = pba & ~PCI_MSIX_BIR_MASK,
	};
	/* Pending bits come in words of 64. */
	if (!in_region(pdev, info->table_bar, info->table_offset,
		       info->vectors * (u32)sizeof(struct pci_msix_entry)) ||
	    !in_region(pdev, info->pba_bar, info->pba_offset,
		       ALIGN_UP((u32)info->vectors, 64) / 8))
		return -EBADMSG;
	return 0;
}
