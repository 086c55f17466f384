/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The legacy interface of virtio-pci devices, of before virtio 1.0: virtio
 * 1.3, 4.1.4.10 and 4.1.5.1.3.1. Registers in the ports of region 0.
 */
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include "virtio_pci.h"

bool virtio_pci_force_legacy;
param_bool("virtio_pci.force_legacy", virtio_pci_force_legacy,
	   "use the legacy interface of virtio devices that have both");

static u8 get_status(struct virtio_device *vdev)
{
	return virtio_read8(&to_virtio_pci(vdev)->common,
			    VIRTIO_PCI_LEGACY_STATUS);
}

static void set_status(struct virtio_device *vdev, u8 status)
{
	virtio_write8(&to_virtio_pci(vdev)->common, VIRTIO_PCI_LEGACY_STATUS,
		      status);
}

static void get_features(struct virtio_device *vdev,
			 struct virtio_features *features)
{
	*features = (struct virtio_features){
		.word[0] = virtio_read32(&to_virtio_pci(vdev)->common,
					 VIRTIO_PCI_LEGACY_DEVICE_FEATURES),
	};
}

static void set_features(struct virtio_device *vdev,
			 const struct virtio_features *features)
{
	virtio_write32(&to_virtio_pci(vdev)->common,
		       VIRTIO_PCI_LEGACY_DRIVER_FEATURES,
		       (u32)features->word[0]);
}

/* The vectors' registers come and go with MSI-X (4.1.4.10). */
static u32 config_offset(const struct virtio_pci *vp)
{
	return vp->messages ? VIRTIO_PCI_LEGACY_CONFIG_MSIX
			    : VIRTIO_PCI_LEGACY_CONFIG;
}

static unsigned config_size(struct virtio_device *vdev)
{
	const struct virtio_pci *vp = to_virtio_pci(vdev);

	return vp->common.size - config_offset(vp);
}

static void read_config(struct virtio_device *vdev, unsigned offset,
			void *buffer, unsigned size)
{
	const struct virtio_pci *vp = to_virtio_pci(vdev);

	virtio_read_field(&vp->common, config_offset(vp) + offset, buffer,
			  size);
}

static void write_config(struct virtio_device *vdev, unsigned offset,
			 const void *buffer, unsigned size)
{
	const struct virtio_pci *vp = to_virtio_pci(vdev);

	virtio_write_field(&vp->common, config_offset(vp) + offset, buffer,
			   size);
}

static u32 config_generation(struct virtio_device *vdev __unused)
{
	return 0;
}

static void select_queue(const struct virtio_pci *vp, unsigned index)
{
	virtio_write16(&vp->common, VIRTIO_PCI_LEGACY_QUEUE_SELECT, (u16)index);
}

/* Not to be chosen: 4.1.5.1.3.1. */
static unsigned queue_size_max(struct virtio_device *vdev, unsigned index)
{
	const struct virtio_pci *vp = to_virtio_pci(vdev);

	if (index > UINT16_MAX)
		return 0;
	select_queue(vp, index);
	return virtio_read16(&vp->common, VIRTIO_PCI_LEGACY_QUEUE_SIZE);
}

static bool queue_size_fixed(struct virtio_device *vdev __unused)
{
	return true;
}

static u16 map_config(struct virtio_pci *vp, u16 vector)
{
	virtio_write16(&vp->common, VIRTIO_PCI_LEGACY_CONFIG_VECTOR, vector);
	return virtio_read16(&vp->common, VIRTIO_PCI_LEGACY_CONFIG_VECTOR);
}

static u16 map_queue(struct virtio_pci *vp, unsigned index, u16 vector)
{
	select_queue(vp, index);
	if (!virtio_read16(&vp->common, VIRTIO_PCI_LEGACY_QUEUE_SIZE))
		return vector;
	virtio_write16(&vp->common, VIRTIO_PCI_LEGACY_QUEUE_VECTOR, vector);
	return virtio_read16(&vp->common, VIRTIO_PCI_LEGACY_QUEUE_VECTOR);
}

static const struct virtio_pci_events legacy_events = {
	.map_config = map_config,
	.map_queue = map_queue,
};

/* Its vector was written by virtio_pci_start_interrupts(), and stays. */
static int enable_queue(struct virtio_device *vdev, unsigned index,
			unsigned slot __unused,
			const struct virtqueue_place *place)
{
	const struct virtio_pci *vp = to_virtio_pci(vdev);
	u64 page = place->descriptors / VIRTIO_PCI_LEGACY_ALIGN;

	if (page > UINT32_MAX || place->descriptors % VIRTIO_PCI_LEGACY_ALIGN) {
		pr_err("%s: queue %u cannot be at %#llx", vp->pdev->dev.name,
		       index, (unsigned long long)place->descriptors);
		return -EINVAL;
	}
	select_queue(vp, index);
	if (virtio_read32(&vp->common, VIRTIO_PCI_LEGACY_QUEUE_ADDRESS)) {
		pr_err("%s: queue %u is enabled already", vp->pdev->dev.name,
		       index);
		return -EIO;
	}
	virtio_write32(&vp->common, VIRTIO_PCI_LEGACY_QUEUE_ADDRESS, (u32)page);
	return 0;
}

static int reset_queue(struct virtio_device *vdev __unused,
		       unsigned index __unused)
{
	return -EOPNOTSUPP;
}

static void notify(struct virtio_device *vdev, unsigned index,
		   u32 data __unused)
{
	virtio_write16(&to_virtio_pci(vdev)->common,
		       VIRTIO_PCI_LEGACY_QUEUE_NOTIFY, (u16)index);
}

static const u8 legacy_features[] = { VIRTIO_FEATURES_END };

static const struct virtio_transport virtio_pci_legacy = {
	.name = "pci-legacy",
	.get_status = get_status,
	.set_status = set_status,
	.get_features = get_features,
	.set_features = set_features,
	.config_size = config_size,
	.read_config = read_config,
	.write_config = write_config,
	.config_generation = config_generation,
	.start_interrupts = virtio_pci_start_interrupts,
	.stop_interrupts = virtio_pci_stop_interrupts,
	.queue_size_max = queue_size_max,
	.queue_size_fixed = queue_size_fixed,
	.enable_queue = enable_queue,
	.reset_queue = reset_queue,
	.notify = notify,
	.isolate = virtio_pci_isolate,
	.interrupt_cpu = virtio_pci_interrupt_cpu,
	.features = legacy_features,
	.legacy_align = VIRTIO_PCI_LEGACY_ALIGN,
	.release = virtio_pci_release,
};

int virtio_pci_legacy_open(struct virtio_pci *vp)
{
	struct virtio_pci_place all = { .length = vp->pdev->region[0].size };
	struct virtio_pci_place isr = {
		.offset = VIRTIO_PCI_LEGACY_ISR,
		.length = 1,
	};

	if (all.length < VIRTIO_PCI_LEGACY_CONFIG_MSIX) {
		pr_err("%s: region 0 has %#llx bytes, less than the registers",
		       vp->pdev->dev.name, (unsigned long long)all.length);
		return -EIO;
	}
	vp->events = &legacy_events;
	vp->vdev.transport = &virtio_pci_legacy;
	return virtio_pci_map(vp, &all, all.length, &vp->common)
		       ?: virtio_pci_map(vp, &isr, isr.length, &vp->isr);
}
