/* SPDX-License-Identifier: BSD-2-Clause */
/* Device configuration space: virtio 1.3, 2.5. */
#include <kernel/errno.h>
#include <kernel/string.h>
#include "internal.h"

/* Policy: how often a configuration that changes while it is read is read. */
#define READS_MAX 16

static bool is_field(unsigned size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* What is there, of a size that the device chose; the rest is 0. */
static void read_once(struct virtio_device *vdev, unsigned offset, u8 *to,
		      unsigned size)
{
	const struct virtio_transport *transport = vdev->transport;
	unsigned end = transport->config_size(vdev);
	unsigned there = offset < end ? MIN(size, end - offset) : 0;

	memset(to, 0, size);
	if (is_field(size) && there == size) {
		transport->read_config(vdev, offset, to, size);
		return;
	}
	for (unsigned i = 0; !is_field(size) && i < there; i++)
		transport->read_config(vdev, offset + i, to + i, 1);
}

/* Legacy devices have no generation: two reads must agree (2.5.4). */
static bool agrees(struct virtio_device *vdev, unsigned offset, const u8 *with,
		   unsigned size)
{
	u8 again[8];

	if (!is_field(size)) {
		for (unsigned i = 0; i < size; i++) {
			read_once(vdev, offset + i, again, 1);
			if (*again != with[i])
				return false;
		}
		return true;
	}
	read_once(vdev, offset, again, size);
	return !memcmp(again, with, size);
}

static bool read_stable(struct virtio_device *vdev, unsigned offset, u8 *to,
			unsigned size)
{
	u32 before = vdev->transport->config_generation(vdev);

	read_once(vdev, offset, to, size);
	if (vdev->legacy)
		return agrees(vdev, offset, to, size);
	return vdev->transport->config_generation(vdev) == before;
}

static int read_locked(struct virtio_device *vdev, unsigned offset, u8 *to,
		       unsigned size)
{
	for (unsigned n = 0; n < READS_MAX; n++) {
		if (virtio_is_broken(vdev))
			break;
		if (read_stable(vdev, offset, to, size))
			return 0;
	}
	memset(to, 0, size);
	return -EIO;
}

int virtio_read_config(struct virtio_device *vdev, unsigned offset,
		       void *buffer, unsigned size)
{
	int ret;

	mutex_lock(&vdev->lock);
	ret = read_locked(vdev, offset, buffer, size);
	mutex_unlock(&vdev->lock);
	return ret;
}

u8 virtio_config8(struct virtio_device *vdev, unsigned offset)
{
	u8 value = 0;

	virtio_read_config(vdev, offset, &value, sizeof(value));
	return value;
}

u16 virtio_config16(struct virtio_device *vdev, unsigned offset)
{
	le16 value = 0;

	virtio_read_config(vdev, offset, &value, sizeof(value));
	return le16_to_cpu(value);
}

u32 virtio_config32(struct virtio_device *vdev, unsigned offset)
{
	le32 value = 0;

	virtio_read_config(vdev, offset, &value, sizeof(value));
	return le32_to_cpu(value);
}

u64 virtio_config64(struct virtio_device *vdev, unsigned offset)
{
	le64 value = 0;

	virtio_read_config(vdev, offset, &value, sizeof(value));
	return le64_to_cpu(value);
}

void virtio_write_config(struct virtio_device *vdev, unsigned offset,
			 const void *buffer, unsigned size)
{
	const struct virtio_transport *transport = vdev->transport;

	mutex_lock(&vdev->lock);
	if (is_field(size) && !virtio_is_broken(vdev) &&
	    size <= transport->config_size(vdev) &&
	    offset <= transport->config_size(vdev) - size)
		transport->write_config(vdev, offset, buffer, size);
	mutex_unlock(&vdev->lock);
}

int virtio_shared_memory(struct virtio_device *vdev, u8 id, phys_addr_t *start,
			 u64 *size)
{
	int ret = -ENOENT;

	if (!vdev->transport->shared_memory)
		return ret;
	mutex_lock(&vdev->lock);
	if (!virtio_is_broken(vdev))
		ret = vdev->transport->shared_memory(vdev, id, start, size);
	mutex_unlock(&vdev->lock);
	return ret;
}
