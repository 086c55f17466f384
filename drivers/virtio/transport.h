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

/* In place of interrupts, or until there was one. */
struct virtio_poll {
	struct timer timer;
	struct virtio_device *vdev;
	void (*look)(struct virtio_device *vdev);
	u64 interval_ns;
	unsigned misses; /* times that there should have been one */
	unsigned count;
	bool proved; /* there was one */
	bool active;
};

/**
 * Call virtio_all_queues_interrupt() now and then, and @look, which sees to
 * changes of the configuration, rarely. 0, or -ENODEV after a message: there
 * are no timers.
 */
int virtio_poll_start(struct virtio_poll *poll, struct virtio_device *vdev,
		      void (*look)(struct virtio_device *vdev));

/** The same while the device has a line, but virtio_poll_prove() was not. */
void virtio_poll_watch(struct virtio_poll *poll, struct virtio_device *vdev,
		       void (*look)(struct virtio_device *vdev));

/** The device interrupted. */
static inline void virtio_poll_prove(struct virtio_poll *poll)
{
	if (unlikely(!poll->proved))
		WRITE_ONCE(poll->proved, true);
}

/** Neither is called any more on return. */
void virtio_poll_stop(struct virtio_poll *poll);
