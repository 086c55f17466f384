/* SPDX-License-Identifier: BSD-2-Clause */
/* The modern interface of virtio-pci devices: virtio 1.3, 4.1.4 and 4.1.5. */
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include "virtio_pci.h"

/* Policy: bounds what a device makes us map and allocate. */
#define QUEUES_MAX     4096
#define NOTIFY_MAP_MAX (16U << 20) /* 4096 queues, a page for each */
#define DEVICE_MAP_MAX 4096	   /* no type has as much: 4.1.4 */

/* How often to ask whether a queue was reset. */
#define QUEUE_RESET_POLL_NS (100 * NSEC_PER_USEC)

#define COMMON(field) offsetof(struct virtio_pci_common_cfg, field)

static u8 get_status(struct virtio_device *vdev)
{
	return virtio_read8(&to_virtio_pci(vdev)->common,
			    COMMON(device_status));
}

static void set_status(struct virtio_device *vdev, u8 status)
{
	virtio_write8(&to_virtio_pci(vdev)->common, COMMON(device_status),
		      status);
}

static bool has_common(const struct virtio_pci *vp, u32 offset, u32 size)
{
	return vp->common.size >= offset + size;
}

/* Features whose registers the device does not have cannot be used. */
static void drop_unusable(const struct virtio_pci *vp,
			  struct virtio_features *features)
{
	if (!has_common(vp, COMMON(queue_notif_config_data), 2))
		virtio_feature_clear(features, VIRTIO_F_NOTIF_CONFIG_DATA);
	if (!has_common(vp, COMMON(queue_reset), 2))
		virtio_feature_clear(features, VIRTIO_F_RING_RESET);
	/* It is written by 32 bits, at addresses for that: 4.1.4.4.1. */
	if (vp->notify.size < 4 || vp->notify_multiplier % 4 ||
	    (uintptr_t)vp->notify.memory % 4 || vp->notify.port % 4)
		virtio_feature_clear(features, VIRTIO_F_NOTIFICATION_DATA);
}

/* Types of 1.3 have features up to bit 63; asking for more costs exits. */
static void get_features(struct virtio_device *vdev,
			 struct virtio_features *features)
{
	const struct virtio_pci *vp = to_virtio_pci(vdev);

	*features = (struct virtio_features){ 0 };
	for (u32 i = 0; i < 2; i++) {
		virtio_write32(&vp->common, COMMON(device_feature_select), i);
		features->word[0] |=
			(u64)virtio_read32(&vp->common, COMMON(device_feature))
			<< (32 * i);
	}
	drop_unusable(vp, features);
}

static void set_features(struct virtio_device *vdev,
			 const struct virtio_features *features)
{
	const struct virtio_pci *vp = to_virtio_pci(vdev);

	for (u32 i = 0; i < 2; i++) {
		virtio_write32(&vp->common, COMMON(driver_feature_select), i);
		virtio_write32(&vp->common, COMMON(driver_feature),
			       (u32)(features->word[0] >> (32 * i)));
	}
}

static unsigned config_size(struct virtio_device *vdev)
{
	return to_virtio_pci(vdev)->device.size;
}

static void read_config(struct virtio_device *vdev, unsigned offset,
			void *buffer, unsigned size)
{
	virtio_read_field(&to_virtio_pci(vdev)->device, offset, buffer, size);
}

static void write_config(struct virtio_device *vdev, unsigned offset,
			 const void *buffer, unsigned size)
{
	virtio_write_field(&to_virtio_pci(vdev)->device, offset, buffer, size);
}

static u32 config_generation(struct virtio_device *vdev)
{
	return virtio_read8(&to_virtio_pci(vdev)->common,
			    COMMON(config_generation));
}

static void select_queue(const struct virtio_pci *vp, unsigned index)
{
	virtio_write16(&vp->common, COMMON(queue_select), (u16)index);
}

