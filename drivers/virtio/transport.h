/* SPDX-License-Identifier: BSD-2-Clause */
/* What the transports share. */
#pragma once

#include <drivers/virtio_transport.h>
#include <kernel/timer.h>

/**
 * virtio_device_unregister(), waiting for somebody who is binding or unbinding
 * @vdev right now. 0: @vdev and its transport's memory are gone, or go with
 * the last reference. -errno, after a message: all stays as it is. Sleeps.
 */
int virtio_transport_unregister(struct virtio_device *vdev);

/* In place of interrupts. */
struct virtio_poll {
	struct timer timer;
	struct virtio_device *vdev;
	void (*look)(struct virtio_device *vdev);
	unsigned count;
	bool active;
};

/**
 * Call virtio_all_queues_interrupt() now and then, and @look, which sees to
 * changes of the configuration, rarely. 0, or -ENODEV after a message: there
 * are no timers.
 */
int virtio_poll_start(struct virtio_poll *poll, struct virtio_device *vdev,
		      void (*look)(struct virtio_device *vdev));
/** Neither is called any more on return. */
void virtio_poll_stop(struct virtio_poll *poll);
