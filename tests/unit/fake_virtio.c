/* SPDX-License-Identifier: BSD-2-Clause */
/* The transport: registers that are memory. */
#include <kernel/errno.h>
#include <kernel/string.h>
#include "fake_virtio.h"

static struct fake_virtio *fake_of(const struct virtio_device *vdev)
{
	return container_of(vdev, struct fake_virtio, vdev);
}

void fake_require(bool kept, const char *what, int line)
{
	if (kept)
		return;
	printf("fake virtio, line %d: the driver must keep to this: %s\n", line,
	       what);
	abort();
}

static u8 get_status(struct virtio_device *vdev)
{
	struct fake_virtio *fake = fake_of(vdev);

	return fake->gone ? 0xff : fake->status;
}

static void reset(struct fake_virtio *fake)
{
	for (unsigned i = 0; i < FAKE_QUEUES; i++) {
		struct fake_queue *q = &fake->queues[i];

		*q = (struct fake_queue){
			.size_max = q->size_max,
			.cannot_reset = q->cannot_reset,
			.notifications = q->notifications,
		};
	}
	fake->status = 0;
}

static void set_status(struct virtio_device *vdev, u8 status)
{
	struct fake_virtio *fake = fake_of(vdev);

	fake->status_log[fake->status_writes++ % sizeof(fake->status_log)] =
		status;
	if (!status) {
		if (!fake->never_resets)
			reset(fake);
		return;
	}
	REQUIRE((status & fake->status) == fake->status,
		"2.1.1: no bit is cleared");
	REQUIRE(!(status & VIRTIO_STATUS_DRIVER_OK) || vdev->legacy ||
			(status & VIRTIO_STATUS_FEATURES_OK),
		"3.1.1: FEATURES_OK before DRIVER_OK");
	if (fake->refuses_features)
		status &= (u8)~VIRTIO_STATUS_FEATURES_OK;
	fake->status = status;
}

static void get_features(struct virtio_device *vdev,
			 struct virtio_features *features)
{
	struct fake_virtio *fake = fake_of(vdev);

	*features = fake->offered;
	if (fake->feature_reads++ % 2)
		features->word[0] ^= fake->features_toggle;
}

static void set_features(struct virtio_device *vdev,
			 const struct virtio_features *features)
{
	struct fake_virtio *fake = fake_of(vdev);
	u64 may = fake->offered.word[0] | fake->features_toggle;

	REQUIRE(!(fake->status & VIRTIO_STATUS_FEATURES_OK),
		"3.1.1: no features after FEATURES_OK");
	REQUIRE(!(features->word[0] & ~may) &&
			!(features->word[1] & ~fake->offered.word[1]),
		"2.2.1: only what is offered");
	REQUIRE(!vdev->legacy || !(features->word[0] >> 32),
		"a legacy device has 32 features");
	fake->accepted = *features;
}

static unsigned config_size(struct virtio_device *vdev)
{
	return fake_of(vdev)->config_size;
}

static void read_config(struct virtio_device *vdev, unsigned offset,
			void *buffer, unsigned size)
{
	struct fake_virtio *fake = fake_of(vdev);

	REQUIRE(size == 1 || size == 2 || size == 4 || size == 8,
		"fields are read whole");
	REQUIRE(offset + size <= fake->config_size, "within the space");
	memcpy(buffer, fake->config + offset, size);
	if (fake->config_changes) {
		fake->config_changes--;
		fake->generation++;
		for (unsigned i = 0; i < fake->config_size; i++)
			fake->config[i]++;
	}
}

static void write_config(struct virtio_device *vdev, unsigned offset,
			 const void *buffer, unsigned size)
{
	struct fake_virtio *fake = fake_of(vdev);

	REQUIRE(fake->any_write || (fake->status & VIRTIO_STATUS_FEATURES_OK ||
				    vdev->legacy),
		"3.1.1: nothing is written before FEATURES_OK");
	REQUIRE(offset + size <= fake->config_size, "within the space");
	memcpy(fake->config + offset, buffer, size);
	fake->config_written++;
}

static u32 config_generation(struct virtio_device *vdev)
{
	return vdev->legacy ? 0 : fake_of(vdev)->generation;
}

static int start_interrupts(struct virtio_device *vdev,
			    const struct virtqueue_config *configs,
			    unsigned count)
{
	struct fake_virtio *fake = fake_of(vdev);

	REQUIRE(!fake->interrupts_started, "interrupts are started once");
	fake->interrupts_started = !fake->start_interrupts_error;
	return fake->start_interrupts_error;
}

static void stop_interrupts(struct virtio_device *vdev)
{
	struct fake_virtio *fake = fake_of(vdev);

	REQUIRE(fake->interrupts_started, "what was started is stopped");
	fake->interrupts_started = false;
}

static unsigned queue_size_max(struct virtio_device *vdev, unsigned index)
{
	struct fake_virtio *fake = fake_of(vdev);

	return index < fake->queue_count ? fake->queues[index].size_max : 0;
}

static bool queue_size_fixed(struct virtio_device *vdev)
{
	return fake_of(vdev)->fixed_size;
}

