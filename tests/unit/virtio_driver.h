/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio driver without a purpose, for tests of the core: it makes the
 * queues it is told to, and counts how it is called. Unit tests include
 * "unit.h" too.
 */
#pragma once

#include <kernel/errno.h>
#include <kernel/string.h>
#include "fake_virtio.h"
#include "host.h"

#define TEST_TYPE	42
#define TEST_QUEUES_MAX 4
#define TEST_FEATURE	3

static struct {
	/* Set by the test. */
	struct virtqueue_config configs[TEST_QUEUES_MAX];
	unsigned count;
	int validate_error, probe_error, ready_error;
	struct virtio_features validate_sets;
	void (*in_probe)(struct virtio_device *vdev);
	void (*take_back)(struct virtio_device *vdev); /* NULL: counts */

	/* What came of it. */
	struct virtqueue *vq[TEST_QUEUES_MAX];
	int queues_error;
	unsigned probes, readies, unreadies, removes, fails, configs_changed;
	unsigned dones;
	unsigned taken_back; /* by failed() and remove() */
} driver;

static __unused void test_done(struct virtqueue *vq)
{
	driver.dones++;
}

static void take_back(struct virtio_device *vdev)
{
	if (driver.take_back)
		driver.take_back(vdev);
	for (unsigned i = 0; i < driver.count; i++)
		while (driver.vq[i] && virtqueue_detach(driver.vq[i]))
			driver.taken_back++;
}

static int test_validate(struct virtio_device *vdev,
			 struct virtio_features *features)
{
	features->word[0] |= driver.validate_sets.word[0];
	features->word[1] |= driver.validate_sets.word[1];
	return driver.validate_error;
}

static int test_probe(struct virtio_device *vdev)
{
	driver.probes++;
	memset(driver.vq, 0, sizeof(driver.vq));
	if (driver.count)
		driver.queues_error =
			virtio_make_queues(vdev, driver.configs, driver.count,
					   driver.vq);
	if (driver.count && driver.queues_error)
		return driver.queues_error;
	if (driver.in_probe)
		driver.in_probe(vdev);
	return driver.probe_error;
}

static int test_ready(struct virtio_device *vdev)
{
	driver.readies++;
	return driver.ready_error;
}

static void test_unready(struct virtio_device *vdev)
{
	driver.unreadies++;
}

static void test_remove(struct virtio_device *vdev)
{
	driver.removes++;
	take_back(vdev);
}

static void test_failed(struct virtio_device *vdev)
{
	driver.fails++;
	take_back(vdev);
}

static void test_config_changed(struct virtio_device *vdev)
{
	driver.configs_changed++;
}

static const u8 test_features[] = { TEST_FEATURE, VIRTIO_FEATURES_END };

static const struct virtio_driver test_driver = {
	.driver = VIRTIO_DRIVER_BASE("virtio_test", NULL),
	.type = TEST_TYPE,
	.features = test_features,
	.validate = test_validate,
	.probe = test_probe,
	.ready = test_ready,
	.unready = test_unready,
	.remove = test_remove,
	.failed = test_failed,
	.config_changed = test_config_changed,
};
VIRTIO_DRIVER(virtio_test, test_driver);

/* A device with one queue of @size, and the driver for it. Not added yet. */
static __unused void test_device(struct fake_virtio *fake, unsigned size,
				 u16 segments_max)
{
	memset(&driver, 0, sizeof(driver));
	driver.count = 1;
	driver.configs[0] = (struct virtqueue_config){
		.name = "requests",
		.done = test_done,
		.segments_max = segments_max,
		.cpu = VIRTQUEUE_ANY,
	};
	fake_virtio_init(fake, TEST_TYPE);
	fake->queue_count = 1;
	fake->queues[0].size_max = size;
	host_said_count = 0;
}

#define test_bind(fake) CHECK_EQ(fake_virtio_add(fake), 0)
