/* SPDX-License-Identifier: BSD-2-Clause */
/* What the transports share. */
#pragma once

#include <drivers/virtio_transport.h>

/**
 * virtio_device_unregister(), waiting for somebody who is binding or unbinding
 * @vdev right now. 0: @vdev and its transport's memory are gone, or go with
 * the last reference. -errno, after a message: all stays as it is. Sleeps.
 */
int virtio_transport_unregister(struct virtio_device *vdev);
