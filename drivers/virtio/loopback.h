/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio device that is memory, for self-tests and benchmarks of the core:
 * it uses each buffer as soon as it is notified, and writes nothing. One queue.
 */
#pragma once

#include <drivers/virtio_transport.h>

#define LOOPBACK_TYPE 0xfffe /* nobody's */
#define LOOPBACK_SIZE 256

struct loopback {
	struct virtio_device vdev;
	u64 offered; /* features, besides VIRTIO_F_VERSION_1 */
	u8 status;
	bool packed; /* negotiated */
	bool lies;   /* it uses what it was never given */
	bool released;
	struct virtqueue_place place;
	u16 taken, used; /* split: indices; packed: places */
	u16 wrap;	 /* packed: AVAIL and USED of what it uses next */
};

/**
 * Register @device, which is zeroed but for `offered` and must stay until
 * loopback_remove(). Nothing is bound to it. 0 or -errno.
 */
int loopback_add(struct loopback *device);
/** Unbind it and take it away. */
void loopback_remove(struct loopback *device);
