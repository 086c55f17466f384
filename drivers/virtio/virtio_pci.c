/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio devices on PCI: virtio 1.3, 4.1. Which devices these are, and which
 * of their interfaces is used: the modern one, if a device has it.
 */
#include <kernel/device_space.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include "virtio_pci.h"

#define PORTS 0x10000ULL

static u16 command_bit(const struct pci_device *pdev, unsigned bar)
{
	return pdev->region[bar].flags & PCI_REGION_IO ? PCI_COMMAND_IO
						       : PCI_COMMAND_MEMORY;
}

/* By instructions, or through memory. */
static bool map_ports(u64 port, u64 size, struct virtio_registers *r)
{
	phys_addr_t memory;

	if (!port || size > PORTS || port > PORTS - size)
		return false;
	if (arch_port_memory(port, size, &memory)) {
		r->memory = ioremap(memory, size);
		return r->memory;
	}
	r->port = (u16)port;
	return IS_ENABLED(CONFIG_HAS_IOPORT);
}

int virtio_pci_map(const struct virtio_pci *vp,
		   const struct virtio_pci_place *place, u64 most,
		   struct virtio_registers *r)
{
	const struct pci_region *region = &vp->pdev->region[place->bar];
	u64 size = MIN(place->length, most);
	bool mapped;

	*r = (struct virtio_registers){ .size = (u32)size };
	if (region->flags & PCI_REGION_IO) {
		mapped = region->start &&
			 map_ports(region->start + place->offset, size, r);
	} else {
		r->memory = pci_map_region(vp->pdev, place->bar, place->offset,
					   size);
		mapped = r->memory;
	}
	if (mapped)
		return 0;
	pr_err("%s: %#llx bytes of region %u cannot be reached: not used",
	       vp->pdev->dev.name, (unsigned long long)size, place->bar);
	*r = (struct virtio_registers){ 0 };
	return -ENOMEM;
}

void virtio_pci_unmap(struct virtio_registers *r)
{
	iounmap(r->memory);
	*r = (struct virtio_registers){ 0 };
}

/* What both interfaces, opened or half opened, leave behind. */
static void close(struct virtio_pci *vp)
{
	virtio_pci_unmap(&vp->device);
	virtio_pci_unmap(&vp->isr);
	virtio_pci_unmap(&vp->notify);
	virtio_pci_unmap(&vp->common);
	pci_disable(vp->pdev, vp->command);
	kfree(vp->queue);
	vp->queue = NULL;
	vp->queue_count = 0;
}

/* What is no bus master sends no messages either. */
bool virtio_pci_isolate(struct virtio_device *vdev)
{
	struct virtio_pci *vp = to_virtio_pci(vdev);

	pci_disable(vp->pdev, PCI_COMMAND_MASTER);
	vp->isolated = true;
	return !(pci_read16(vp->pdev, PCI_COMMAND) & PCI_COMMAND_MASTER);
}

void virtio_pci_release(struct virtio_device *vdev)
{
	kfree(to_virtio_pci(vdev));
}

static bool may_be_legacy(const struct pci_device *pdev)
{
	return pdev->device < VIRTIO_PCI_DEVICE_MODERN;
}

static bool has_legacy(const struct pci_device *pdev)
{
	return may_be_legacy(pdev) && pdev->region[0].size &&
	       pdev->region[0].flags & PCI_REGION_IO;
}

/* 4.1.2: the type, or 0. */
static u32 type_of(const struct pci_device *pdev)
{
	if (pdev->device < VIRTIO_PCI_DEVICE_LEGACY ||
	    pdev->device > VIRTIO_PCI_DEVICE_LAST)
		return 0;
	return may_be_legacy(pdev) ? pdev->subsystem
				   : pdev->device - VIRTIO_PCI_DEVICE_MODERN;
}

