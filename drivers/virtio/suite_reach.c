/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What devices behind a pool of bounce buffers have been shown: every ring and
 * table, and every address that was ever put into one. All of it must be in
 * the pool. Descriptors are read where the device reads them; none is ever
 * cleared, so those of buffers that came back count as well.
 */
#include <kernel/mm/slab.h>
#include <kernel/selftest.h>
#include "internal.h"
#include "loopback.h"

/* A chain in the ring, and one that wants a table. */
#define PARTS_MAX  12
#define PARTS_FEW  2
#define PART_BYTES 64
#define ROUNDS	   4

static struct {
	unsigned queues, addresses;
} seen;

static void check(struct selftest *t, const struct virtqueue *vq,
		  const char *what, dma_addr_t address, size_t length)
{
	seen.addresses++;
	if (!dma_reaches(&vq->vdev->dev, address, length))
		selftest_fail(t, __FILE__, __LINE__,
			      "%s: queue %u (%s): %s at [%#llx, %#zx bytes] is "
			      "not in the pool",
			      vq->vdev->dev.name, vq->index, vq->name, what,
			      (unsigned long long)address, length);
}

/*
 * The devices of a packed ring write its lengths, so the first byte has to do
 * there. Both layouts begin with the address.
 */
static void check_descriptors(struct selftest *t, const struct virtqueue *vq,
			      const char *what, const void *memory,
			      unsigned count)
{
	const struct virtq_desc *desc = memory;

	_Static_assert(sizeof(struct virtq_desc) == sizeof(struct pvirtq_desc),
		       "one loop does for both");
	for (unsigned i = 0; i < count; i++) {
		dma_addr_t address = le64_to_cpu(READ_ONCE(desc[i].addr));
		u32 length = le32_to_cpu(READ_ONCE(desc[i].len));

		if (address)
			check(t, vq, what, address, vq->packed ? 1 : length);
	}
}

static void check_queue(struct selftest *t, const struct virtqueue *vq)
{
	const struct vq_tables *tables = &vq->tables;

	seen.queues++;
	check(t, vq, "the ring", vq->memory_address, vq->memory_size);
	check(t, vq, "its descriptors", vq->place.descriptors, 1);
	check(t, vq, "the driver's part", vq->place.driver, 1);
	check(t, vq, "the device's part", vq->place.device, 1);
	check_descriptors(t, vq, "a buffer", vq->memory, vq->size);
	if (!tables->count)
		return;
	check(t, vq, "a table", tables->address,
	      (size_t)tables->count * tables->stride);
	check_descriptors(t, vq, "a buffer in a table", tables->memory,
			  tables->count * tables->stride /
				  (unsigned)sizeof(struct virtq_desc));
}

static void check_device(struct selftest *t, struct virtio_device *vdev)
{
	if (!vdev->dev.dma_pool)
		return;
	/* Queues stay as they are meanwhile. */
	mutex_lock(&vdev->lock);
	for (unsigned i = 0; i < vdev->queue_count; i++)
		if (vdev->queues[i])
			check_queue(t, vdev->queues[i]);
	mutex_unlock(&vdev->lock);
}

/* What drivers have done so far, with devices that are there. */
static void test_devices(struct selftest *t)
{
	seen.queues = seen.addresses = 0;
	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev))
		if (dev->bus == &virtio_bus)
			check_device(t, to_virtio_device(dev));
	if (!seen.queues)
		selftest_skip(t, "no virtio device has a pool");
	else
		selftest_note(t, "%u addresses of %u queues", seen.addresses,
			      seen.queues);
}

static struct {
	struct loopback device;
	struct virtqueue *vq;
	u8 *memory;
} here;

static int reach_probe(struct virtio_device *vdev)
{
	static const struct virtqueue_config config = {
		.name = "loopback",
		.segments_max = PARTS_MAX,
		.cpu = VIRTQUEUE_ANY,
	};

	return virtio_make_queues(vdev, &config, 1, &here.vq);
}

static void reach_remove(struct virtio_device *vdev __unused)
{
	while (virtqueue_detach(here.vq))
		;
}

static const u8 no_features[] = { VIRTIO_FEATURES_END };

/* In no table: only this file binds it. */
static const struct virtio_driver reach_driver = {
	.driver = VIRTIO_DRIVER_BASE("test-reach", NULL),
	.type = LOOPBACK_TYPE,
	.features = no_features,
	.probe = reach_probe,
	.remove = reach_remove,
	.failed = reach_remove,
};

/* As many buffers as there is room for, in the ring and in the pool. */
static unsigned fill(struct selftest *t, const struct virtio_segment *segments)
{
	unsigned count = 0;
	int err;

	do {
		unsigned n = count % 2 ? PARTS_MAX : PARTS_FEW;

		err = virtqueue_add(here.vq, segments, 1, n - 1, &here);
		count += !err;
	} while (!err);
	EXPECT(t, err == -ENOSPC || err == -EAGAIN);
	return count;
}

/* Buffers of few and of many parts, all around the ring. */
static void go_around(struct selftest *t)
{
	struct virtio_segment segments[PARTS_MAX];
	u32 length;

	for (unsigned i = 0; i < PARTS_MAX; i++)
		segments[i] =
			(struct virtio_segment){ here.memory + i * PART_BYTES,
						 PART_BYTES };
	for (unsigned i = 0; i < ROUNDS && !selftest_failed(t); i++) {
		unsigned count = fill(t, segments);

		EXPECT(t, count > 1);
		check_device(t, &here.device.vdev);
		virtqueue_kick(here.vq);
		while (count--)
			EXPECT(t, virtqueue_get(here.vq, &length) == &here);
	}
}

static void try_ring(struct selftest *t, u64 features)
{
	here.device = (struct loopback){ .offered = features };
	here.memory = kmalloc(PARTS_MAX * PART_BYTES);
	if (!EXPECT(t, here.memory) ||
	    !EXPECT_EQ(t, loopback_add(&here.device), 0)) {
		kfree(here.memory);
		return;
	}
	if (EXPECT_EQ(t,
		      device_bind(&here.device.vdev.dev, &reach_driver.driver),
		      0))
		go_around(t);
	loopback_remove(&here.device);
	kfree(here.memory);
}

static void test_rings(struct selftest *t)
{
	if (!device_root_dma_pool) {
		selftest_skip(t, "devices have no pool (swiotlb=force)");
		return;
	}
	seen.queues = seen.addresses = 0;
	try_ring(t, BIT64(VIRTIO_F_INDIRECT_DESC));
	try_ring(t,
		 BIT64(VIRTIO_F_INDIRECT_DESC) | BIT64(VIRTIO_F_RING_PACKED));
	EXPECT_EQ(t, seen.queues, 2 * ROUNDS);
	EXPECT(t, seen.addresses > 2 * ROUNDS * PARTS_MAX);
}

static const struct selftest_case reach_cases[] = {
	{ .name = "rings-show-the-pool-only", .run = test_rings },
	{ .name = "devices-were-shown-the-pool-only", .run = test_devices },
	{},
};
SELFTEST_SUITE(virtqueue_pool, "virtqueue-pool", reach_cases, 0);
