/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that break, want a reset, are gone or do not come back from one. */
#include "unit.h"
#include "virtio_driver.h"

static struct fake_virtio fake;

/* The device is taken away, and nothing of it is left. */
static void end(void)
{
	fake_virtio_remove(&fake);
	CHECK_EQ(host_dma_bytes, 0);
	CHECK_EQ(host_run_work(), 0);
}

static bool contains(const char *text)
{
	return CHECK(strstr(host_said, text));
}

static void check_given_up(u8 last, unsigned probes)
{
	CHECK_EQ(fake.status, last);
	CHECK_EQ(driver.probes, probes);
	CHECK(!fake.vdev.dev.driver);
	CHECK(!fake.vdev.queues);
	CHECK(!fake.interrupts_started);
	CHECK_EQ(host_dma_bytes, 0);
}

static u8 byte;

static void post_and_kick(struct virtio_device *vdev)
{
	struct virtio_segment segment = { &byte, 1 };

	fake.queues[0].notifications = 0;
	CHECK_EQ(virtqueue_add(driver.vq[0], &segment, 0, 1, &byte), 0);
	virtqueue_kick(driver.vq[0]);
	/* Not before DRIVER_OK. */
	CHECK_EQ(fake.queues[0].notifications, vdev->state == VIRTIO_RUNNING);
}

static void use_at_once(struct fake_virtio *f, unsigned queue)
{
	static struct fake_buffer buffer;

	while (fake_take(f, queue, &buffer))
		fake_use(f, queue, &buffer, 0);
	fake_interrupt(f, queue);
	fake_config_interrupt(f);
}

/* Breaks, in every way, with one buffer out. */

static bool begin_with_a_buffer(void)
{
	struct virtio_segment segment = { &byte, 1 };

	test_device(&fake, 8, 1);
	if (!test_bind(&fake))
		return false;
	CHECK_EQ(virtqueue_add(driver.vq[0], &segment, 0, 1, &byte), 0);
	virtqueue_kick(driver.vq[0]);
	return true;
}

static void check_broken(const char *why)
{
	struct virtio_segment segment = { &byte, 1 };
	u32 length;

	CHECK(virtio_is_broken(&fake.vdev));
	CHECK(virtqueue_is_broken(driver.vq[0]));
	CHECK_EQ(virtqueue_add(driver.vq[0], &segment, 0, 1, &byte), -EIO);
	CHECK(!virtqueue_get(driver.vq[0], &length));
	CHECK(!virtqueue_pending(driver.vq[0]));
	CHECK(!virtqueue_kick_prepare(driver.vq[0]));
	CHECK_EQ(driver.fails, 0);
	host_run_work();
	CHECK_EQ(driver.fails, 1);
	CHECK_EQ(driver.taken_back, 1);
	CHECK_EQ(virtqueue_outstanding(driver.vq[0]), 0);
	contains(why);
	/* Nothing of what follows says or does anything. */
	virtio_break(&fake.vdev, "again");
	virtqueue_break(driver.vq[0], "again");
	virtio_queue_interrupt(&fake.vdev, 0);
	virtio_all_queues_interrupt(&fake.vdev);
	fake_config_interrupt(&fake);
	host_run_work();
	CHECK_EQ(driver.fails, 1);
	CHECK_EQ(driver.dones, 0);
	CHECK_EQ(virtio_config32(&fake.vdev, 0), 0);
}

static void check_comes_back(void)
{
	CHECK_EQ(device_unbind(&fake.vdev.dev), 0);
	CHECK_EQ(driver.removes, 1);
	CHECK_EQ(device_bind(&fake.vdev.dev, NULL), 0);
	CHECK_EQ(fake.status, 0x0f);
	CHECK(!virtio_is_broken(&fake.vdev));
	post_and_kick(&fake.vdev);
	end();
}

TEST(a_device_that_asks_for_a_reset_gets_one)
{
	if (!begin_with_a_buffer())
		return;
	fake.status |= VIRTIO_STATUS_DEVICE_NEEDS_RESET;
	fake_config_interrupt(&fake);
	CHECK_EQ(host_run_work(), 2);
	CHECK_EQ(driver.configs_changed, 0);
	CHECK_EQ(driver.fails, 1);
	CHECK_EQ(fake.status, 0);
	CHECK_EQ(host_said_count, 1);
	contains("asks for a reset");
	check_comes_back();
}

TEST(a_device_that_goes_away_fails_its_requests)
{
	if (!begin_with_a_buffer())
		return;
	fake.gone = true;
	fake_config_interrupt(&fake);
	CHECK_EQ(host_run_work(), 2);
	CHECK_EQ(driver.fails, 1);
	contains("it is gone");
	CHECK(!virtio_is_lost(&fake.vdev));
	end();
	CHECK_EQ(host_said_count, 1);
}

TEST(what_a_driver_breaks_is_broken_once)
{
	if (!begin_with_a_buffer())
		return;
	virtqueue_break(driver.vq[0], "a made-up reason");
	check_broken("a made-up reason");
	CHECK_EQ(host_said_count, 1);
	check_comes_back();
}

TEST(unbinding_a_broken_device_fails_its_requests_first)
{
	if (!begin_with_a_buffer())
		return;
	virtio_break(&fake.vdev, "a made-up reason");
	end();
	CHECK_EQ(driver.fails, 1);
	CHECK_EQ(driver.removes, 1);
}