static void check_place(const struct fake_virtio *fake,
			const struct virtqueue_place *place)
{
	bool packed = fake_has(fake, VIRTIO_F_RING_PACKED);

	REQUIRE(place->size && place->size <= VIRTQ_SIZE_MAX, "size");
	REQUIRE(packed || !(place->size & (place->size - 1)),
		"2.7: a power of two");
	REQUIRE(!(place->descriptors % 16), "2.7, 2.8.10: alignment 16");
	REQUIRE(!(place->driver % (packed ? 4 : 2)), "alignment");
	REQUIRE(!(place->device % 4), "alignment 4");
}

/* The layout that a legacy device computes from the first address alone. */
static void check_legacy_place(const struct virtqueue_place *place,
			       unsigned align)
{
	u64 avail = 16ULL * place->size, end = avail + 6 + 2ULL * place->size;

	REQUIRE(!(place->descriptors % align), "2.7.2: alignment");
	REQUIRE(place->driver == place->descriptors + avail, "2.7.2: layout");
	REQUIRE(place->device ==
			place->descriptors + (end + align - 1) / align * align,
		"2.7.2: layout");
}

static int enable_queue(struct virtio_device *vdev, unsigned index,
			unsigned slot, const struct virtqueue_place *place)
{
	struct fake_virtio *fake = fake_of(vdev);
	struct fake_queue *q = &fake->queues[index];

	if (fake->enable_queue_error)
		return fake->enable_queue_error;
	REQUIRE(!q->enabled, "a queue is enabled once");
	REQUIRE(place->size <= q->size_max, "no more than the device has");
	check_place(fake, place);
	if (vdev->legacy)
		check_legacy_place(place, vdev->transport->legacy_align);
	q->enabled = true;
	q->slot = slot;
	q->place = *place;
	q->available_wrap = q->used_wrap = q->signalled_wrap = true;
	q->next_available = q->next_used = q->signalled = 0;
	q->outstanding = q->used_since = 0;
	return 0;
}

static int reset_queue(struct virtio_device *vdev, unsigned index)
{
	struct fake_virtio *fake = fake_of(vdev);

	REQUIRE(fake_has(fake, VIRTIO_F_RING_RESET), "2.6.1: negotiated");
	if (fake->queues[index].cannot_reset)
		return -ETIMEDOUT;
	fake->queues[index].enabled = false;
	return 0;
}

static void notify(struct virtio_device *vdev, unsigned index, u32 data)
{
	struct fake_virtio *fake = fake_of(vdev);
	struct fake_queue *q = &fake->queues[index];

	REQUIRE(fake->status & VIRTIO_STATUS_DRIVER_OK,
		"3.1.1: no notification before DRIVER_OK");
	REQUIRE(q->enabled, "queues that are notified are enabled");
	REQUIRE((data & 0xffff) == index, "2.9: the queue's index");
	REQUIRE(fake_has(fake, VIRTIO_F_NOTIFICATION_DATA) || data == index,
		"2.9: data is negotiated");
	q->notifications++;
	q->notify_data = data;
	if (fake->serve)
		fake->serve(fake, index);
}

static unsigned interrupt_cpu(struct virtio_device *vdev, unsigned slot)
{
	return VIRTQUEUE_ANY;
}

static bool isolate(struct virtio_device *vdev)
{
	struct fake_virtio *fake = fake_of(vdev);

	fake->isolated++;
	return !fake->no_isolation;
}

static void release(struct virtio_device *vdev)
{
	fake_of(vdev)->released = true;
}

static const u8 transport_features[] = { VIRTIO_F_NOTIFICATION_DATA,
					 VIRTIO_FEATURES_END };

static const struct virtio_transport fake_transport = {
	.name = "fake",
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
	.isolate = isolate,
	.interrupt_cpu = interrupt_cpu,
	.features = transport_features,
	.legacy_align = 4096,
	.release = release,
};

void fake_virtio_init(struct fake_virtio *fake, u32 type)
{
	memset(fake, 0, sizeof(*fake));
	fake->vdev.transport = &fake_transport;
	fake->vdev.type = type;
	fake_offer(fake, VIRTIO_F_VERSION_1);
}

void fake_offer(struct fake_virtio *fake, unsigned feature)
{
	virtio_feature_set(&fake->offered, feature);
}

bool fake_has(const struct fake_virtio *fake, unsigned feature)
{
	return virtio_feature_test(&fake->accepted, feature);
}

int fake_virtio_add(struct fake_virtio *fake)
{
	int ret = virtio_device_register(&fake->vdev);

	REQUIRE(!ret, "it can be registered");
	fake->released = false;
	/* The boot's binding of all devices does not run in tests. */
	if (fake->vdev.dev.state == DEVICE_UNBOUND)
		ret = device_bind(&fake->vdev.dev, NULL);
	return ret;
}

void fake_virtio_remove(struct fake_virtio *fake)
{
	REQUIRE(!virtio_device_unregister(&fake->vdev), "it can be taken away");
	REQUIRE(fake->released, "nobody refers to it any more");
	REQUIRE(!fake->interrupts_started, "its interrupts were stopped");
}

void fake_config_interrupt(struct fake_virtio *fake)
{
	virtio_config_interrupt(&fake->vdev);
}
