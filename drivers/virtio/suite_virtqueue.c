/* SPDX-License-Identifier: BSD-2-Clause */
/* The core in the kernel, over a device that is memory; and what it costs. */
#include <kernel/bench.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/selftest.h>
#include <kernel/time.h>
#include <kernel/work.h>
#include "loopback.h"

#define ROUNDS	   1000
#define BATCH	   32
#define PARTS_MAX  3
#define PART_BYTES 32

static struct {
	struct loopback device;
	struct virtqueue *vq;
	unsigned fails, taken_back;
	u8 *memory;
	struct virtio_segment segments[PARTS_MAX];
} test;

static void take_back(void)
{
	while (virtqueue_detach(test.vq))
		test.taken_back++;
}

static int test_probe(struct virtio_device *vdev)
{
	static const struct virtqueue_config config = {
		.name = "loopback",
		.segments_max = PARTS_MAX,
		.cpu = VIRTQUEUE_ANY,
	};

	return virtio_make_queues(vdev, &config, 1, &test.vq);
}

static void test_remove(struct virtio_device *vdev __unused)
{
	take_back();
}

static void test_failed(struct virtio_device *vdev __unused)
{
	test.fails++;
	take_back();
}

static const u8 no_features[] = { VIRTIO_FEATURES_END };

/* In no table: only this file binds it. */
static const struct virtio_driver test_driver = {
	.driver = VIRTIO_DRIVER_BASE("test-virtqueue", NULL),
	.type = LOOPBACK_TYPE,
	.features = no_features,
	.probe = test_probe,
	.remove = test_remove,
	.failed = test_failed,
};

static void end(void)
{
	loopback_remove(&test.device);
	kfree(test.memory);
}

static int begin(u64 features)
{
	int ret = -ENOMEM;

	test.device = (struct loopback){ .offered = features };
	test.fails = test.taken_back = 0;
	test.memory = kmalloc(PARTS_MAX * PART_BYTES);
	if (!test.memory)
		return ret;
	for (unsigned i = 0; i < PARTS_MAX; i++)
		test.segments[i] =
			(struct virtio_segment){ test.memory + i * PART_BYTES,
						 PART_BYTES };
	ret = loopback_add(&test.device);
	if (ret) {
		kfree(test.memory);
		return ret;
	}
	ret = device_bind(&test.device.vdev.dev, &test_driver.driver);
	if (ret)
		end();
	return ret;
}

static int post(unsigned parts)
{
	return virtqueue_add(test.vq, test.segments, 1, parts - 1, &test);
}

static void test_rounds(struct selftest *t, u64 features)
{
	u32 length;

	if (!EXPECT_EQ(t, begin(features), 0))
		return;
	for (unsigned i = 0; i < ROUNDS && !selftest_failed(t); i++) {
		unsigned n = 1 + i % BATCH;

		for (unsigned k = 0; k < n; k++)
			EXPECT_EQ(t, post(1 + k % PARTS_MAX), 0);
		virtqueue_kick(test.vq);
		for (unsigned k = 0; k < n; k++)
			EXPECT(t, virtqueue_get(test.vq, &length) == &test);
		EXPECT(t, !virtqueue_get(test.vq, &length));
	}
	EXPECT_EQ(t, virtqueue_room(test.vq), LOOPBACK_SIZE);
	end();
	EXPECT(t, test.device.released);
}

static void test_split(struct selftest *t)
{
	test_rounds(t, 0);
	test_rounds(t,
		    BIT64(VIRTIO_F_INDIRECT_DESC) | BIT64(VIRTIO_F_EVENT_IDX));
}

static void test_packed(struct selftest *t)
{
	test_rounds(t, BIT64(VIRTIO_F_RING_PACKED));
	test_rounds(t, BIT64(VIRTIO_F_RING_PACKED) |
			       BIT64(VIRTIO_F_INDIRECT_DESC) |
			       BIT64(VIRTIO_F_EVENT_IDX) |
			       BIT64(VIRTIO_F_ORDER_PLATFORM));
}

/* It is reset by a thread, gives all back, and comes back when bound anew. */
static void test_liar(struct selftest *t)
{
	struct device *dev = &test.device.vdev.dev;
	u32 length;

	if (!EXPECT_EQ(t, begin(0), 0))
		return;
	test.device.lies = true;
	EXPECT_EQ(t, post(1), 0);
	virtqueue_kick(test.vq);
	EXPECT(t, !virtqueue_get(test.vq, &length));
	EXPECT(t, virtio_is_broken(&test.device.vdev));
	EXPECT_EQ(t, post(1), -EIO);
	work_flush(&test.device.vdev.broken_work);
	EXPECT_EQ(t, test.fails, 1);
	EXPECT_EQ(t, test.taken_back, 1);
	EXPECT_EQ(t, test.device.status, 0);
	test.device.lies = false;
	EXPECT_EQ(t, device_unbind(dev), 0);
	EXPECT_EQ(t, device_bind(dev, &test_driver.driver), 0);
	EXPECT_EQ(t, post(1), 0);
	virtqueue_kick(test.vq);
	EXPECT(t, virtqueue_get(test.vq, &length) == &test);
	end();
}

static const struct selftest_case virtqueue_cases[] = {
	{ .name = "split-ring", .run = test_split },
	{ .name = "packed-ring", .run = test_packed },
	{ .name = "a-liar-is-reset-and-comes-back", .run = test_liar },
	{},
};
SELFTEST_SUITE(virtqueue, "virtqueue", virtqueue_cases, 0);

/* As a driver with requests in batches: posted, kicked, taken back. */
static void run(u64 count, unsigned parts)
{
	u32 length;

	while (count) {
		unsigned n = (unsigned)MIN(count, (u64)BATCH);

		for (unsigned k = 0; k < n; k++)
			post(parts);
		virtqueue_kick(test.vq);
		for (unsigned k = 0; k < n; k++)
			virtqueue_get(test.vq, &length);
		count -= n;
	}
}

static void run_one(u64 count)
{
	run(count, 1);
}

static void run_three(u64 count)
{
	run(count, PARTS_MAX);
}

static int begin_split(void)
{
	return begin(BIT64(VIRTIO_F_INDIRECT_DESC) | BIT64(VIRTIO_F_EVENT_IDX));
}

static int begin_packed(void)
{
	return begin(BIT64(VIRTIO_F_INDIRECT_DESC) | BIT64(VIRTIO_F_EVENT_IDX) |
		     BIT64(VIRTIO_F_RING_PACKED));
}

static const struct bench_case virtqueue_bench[] = {
	{ .name = "split_1_segment",
	  .setup = begin_split,
	  .run = run_one,
	  .teardown = end },
	{ .name = "split_3_segments",
	  .setup = begin_split,
	  .run = run_three,
	  .teardown = end },
	{ .name = "packed_1_segment",
	  .setup = begin_packed,
	  .run = run_one,
	  .teardown = end },
	{ .name = "packed_3_segments",
	  .setup = begin_packed,
	  .run = run_three,
	  .teardown = end },
	{},
};
BENCH_SUITE(virtqueue, "virtqueue", virtqueue_bench);