static void break_it(struct virtio_device *vdev)
{
	virtio_break(vdev, "in probe()");
}

TEST(a_device_that_breaks_in_probe_is_not_bound)
{
	test_device(&fake, 8, 1);
	driver.in_probe = break_it;
	CHECK_EQ(fake_virtio_add(&fake), -EIO);
	CHECK_EQ(driver.removes, 1);
	CHECK_EQ(driver.fails, 0);
	check_given_up(0, 1);
	end();
}

/* What it may still write is not given back: neither rings nor tables. */
TEST(a_device_that_does_not_reset_keeps_its_memory)
{
	struct virtio_segment segment = { &byte, 1 };
	void *rings;
	size_t bytes;

	test_device(&fake, 8, 1);
	fake.vdev.dev.dma_pool = host_dma_pool;
	host_dma_pool_room = 10;
	if (!test_bind(&fake))
		return;
	CHECK_EQ(virtqueue_add(driver.vq[0], &segment, 0, 1, &byte), 0);
	rings = (void *)(uintptr_t)fake.queues[0].place.descriptors;
	bytes = host_dma_bytes;
	CHECK(bytes);
	CHECK_EQ(host_dma_mappings, 1);
	fake.never_resets = true;
	fake.no_isolation = true;
	virtio_break(&fake.vdev, "a made-up reason");
	check_broken("memory");
	CHECK_EQ(host_said_count, 2);
	CHECK_EQ(fake.isolated, 1);
	CHECK(virtio_is_lost(&fake.vdev));
	CHECK_EQ(device_unbind(&fake.vdev.dev), 0);
	CHECK_EQ(host_dma_bytes, bytes);
	CHECK_EQ(host_dma_mappings, 1);
	/* It comes back when it resets, with other memory. */
	CHECK_EQ(device_bind(&fake.vdev.dev, NULL), -ETIMEDOUT);
	fake.never_resets = false;
	CHECK_EQ(device_bind(&fake.vdev.dev, NULL), 0);
	CHECK(!virtio_is_lost(&fake.vdev));
	CHECK_EQ(host_dma_bytes, 2 * bytes);
	fake_virtio_remove(&fake);
	CHECK_EQ(host_dma_bytes, bytes);
	/* But for this test's end. */
	free(host_dma_last_copy());
	free(rings);
	host_dma_bytes = host_dma_mappings = 0;
}

TEST(a_device_that_was_cut_off_gives_its_memory_back)
{
	if (!begin_with_a_buffer())
		return;
	fake.never_resets = true;
	virtio_break(&fake.vdev, "a made-up reason");
	check_broken("a made-up reason");
	CHECK_EQ(fake.isolated, 1);
	CHECK(!virtio_is_lost(&fake.vdev));
	end();
}

/* virtio 1.3, drivernormative 2.6.1.1.2 */
/* virtio 1.3, drivernormative 2.6.1.2.2 */
/* virtio 1.3, drivernormative 3.3.1 */
TEST(a_queue_alone_is_reset_and_started_again)
{
	struct virtio_segment segment = { &byte, 1 };
	u32 length;

	for (unsigned packed = 0; packed < 2; packed++) {
		struct virtqueue *vq;

		test_device(&fake, 8, 1);
		fake_offer(&fake, VIRTIO_F_RING_RESET);
		if (packed)
			fake_offer(&fake, VIRTIO_F_RING_PACKED);
		if (!test_bind(&fake))
			return;
		vq = driver.vq[0];
		for (unsigned i = 0; i < 5; i++)
			CHECK_EQ(virtqueue_add(vq, &segment, 0, 1, &byte), 0);
		CHECK(!virtqueue_detach(vq));
		CHECK_EQ(virtqueue_restart(vq), -EBUSY);
		CHECK_EQ(virtqueue_reset(vq), 0);
		CHECK(!fake.queues[0].enabled);
		CHECK_EQ(virtqueue_add(vq, &segment, 0, 1, &byte), -EIO);
		CHECK_EQ(virtqueue_restart(vq), -EBUSY);
		for (unsigned i = 0; i < 5; i++)
			CHECK(virtqueue_detach(vq) == &byte);
		CHECK(!virtqueue_detach(vq));
		CHECK_EQ(virtqueue_restart(vq), 0);
		CHECK_EQ(virtqueue_room(vq), 8);
		CHECK_EQ(virtqueue_add(vq, &segment, 0, 1, &byte), 0);
		fake.serve = use_at_once;
		virtqueue_kick(vq);
		CHECK(virtqueue_get(vq, &length) == &byte);
		host_run_work();
		end();
	}
}

TEST(a_queue_that_does_not_reset_breaks_the_device)
{
	test_device(&fake, 8, 1);
	if (!test_bind(&fake))
		return;
	CHECK_EQ(virtqueue_reset(driver.vq[0]), -EOPNOTSUPP);
	CHECK(!virtio_is_broken(&fake.vdev));
	end();
	test_device(&fake, 8, 1);
	fake_offer(&fake, VIRTIO_F_RING_RESET);
	fake.queues[0].cannot_reset = true;
	if (!test_bind(&fake))
		return;
	CHECK_EQ(virtqueue_reset(driver.vq[0]), -ETIMEDOUT);
	CHECK(virtio_is_broken(&fake.vdev));
	CHECK_EQ(virtqueue_restart(driver.vq[0]), -EIO);
	host_run_work();
	CHECK_EQ(driver.fails, 1);
	end();
}