/* Make room for as many queues as the device has now. 0 or -ENOMEM. */
static int count_queues(struct virtio_pci *vp)
{
	unsigned count =
		MIN(virtio_read16(&vp->common, COMMON(num_queues)), QUEUES_MAX);
	struct virtio_pci_queue *queue;

	if (vp->queue && count <= vp->queue_count)
		return 0;
	queue = kzalloc(MAX(count, 1U) * sizeof(*queue));
	if (!queue)
		return -ENOMEM;
	if (vp->queue)
		memcpy(queue, vp->queue, vp->queue_count * sizeof(*queue));
	kfree(vp->queue);
	vp->queue = queue;
	vp->queue_count = count;
	return 0;
}

/*
 * Some queues are there only with the feature that they are for: QEMU's (7.2)
 * network device has num_queues change when features are written. No queue is
 * enabled while queues are looked for, so nobody else uses the array.
 */
static unsigned queue_size_max(struct virtio_device *vdev, unsigned index)
{
	struct virtio_pci *vp = to_virtio_pci(vdev);

	if (index >= vp->queue_count &&
	    (count_queues(vp) || index >= vp->queue_count))
		return 0;
	select_queue(vp, index);
	return virtio_read16(&vp->common, COMMON(queue_size));
}

static bool queue_size_fixed(struct virtio_device *vdev __unused)
{
	return false;
}

static u16 map_config(struct virtio_pci *vp, u16 vector)
{
	virtio_write16(&vp->common, COMMON(config_msix_vector), vector);
	return virtio_read16(&vp->common, COMMON(config_msix_vector));
}

/* A queue that is not there has no vector, which virtio_pci_irq.c bears. */
static u16 map_queue(struct virtio_pci *vp, unsigned index, u16 vector)
{
	if (!queue_size_max(&vp->vdev, index))
		return vector;
	virtio_write16(&vp->common, COMMON(queue_msix_vector), vector);
	return virtio_read16(&vp->common, COMMON(queue_msix_vector));
}

static const struct virtio_pci_events modern_events = {
	.map_config = map_config,
	.map_queue = map_queue,
};

static void write_address(const struct virtio_pci *vp, u32 offset, u64 address)
{
	virtio_write32(&vp->common, offset, (u32)address);
	virtio_write32(&vp->common, offset + 4, (u32)(address >> 32));
}

/* Where and with what the queue, which is selected, is notified (4.1.5.2). */
static int read_notification(struct virtio_pci *vp, unsigned index,
			     struct virtio_pci_queue *queue)
{
	u16 off = virtio_read16(&vp->common, COMMON(queue_notify_off));
	u64 offset = (u64)off * vp->notify_multiplier;
	bool wide = virtio_has(&vp->vdev, VIRTIO_F_NOTIFICATION_DATA);

	if (offset + (wide ? 4 : 2) > vp->notify.size || offset % 2) {
		pr_err("%s: queue %u is notified at %#llx of %#x bytes: "
		       "cannot be",
		       vp->pdev->dev.name, index, (unsigned long long)offset,
		       vp->notify.size);
		return -EIO;
	}
	queue->notify_offset = (u32)offset;
	queue->notify_data = (u16)index;
	if (virtio_has(&vp->vdev, VIRTIO_F_NOTIF_CONFIG_DATA))
		queue->notify_data =
			virtio_read16(&vp->common,
				      COMMON(queue_notif_config_data));
	return 0;
}

/* A reset of the queue alone has unmapped its vector. */
static int write_vector(struct virtio_pci *vp, unsigned index, unsigned slot)
{
	u16 vector = virtio_pci_slot_vector(vp, slot);

	if (!vp->messages || map_queue(vp, index, vector) == vector)
		return 0;
	pr_err("%s: queue %u does not take vector %u", vp->pdev->dev.name,
	       index, vector);
	return -EIO;
}

