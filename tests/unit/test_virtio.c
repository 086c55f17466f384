/* SPDX-License-Identifier: BSD-2-Clause */
/* Binding: the steps of virtio 1.3, 3.1.1, and what follows when one fails. */
#include "unit.h"
#include "virtio_driver.h"

static struct fake_virtio fake;

static bool status_ends_with(const u8 *steps, unsigned count)
{
	unsigned n = fake.status_writes;

	if (!CHECK(n >= count))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!CHECK_EQ(fake.status_log[(n - count + i) % 16], steps[i]))
			return false;
	return true;
}

/* The device is taken away, and nothing of it is left. */
static void end(void)
{
	fake_virtio_remove(&fake);
	CHECK_EQ(host_dma_bytes, 0);
	CHECK_EQ(host_run_work(), 0);
}

/* virtio 1.3, drivernormative 3.1.1 */
/* virtio 1.3, drivernormative 2.1.1 */
TEST(a_device_is_bound_step_by_step)
{
	static const u8 steps[] = { 0, 1, 3, 11, 15 };
	static const u8 reset = 0;

	test_device(&fake, 8, 1);
	if (!test_bind(&fake))
		return;
	CHECK_EQ(fake.status_writes, sizeof(steps));
	status_ends_with(steps, sizeof(steps));
	CHECK_EQ(driver.probes, 1);
	CHECK_EQ(driver.readies, 1);
	CHECK_STR(fake.vdev.dev.name, "virtio0");
	end();
	status_ends_with(&reset, 1);
	CHECK_EQ(driver.unreadies, 1);
	CHECK_EQ(driver.removes, 1);
	CHECK_EQ(host_said_count, 0);
}

TEST(an_incomplete_transport_is_refused)
{
	struct virtio_transport bad;

	test_device(&fake, 8, 1);
	bad = *fake.vdev.transport;
	bad.notify = NULL;
	fake.vdev.transport = &bad;
	CHECK_EQ(virtio_device_register(&fake.vdev), -EINVAL);
}

