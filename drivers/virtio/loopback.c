/* SPDX-License-Identifier: BSD-2-Clause */
#include <abi/virtio/ring.h>
#include <kernel/atomic.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include "loopback.h"

#define AVAIL_USED (VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED)

static struct loopback *loopback_of(const struct virtio_device *vdev)
{
	return container_of(vdev, struct loopback, vdev);
}

static u8 get_status(struct virtio_device *vdev)
{
	return loopback_of(vdev)->status;
}

static void set_status(struct virtio_device *vdev, u8 status)
{
	loopback_of(vdev)->status = status;
}

static void get_features(struct virtio_device *vdev,
			 struct virtio_features *features)
{
	features->word[0] =
		loopback_of(vdev)->offered | BIT64(VIRTIO_F_VERSION_1);
	features->word[1] = 0;
}

static void set_features(struct virtio_device *vdev,
			 const struct virtio_features *features)
{
	loopback_of(vdev)->packed =
		virtio_feature_test(features, VIRTIO_F_RING_PACKED);
}

static unsigned config_size(struct virtio_device *vdev __unused)
{
	return 0;
}

static void read_config(struct virtio_device *vdev __unused,
			unsigned offset __unused, void *buffer __unused,
			unsigned size __unused)
{
}

static void write_config(struct virtio_device *vdev __unused,
			 unsigned offset __unused, const void *buffer __unused,
			 unsigned size __unused)
{
}

static u32 config_generation(struct virtio_device *vdev __unused)
{
	return 0;
}

static int start_interrupts(struct virtio_device *vdev __unused,
			    const struct virtqueue_config *configs __unused,
			    unsigned count)
{
	return count == 1 ? 0 : -EINVAL;
}

static void stop_interrupts(struct virtio_device *vdev __unused)
{
}

static unsigned queue_size_max(struct virtio_device *vdev __unused,
			       unsigned index)
{
	return index ? 0 : LOOPBACK_SIZE;
}

static bool queue_size_fixed(struct virtio_device *vdev __unused)
{
	return false;
}

static int enable_queue(struct virtio_device *vdev, unsigned index __unused,
			unsigned slot __unused,
			const struct virtqueue_place *place)
{
	struct loopback *device = loopback_of(vdev);

	device->place = *place;
	device->taken = device->used = 0;
	device->wrap = AVAIL_USED;
	return 0;
}

static int reset_queue(struct virtio_device *vdev __unused,
		       unsigned index __unused)
{
	return -EOPNOTSUPP;
}

static void serve_split(struct loopback *device)
{
	unsigned mask = device->place.size - 1U;
	const struct virtq_avail *avail = phys_to_virt(device->place.driver);
	struct virtq_used *used = phys_to_virt(device->place.device);
	u16 end = atomic_load_acquire((const __force u16 *)&avail->idx);

	for (; device->taken != end; device->taken++) {
		struct virtq_used_elem *e = &used->ring[device->used++ & mask];
		u16 id = le16_to_cpu(avail->ring[device->taken & mask]);

		e->id = cpu_to_le32(device->lies ? id + 1U : id);
		e->len = cpu_to_le32(0);
	}
	atomic_store_release((__force u16 *)&used->idx, device->used);
	/* It wants to hear of the next one: avail_event. */
	*(le16 *)(void *)&used->ring[mask + 1] = cpu_to_le16(device->taken);
}

static bool is_available(u16 flags, u16 wrap)
{
	return (flags & AVAIL_USED) == (wrap ^ VIRTQ_DESC_F_USED);
}

/* Descriptors of the chain at @desc, whose last one has its id. */
static unsigned chain(const struct pvirtq_desc *desc, unsigned first,
		      unsigned size, u16 *id)
{
	unsigned count = 1, at = first;

	while (le16_to_cpu(desc[at].flags) & VIRTQ_DESC_F_NEXT &&
	       count < size) {
		at = at + 1 < size ? at + 1 : 0;
		count++;
	}
	*id = le16_to_cpu(desc[at].id);
	return count;
}

/* What is taken is used at once, so both are at the same place. */
static void serve_packed(struct loopback *device)
{
	struct pvirtq_desc *desc = phys_to_virt(device->place.descriptors);

	for (;;) {
		struct pvirtq_desc *d = &desc[device->used];
		__force u16 *flags = (__force u16 *)&d->flags;
		unsigned next = device->used;
		u16 id;

		if (!is_available(atomic_load_acquire(flags), device->wrap))
			return;
		next += chain(desc, device->used, device->place.size, &id);
		d->id = cpu_to_le16((u16)(device->lies ? id + 1 : id));
		d->len = cpu_to_le32(0);
		atomic_store_release(flags, device->wrap);
		if (next >= device->place.size) {
			next -= device->place.size;
			device->wrap ^= AVAIL_USED;
		}
		device->used = (u16)next;
	}
}

static void notify(struct virtio_device *vdev, unsigned index __unused,
		   u32 data __unused)
{
	struct loopback *device = loopback_of(vdev);

	if (device->packed)
		serve_packed(device);
	else
		serve_split(device);
}

static unsigned interrupt_cpu(struct virtio_device *vdev __unused,
			      unsigned slot __unused)
{
	return VIRTQUEUE_ANY;
}

static void release(struct virtio_device *vdev)
{
	loopback_of(vdev)->released = true;
}

static const u8 no_features[] = { VIRTIO_FEATURES_END };

static const struct virtio_transport loopback_transport = {
	.name = "loopback",
	.get_status = get_status,
	.set_status = set_status,
	.get_features = get_features,
	.set_features = set_features,
	.config_size = config_size,
	.read_config = read_config,
	.write_config = write_config,
	.config_generation = config_generation,
	.start_interrupts = start_interrupts,
	.stop_interrupts = stop_interrupts,
	.queue_size_max = queue_size_max,
	.queue_size_fixed = queue_size_fixed,
	.enable_queue = enable_queue,
	.reset_queue = reset_queue,
	.notify = notify,
	.interrupt_cpu = interrupt_cpu,
	.features = no_features,
	.release = release,
};

int loopback_add(struct loopback *device)
{
	device->vdev.transport = &loopback_transport;
	device->vdev.type = LOOPBACK_TYPE;
	return virtio_device_register(&device->vdev);
}

void loopback_remove(struct loopback *device)
{
	virtio_device_unregister(&device->vdev);
}