static int open_modern(struct virtio_pci *vp,
		       const struct virtio_pci_layout *layout)
{
	const struct pci_device *pdev = vp->pdev;
	int ret;

	/* The table of MSI-X is in memory. */
	vp->command = PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY |
		      command_bit(pdev, layout->common.bar) |
		      command_bit(pdev, layout->notify.bar) |
		      command_bit(pdev, layout->isr.bar);
	if (layout->device.length)
		vp->command |= command_bit(pdev, layout->device.bar);
	ret = pci_enable(vp->pdev, vp->command);
	return ret ?: virtio_pci_modern_open(vp, layout);
}

static int open_legacy(struct virtio_pci *vp)
{
	int ret;

	vp->vdev.legacy = true;
	vp->command = PCI_COMMAND_MASTER | PCI_COMMAND_IO;
	/* One without MSI-X may have no memory, and then refuse the bit. */
	for (unsigned i = 0; i < PCI_BARS; i++)
		if (vp->pdev->region[i].size)
			vp->command |= command_bit(vp->pdev, i);
	ret = pci_enable(vp->pdev, vp->command);
	return ret ?: virtio_pci_legacy_open(vp);
}

/* 4.1.5.1.1.1: without the capabilities it is a legacy device. */
static int open(struct virtio_pci *vp)
{
	struct virtio_pci_layout layout;
	int ret;

	pci_size_regions(vp->pdev);
	ret = virtio_pci_read_layout(vp->pdev, &layout);
	if (IS_ENABLED(CONFIG_VIRTIO_PCI_LEGACY) && has_legacy(vp->pdev) &&
	    (ret || virtio_pci_force_legacy))
		return open_legacy(vp);
	if (!ret)
		return open_modern(vp, &layout);
	pr_err("%s: %s: not used", vp->pdev->dev.name,
	       has_legacy(vp->pdev) ? "legacy virtio device, which this kernel "
				      "does not drive"
	       : layout.any	    ? "not all structures of a virtio device"
				    : "no structures of a virtio device");
	return -EIO;
}

static int virtio_pci_probe(struct device *dev)
{
	struct pci_device *pdev = to_pci_device(dev);
	struct virtio_pci *vp;
	int ret;

	if (!type_of(pdev))
		return -ENODEV;
	vp = kzalloc(sizeof(*vp));
	if (!vp)
		return -ENOMEM;
	vp->pdev = pdev;
	vp->vdev.dev.parent = dev;
	vp->vdev.type = type_of(pdev);
	vp->vdev.vendor = pdev->subsystem_vendor;
	ret = open(vp);
	if (ret)
		goto err_close;
	device_set_data(dev, vp);
	ret = virtio_device_register(&vp->vdev);
	if (ret)
		goto err_close;
	return 0;

err_close:
	close(vp);
	kfree(vp);
	return ret;
}

static void virtio_pci_remove(struct device *dev)
{
	struct virtio_pci *vp = device_data(dev);
	struct virtio_device *vdev = &vp->vdev;

	if (!pci_present(vp->pdev))
		virtio_break(vdev, "it was taken out");
	/* Whoever refers to it still has the memory, but not the device. */
	device_get(&vdev->dev);
	if (!virtio_transport_unregister(vdev)) {
		mutex_lock(&vdev->lock);
		close(vp);
		mutex_unlock(&vdev->lock);
	}
	device_put(&vdev->dev);
}

static const struct pci_id virtio_ids[] = {
	{ .vendor = VIRTIO_PCI_VENDOR, .device = PCI_ANY },
	{},
};

MODULE_DECLARE(virtio_pci);

static const struct pci_driver virtio_pci_driver = {
	.driver = {
		.name = "virtio-pci",
		.module = &module_virtio_pci,
		.bus = &pci_bus,
		.probe = virtio_pci_probe,
		.remove = virtio_pci_remove,
	},
	.ids = virtio_ids,
};
PCI_DRIVER(virtio_pci, virtio_pci_driver);
MODULE(virtio_pci, "virtio devices on PCI", "");
