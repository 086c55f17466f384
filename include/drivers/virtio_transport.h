/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a virtio transport gives the core: PCI (virtio 1.3, 4.1), MMIO (4.2),
 * and the fake one of the tests. Transports move bytes; they know nothing of
 * rings or device types. Their calls are made in threads and the boot unless
 * it says otherwise, one at a time for each device.
 */
#pragma once

#include <drivers/virtio.h>

/* Where a queue's parts are, as the device sees them. */
struct virtqueue_place {
	dma_addr_t descriptors;
	dma_addr_t driver; /* available ring, driver event suppression */
	dma_addr_t device; /* used ring, device event suppression */
	u16 size;	   /* descriptors */
};

struct virtio_transport {
	const char *name; /* "pci" */
	/* Status field (2.1). Any context. A device that is gone: 0xff. */
	u8 (*get_status)(struct virtio_device *vdev);
	void (*set_status)(struct virtio_device *vdev, u8 status);
	/* Feature bits; a legacy device has only the low 32. */
	void (*get_features)(struct virtio_device *vdev,
			     struct virtio_features *features);
	void (*set_features)(struct virtio_device *vdev,
			     const struct virtio_features *features);
	/* Device configuration: @size 1, 2, 4 or 8, within config_size(). */
	unsigned (*config_size)(struct virtio_device *vdev);
	void (*read_config)(struct virtio_device *vdev, unsigned offset,
			    void *buffer, unsigned size);
	void (*write_config)(struct virtio_device *vdev, unsigned offset,
			     const void *buffer, unsigned size);
	/* Generation of the configuration; a legacy one has none: 0. */
	u32 (*config_generation)(struct virtio_device *vdev);
	/*
	 * Interrupts for @count queues and configuration changes, as good as
	 * can be had: one each, shared, one for all. 0 or -errno.
	 */
	int (*start_interrupts)(struct virtio_device *vdev,
				const struct virtqueue_config *configs,
				unsigned count);
	/* None of the core's functions is called any more on return. */
	void (*stop_interrupts)(struct virtio_device *vdev);
	/* Descriptors that queue @index can have; 0: it is not there. */
	unsigned (*queue_size_max)(struct virtio_device *vdev, unsigned index);
	/* True if queues have just that many: it cannot be chosen (legacy). */
	bool (*queue_size_fixed)(struct virtio_device *vdev);
	/*
	 * Tell the device where queue @index is, and enable it. @slot is its
	 * place in what start_interrupts() got. 0 or -errno.
	 */
	int (*enable_queue)(struct virtio_device *vdev, unsigned index,
			    unsigned slot, const struct virtqueue_place *place);
	/* For VIRTIO_F_RING_RESET: 0, -EOPNOTSUPP or -ETIMEDOUT. */
	int (*reset_queue)(struct virtio_device *vdev, unsigned index);
	/*
	 * An available buffer notification (2.9), any context: @data is what
	 * VIRTIO_F_NOTIFICATION_DATA sends with it, the low half of it being
	 * @index if it was not negotiated.
	 */
	void (*notify)(struct virtio_device *vdev, unsigned index, u32 data);
	/*
	 * The device does not complete a reset: cut it off from memory, by
	 * other means. True: it cannot read or write any more. May be NULL.
	 */
	bool (*isolate)(struct virtio_device *vdev);
	/* Which CPU takes the interrupt of slot @slot; VIRTQUEUE_ANY: many. */
	unsigned (*interrupt_cpu)(struct virtio_device *vdev, unsigned slot);
	/* Shared memory region (2.10): 0 or -ENOENT. May be NULL. */
	int (*shared_memory)(struct virtio_device *vdev, u8 id,
			     phys_addr_t *start, u64 *size);
	/*
	 * Features of the transport, VIRTIO_FEATURES_END behind them
	 * (VIRTIO_F_SR_IOV, VIRTIO_F_NOTIFICATION_DATA, ...).
	 */
	const u8 *features;
	/* Alignment of a legacy ring's used part: 4096 on PCI; 0: not legacy.
	 */
	unsigned legacy_align;
	/* Nobody refers to the device any more: its memory is yours again. */
	void (*release)(struct virtio_device *vdev);
};

/**
 * Add @vdev, whose dev.parent, transport, type, vendor and legacy are set. The
 * transport is checked: a function that is missing is -EINVAL. 0, or what
 * device_register() says.
 */
int virtio_device_register(struct virtio_device *vdev);
/**
 * Take it away. 0 or -errno as device_unregister(). For a device that is gone
 * already, virtio_break() comes first.
 */
int virtio_device_unregister(struct virtio_device *vdev);

/** Queue in slot @slot interrupted. With interrupts masked. */
void virtio_queue_interrupt(struct virtio_device *vdev, unsigned slot);
/** The same for one interrupt for all queues: how many had something. */
unsigned virtio_all_queues_interrupt(struct virtio_device *vdev);
/** The configuration or the status changed. With interrupts masked. */
void virtio_config_interrupt(struct virtio_device *vdev);