static int enable_queue(struct virtio_device *vdev, unsigned index,
			unsigned slot, const struct virtqueue_place *place)
{
	struct virtio_pci *vp = to_virtio_pci(vdev);
	struct virtio_pci_queue queue = { 0 };
	int ret;

	if (index >= vp->queue_count)
		return -ENOENT;
	select_queue(vp, index);
	if (virtio_read16(&vp->common, COMMON(queue_enable))) {
		pr_err("%s: queue %u is enabled already", vp->pdev->dev.name,
		       index);
		return -EIO;
	}
	ret = read_notification(vp, index, &queue)
		      ?: write_vector(vp, index, slot);
	if (ret)
		return ret;
	virtio_write16(&vp->common, COMMON(queue_size), place->size);
	write_address(vp, COMMON(queue_desc), place->descriptors);
	write_address(vp, COMMON(queue_driver), place->driver);
	write_address(vp, COMMON(queue_device), place->device);
	vp->queue[index] = queue;
	virtio_write16(&vp->common, COMMON(queue_enable), 1);
	return 0;
}

/* 4.1.4.3.2; the queue can be enabled again afterwards. */
static int reset_queue(struct virtio_device *vdev, unsigned index)
{
	struct virtio_pci *vp = to_virtio_pci(vdev);
	u64 deadline = time_ns() + VIRTIO_RESET_TIMEOUT_MS * NSEC_PER_MSEC;

	if (!virtio_has(vdev, VIRTIO_F_RING_RESET) || index >= vp->queue_count)
		return -EOPNOTSUPP;
	select_queue(vp, index);
	virtio_write16(&vp->common, COMMON(queue_reset), 1);
	while (virtio_read16(&vp->common, COMMON(queue_reset)) ||
	       virtio_read16(&vp->common, COMMON(queue_enable))) {
		if (time_ns() > deadline)
			return -ETIMEDOUT;
		thread_sleep_ns(QUEUE_RESET_POLL_NS);
	}
	return 0;
}

static void notify(struct virtio_device *vdev, unsigned index, u32 data)
{
	const struct virtio_pci *vp = to_virtio_pci(vdev);
	const struct virtio_pci_queue *queue = &vp->queue[index];

	if (virtio_has(vdev, VIRTIO_F_NOTIFICATION_DATA))
		virtio_write32(&vp->notify, queue->notify_offset,
			       (data & 0xffff0000) | queue->notify_data);
	else
		virtio_write16(&vp->notify, queue->notify_offset,
			       queue->notify_data);
}

static int shared_memory(struct virtio_device *vdev, u8 id, phys_addr_t *start,
			 u64 *size)
{
	const struct pci_device *pdev = to_virtio_pci(vdev)->pdev;
	struct virtio_pci_place place;
	int ret = virtio_pci_find_shared(pdev, id, &place);

	if (ret || !pdev->region[place.bar].start)
		return -ENOENT;
	*start = pdev->region[place.bar].start + place.offset;
	*size = place.length;
	return 0;
}

static const u8 modern_features[] = {
	VIRTIO_F_NOTIFICATION_DATA,
	VIRTIO_F_NOTIF_CONFIG_DATA,
	VIRTIO_F_RING_RESET,
	VIRTIO_FEATURES_END,
};

static const struct virtio_transport virtio_pci_modern = {
	.name = "pci",
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
	.shared_memory = shared_memory,
	.features = modern_features,
	.release = virtio_pci_release,
};

static int map_structures(struct virtio_pci *vp,
			  const struct virtio_pci_layout *layout)
{
	int ret = virtio_pci_map(vp, &layout->common,
				 sizeof(struct virtio_pci_common_cfg),
				 &vp->common) ?:
		  virtio_pci_map(vp, &layout->notify, NOTIFY_MAP_MAX,
				 &vp->notify) ?:
		  virtio_pci_map(vp, &layout->isr, 1, &vp->isr);

	if (!ret && layout->device.length)
		ret = virtio_pci_map(vp, &layout->device, DEVICE_MAP_MAX,
				     &vp->device);
	return ret;
}

int virtio_pci_modern_open(struct virtio_pci *vp,
			   const struct virtio_pci_layout *layout)
{
	int ret = map_structures(vp, layout);

	if (ret)
		return ret;
	vp->notify_multiplier = layout->notify_multiplier;
	ret = count_queues(vp);
	if (ret)
		return ret;
	vp->events = &modern_events;
	vp->vdev.transport = &virtio_pci_modern;
	return 0;
}
