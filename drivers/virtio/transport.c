/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include "transport.h"

#define UNREGISTER_TIMEOUT_MS 2000
#define UNREGISTER_POLL_NS    NSEC_PER_MSEC

int virtio_transport_unregister(struct virtio_device *vdev)
{
	u64 deadline = time_ns() + UNREGISTER_TIMEOUT_MS * NSEC_PER_MSEC;
	int ret;

	while ((ret = virtio_device_unregister(vdev)) == -EBUSY &&
	       time_ns() < deadline)
		thread_sleep_ns(UNREGISTER_POLL_NS);
	if (ret)
		pr_err("%s: it cannot be unregistered, error %d: left as it is",
		       vdev->dev.name, -ret);
	return ret;
}