/* virtio 1.3, drivernormative 2.2.1 */
/* virtio 1.3, drivernormative 6.1 */
TEST(features_are_those_that_all_know)
{
	test_device(&fake, 8, 1);
	/* One of the type, one nobody knows, reserved and unknown ones. */
	fake_offer(&fake, TEST_FEATURE);
	fake_offer(&fake, TEST_FEATURE + 1);
	fake_offer(&fake, 45);
	fake_offer(&fake, 100);
	fake_offer(&fake, VIRTIO_F_SR_IOV);
	fake_offer(&fake, VIRTIO_F_ACCESS_PLATFORM);
	fake_offer(&fake, VIRTIO_F_ORDER_PLATFORM);
	fake_offer(&fake, VIRTIO_F_RING_PACKED);
	/* The driver asks for what was not offered: in vain. */
	virtio_feature_set(&driver.validate_sets, VIRTIO_F_IN_ORDER);
	virtio_feature_set(&driver.validate_sets, 90);
	host_dma_limited = 0;
	if (!test_bind(&fake))
		return;
	CHECK_EQ(host_dma_limited, 1);
	CHECK_EQ(fake.accepted.word[0],
		 BIT64(TEST_FEATURE) | BIT64(VIRTIO_F_VERSION_1) |
			 BIT64(VIRTIO_F_ACCESS_PLATFORM) |
			 BIT64(VIRTIO_F_ORDER_PLATFORM) |
			 BIT64(VIRTIO_F_RING_PACKED));
	CHECK_EQ(fake.accepted.word[1], 0);
	CHECK(virtio_has(&fake.vdev, TEST_FEATURE));
	CHECK(!virtio_has(&fake.vdev, TEST_FEATURE + 1));
	end();
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

TEST(a_device_without_version_1_is_refused)
{
	test_device(&fake, 8, 1);
	fake.offered.word[0] = 0;
	CHECK_EQ(fake_virtio_add(&fake), -EINVAL);
	check_given_up(0x83, 0);
	end();
}

TEST(a_device_that_refuses_the_features_is_given_up)
{
	test_device(&fake, 8, 1);
	fake.refuses_features = true;
	CHECK_EQ(fake_virtio_add(&fake), -EINVAL);
	check_given_up(0x83, 0);
	end();
}

TEST(a_driver_may_refuse_the_features)
{
	test_device(&fake, 8, 1);
	driver.validate_error = -ENODEV;
	CHECK_EQ(fake_virtio_add(&fake), -ENODEV);
	check_given_up(0x03, 0);
	end();
}

TEST(a_failed_probe_leaves_a_reset_device)
{
	test_device(&fake, 8, 1);
	driver.probe_error = -EIO;
	CHECK_EQ(fake_virtio_add(&fake), -EIO);
	CHECK_EQ(fake.status_log[(fake.status_writes - 2) % 16], 0x8b);
	check_given_up(0, 1);
	CHECK_EQ(driver.removes, 0);
	/* And can be bound when the reason is gone. */
	driver.probe_error = 0;
	CHECK_EQ(device_bind(&fake.vdev.dev, NULL), 0);
	CHECK_EQ(fake.status, 0x0f);
	end();
}

TEST(a_driver_that_is_not_ready_is_removed)
{
	test_device(&fake, 8, 1);
	driver.ready_error = -ENOMEM;
	CHECK_EQ(fake_virtio_add(&fake), -ENOMEM);
	CHECK_EQ(driver.removes, 1);
	CHECK_EQ(driver.unreadies, 0);
	check_given_up(0, 1);
	end();
}

/* virtio 1.3, drivernormative 2.4.2 */
TEST(a_device_that_does_not_reset_is_not_used)
{
	u64 before = host_time_now_ns;

	test_device(&fake, 8, 1);
	fake.status = 0x0f;
	fake.never_resets = true;
	CHECK_EQ(fake_virtio_add(&fake), -ETIMEDOUT);
	CHECK(host_time_now_ns - before >=
	      VIRTIO_RESET_TIMEOUT_MS * 1000000ULL);
	CHECK(host_time_now_ns - before <
	      2 * VIRTIO_RESET_TIMEOUT_MS * 1000000ULL);
	CHECK_EQ(driver.probes, 0);
	end();
}

TEST(a_device_that_is_gone_is_no_device)
{
	test_device(&fake, 8, 1);
	fake.gone = true;
	CHECK_EQ(fake_virtio_add(&fake), -ENODEV);
	CHECK_EQ(driver.probes, 0);
	fake.gone = false;
	end();
}

/* Each allocation fails once; nothing is lost, and the device stays usable. */
TEST(probe_undoes_all_when_memory_runs_out)
{
	unsigned failures = 0;
	int ret;

	test_device(&fake, 8, 4);
	driver.count = 2;
	driver.configs[1] = driver.configs[0];
	driver.configs[1].index = 1;
	fake.queue_count = 2;
	fake.queues[1].size_max = 4;
	fake_offer(&fake, VIRTIO_F_INDIRECT_DESC);
	host_heap_fail_after(0);
	ret = fake_virtio_add(&fake);
	for (; ret == -ENOMEM; ret = device_bind(&fake.vdev.dev, NULL)) {
		check_given_up(0, failures + 1);
		host_heap_fail_after(++failures);
	}
	host_heap_fail_after(HOST_HEAP_NEVER);
	CHECK_EQ(ret, 0);
	CHECK(failures >= 7);
	end();
}

TEST(a_queue_that_is_not_there_is_said_so)
{
	test_device(&fake, 0, 1);
	CHECK_EQ(fake_virtio_add(&fake), -ENOENT);
	CHECK_EQ(driver.queues_error, -ENOENT);
	check_given_up(0, 1);
	end();
}

TEST(sizes_that_are_not_allowed_are_refused)
{
	static const struct {
		unsigned size;
		bool packed, fixed;
	} bad[] = {
		{ 32769, false, false }, { 65536, false, false },
		{ 65536, true, false },	 { 0xffffffff, true, false },
		{ 100, false, true },	 { 0xffffffff, false, true },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		test_device(&fake, bad[i].size, 1);
		fake.fixed_size = bad[i].fixed;
		if (bad[i].packed)
			fake_offer(&fake, VIRTIO_F_RING_PACKED);
		CHECK_EQ(fake_virtio_add(&fake), -EINVAL);
		check_given_up(0, 1);
		end();
	}
}

TEST(split_rings_take_the_power_of_two_below)
{
	test_device(&fake, 1000, 2000);
	driver.configs[0].size_max = 300;
	if (!test_bind(&fake))
		return;
	CHECK_EQ(virtqueue_size(driver.vq[0]), 256);
	CHECK_EQ(virtqueue_segments_max(driver.vq[0]), 256);
	CHECK(virtqueue_device(driver.vq[0]) == &fake.vdev);
	CHECK_EQ(virtqueue_index(driver.vq[0]), 0);
	end();
}

TEST(queues_without_interrupts_are_no_queues)
{
	test_device(&fake, 8, 1);
	fake.start_interrupts_error = -ENOSPC;
	CHECK_EQ(fake_virtio_add(&fake), -ENOSPC);
	check_given_up(0, 1);
	fake.start_interrupts_error = 0;
	fake.enable_queue_error = -EIO;
	CHECK_EQ(device_bind(&fake.vdev.dev, NULL), -EIO);
	check_given_up(0, 2);
	end();
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

TEST(kicks_in_probe_are_made_up_for)
{
	for (unsigned packed = 0; packed < 2; packed++) {
		test_device(&fake, 8, 1);
		if (packed)
			fake_offer(&fake, VIRTIO_F_RING_PACKED);
		driver.in_probe = post_and_kick;
		if (!test_bind(&fake))
			return;
		CHECK_EQ(fake.queues[0].notifications, 1);
		end();
		CHECK_EQ(driver.taken_back, 1);
	}
}

static void use_at_once(struct fake_virtio *f, unsigned queue)
{
	static struct fake_buffer buffer;

	while (fake_take(f, queue, &buffer))
		fake_use(f, queue, &buffer, 0);
	fake_interrupt(f, queue);
	fake_config_interrupt(f);
}

TEST(interrupts_before_the_driver_is_ready_are_made_up_for)
{
	test_device(&fake, 8, 1);
	driver.in_probe = post_and_kick;
	fake.serve = use_at_once;
	if (!test_bind(&fake))
		return;
	CHECK_EQ(driver.dones, 1);
	CHECK_EQ(host_run_work(), 1);
	CHECK_EQ(driver.configs_changed, 1);
	end();
}

/* virtio 1.3, drivernormative 2.5.1 */
TEST(configuration_is_read_until_it_holds_still)
{
	u8 bytes[6];

	test_device(&fake, 8, 1);
	fake.config_size = 16;
	for (u8 i = 0; i < 16; i++)
		fake.config[i] = i;
	if (!test_bind(&fake))
		return;
	CHECK_EQ(virtio_config8(&fake.vdev, 3), 3);
	CHECK_EQ(virtio_config16(&fake.vdev, 4), 0x0504);
	CHECK_EQ(virtio_config32(&fake.vdev, 8), 0x0b0a0908);
	CHECK_EQ(virtio_config64(&fake.vdev, 8), 0x0f0e0d0c0b0a0908);
	fake.config_changes = 3;
	CHECK_EQ(virtio_config32(&fake.vdev, 0), 0x06050403);
	/* Of 6 bytes the first read sees some of each version. */
	fake.config_changes = 4;
	CHECK_EQ(virtio_read_config(&fake.vdev, 0, bytes, 6), 0);
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQ(bytes[i], i + 7);
	/* One that never does. */
	fake.config_changes = ~0U;
	CHECK_EQ(virtio_read_config(&fake.vdev, 0, bytes, 6), -EIO);
	CHECK_EQ(virtio_config64(&fake.vdev, 0), 0);
	CHECK(fake.config_changes > ~0U - 1000);
	end();
}

TEST(configuration_that_is_not_there_is_0)
{
	u8 bytes[8];

	test_device(&fake, 8, 1);
	fake.config_size = 6;
	memset(fake.config, 0xee, sizeof(fake.config));
	if (!test_bind(&fake))
		return;
	CHECK_EQ(virtio_config32(&fake.vdev, 4), 0);
	CHECK_EQ(virtio_config16(&fake.vdev, 4), 0xeeee);
	CHECK_EQ(virtio_config8(&fake.vdev, 6), 0);
	CHECK_EQ(virtio_config8(&fake.vdev, ~0U), 0);
	CHECK_EQ(virtio_read_config(&fake.vdev, 3, bytes, 7), 0);
	CHECK_EQ(bytes[2], 0xee);
	CHECK_EQ(bytes[3], 0);
	virtio_write_config(&fake.vdev, 4, bytes, 4);
	virtio_write_config(&fake.vdev, ~0U, bytes, 1);
	CHECK_EQ(fake.config_written, 0);
	virtio_write_config(&fake.vdev, 2, bytes, 4);
	CHECK_EQ(fake.config_written, 1);
	end();
}

TEST(legacy_devices_have_no_features_ok_and_no_generation)
{
	static const u8 steps[] = { 0, 1, 3, 7 };

	test_device(&fake, 256, 4);
	fake.vdev.legacy = true;
	fake.fixed_size = true;
	fake.config_size = 8;
	fake.offered.word[0] = ~0ULL;
	fake.offered.word[1] = ~0ULL;
	if (!test_bind(&fake))
		return;
	status_ends_with(steps, sizeof(steps));
	CHECK_EQ(fake.accepted.word[0], BIT64(TEST_FEATURE) |
						BIT64(VIRTIO_F_ANY_LAYOUT) |
						BIT64(VIRTIO_F_INDIRECT_DESC) |
						BIT64(VIRTIO_F_EVENT_IDX));
	/* Two reads must agree. */
	fake.config_changes = 3;
	CHECK_EQ(virtio_config32(&fake.vdev, 0), 0x03030303);
	end();
}

TEST(names_are_the_lowest_that_are_free)
{
	static struct fake_virtio second;

	test_device(&fake, 8, 1);
	fake_virtio_init(&second, TEST_TYPE + 1);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	CHECK_EQ(fake_virtio_add(&second), -ENODEV);
	CHECK_STR(second.vdev.dev.name, "virtio1");
	end();
	CHECK_EQ(fake_virtio_add(&fake), 0);
	CHECK_STR(fake.vdev.dev.name, "virtio0");
	fake_virtio_remove(&second);
	end();
}
