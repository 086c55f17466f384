/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as the regions and the configuration space of a virtio-pci device:
 * what is taken for a structure must be wholly inside a region.
 */
#include <stdlib.h>

#include <kernel/device_space.h>
#include "../../drivers/virtio/virtio_pci.h"
#include "fuzz.h"

static u8 space[PCI_CONFIG_SIZE];

static u32 read_space(unsigned offset, unsigned size)
{
	u32 value = 0;

	if (offset > sizeof(space) - size || offset % size)
		return ~0U >> (32 - 8 * size);
	memcpy(&value, space + offset, size);
	return value;
}

u8 pci_read8(const struct pci_device *pdev, unsigned offset)
{
	(void)pdev;
	return (u8)read_space(offset, 1);
}

u16 pci_read16(const struct pci_device *pdev, unsigned offset)
{
	(void)pdev;
	return (u16)read_space(offset, 2);
}

u32 pci_read32(const struct pci_device *pdev, unsigned offset)
{
	(void)pdev;
	return read_space(offset, 4);
}

bool arch_port_space(u64 *start, u64 *end)
{
	*start = 0x1000;
	*end = 0x10000;
	return true;
}

static void check(const struct pci_device *pdev,
		  const struct virtio_pci_place *place, u64 align)
{
	const struct pci_region *r = &pdev->region[place->bar % PCI_BARS];

	if (!place->length)
		return;
	if (place->bar >= PCI_BARS || place->offset > r->size ||
	    place->length > r->size - place->offset || place->offset % align)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct pci_device pdev = { .header = PCI_HEADER_TYPE_NORMAL };
	struct virtio_pci_layout layout;
	struct virtio_pci_place shared;

	if (size < PCI_BARS || size > PCI_BARS + sizeof(space))
		return 0;
	for (unsigned i = 0; i < PCI_BARS; i++)
		pdev.region[i] = (struct pci_region){
			.start = 0x10000,
			.size = data[i] & 0x3f ? BIT64(data[i] & 0x3f) : 0,
			.flags = data[i] >> 7 ? PCI_REGION_IO : 0,
		};
	memset(space, 0, sizeof(space));
	memcpy(space, data + PCI_BARS, size - PCI_BARS);
	virtio_pci_read_layout(&pdev, &layout);
	check(&pdev, &layout.common, 4);
	check(&pdev, &layout.notify, 2);
	check(&pdev, &layout.isr, 1);
	check(&pdev, &layout.device, 4);
	for (unsigned id = 0; id < 4; id++)
		if (!virtio_pci_find_shared(&pdev, (u8)id, &shared))
			check(&pdev, &shared, 1);
	return 0;
}
