/* SPDX-License-Identifier: BSD-2-Clause */
/* Lies outside of the rings, and everything at once. */
#include "../unit/unit.h"
#include "chaos.h"

static struct fake_virtio fake;

static void gone(void)
{
	fake_virtio_remove(&fake);
	CHECK_EQ(host_dma_bytes, 0);
	CHECK_EQ(host_run_work(), 0);
}

/* The same bytes for each run: a linear congruential generator. */
static void random_bytes(u8 *bytes, size_t size, u32 seed)
{
	u64 state = seed * 2654435761ULL + 1;

	for (size_t i = 0; i < size; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		bytes[i] = (u8)(state >> 56);
	}
}

TEST(whatever_a_device_does_all_comes_back_once)
{
	u8 bytes[2000];

	for (u32 seed = 0; seed < 3000; seed++) {
		random_bytes(bytes, sizeof(bytes), seed);
		bytes[0] = (u8)seed;
		chaos_run(bytes, sizeof(bytes));
	}
	host_said_count = 0;
}

TEST(features_that_toggle_are_what_was_read)
{
	for (unsigned odd = 0; odd < 2; odd++) {
		test_device(&fake, 8, 1);
		fake.features_toggle = BIT64(VIRTIO_F_EVENT_IDX) |
				       BIT64(VIRTIO_F_RING_PACKED) |
				       BIT64(TEST_FEATURE);
		fake.feature_reads = odd;
		if (!test_bind(&fake))
			return;
		CHECK_EQ(fake.accepted.word[0], fake.vdev.features.word[0]);
		CHECK_EQ(virtio_has(&fake.vdev, VIRTIO_F_RING_PACKED), odd);
		CHECK_EQ(driver.vq[0]->packed, odd);
		gone();
	}
}

/* Anything may be in the status, at any moment. */
TEST(every_status_is_survived)
{
	for (unsigned status = 0; status < 256; status++) {
		test_device(&fake, 8, 1);
		if (!test_bind(&fake))
			return;
		fake.status = (u8)status;
		fake_config_interrupt(&fake);
		host_run_work();
		CHECK_EQ(driver.fails, !!(status & 0x40));
		CHECK_EQ(driver.configs_changed, !(status & 0x40));
		gone();
	}
}

TEST(a_configuration_that_never_holds_still_is_given_up)
{
	u8 bytes[64];

	test_device(&fake, 8, 1);
	fake.config_size = sizeof(bytes);
	fake.config_changes = ~0U;
	if (!test_bind(&fake))
		return;
	CHECK_EQ(virtio_read_config(&fake.vdev, 0, bytes, 64), -EIO);
	for (unsigned i = 0; i < 64; i++)
		CHECK_EQ(bytes[i], 0);
	CHECK_EQ(virtio_config64(&fake.vdev, 8), 0);
	gone();
}

/* Each size that a queue can claim, for both kinds of rings. */
TEST(every_queue_size_is_taken_or_refused)
{
	for (unsigned size = 0; size <= 0x10000; size += size < 600 ? 1 : 997) {
		for (unsigned packed = 0; packed < 2; packed++) {
			bool good = size && size <= VIRTQ_SIZE_MAX;

			test_device(&fake, size, 4);
			if (packed)
				fake_offer(&fake, VIRTIO_F_RING_PACKED);
			CHECK_EQ(fake_virtio_add(&fake), good	? 0
							 : size ? -EINVAL
								: -ENOENT);
			if (good)
				CHECK(virtqueue_size(driver.vq[0]) <= size &&
				      virtqueue_size(driver.vq[0]) > size / 2);
			gone();
		}
	}
}

/* It did not reset for one driver; the next one finds it as it is. */
TEST(a_reset_that_never_completes_is_not_waited_for_again_and_again)
{
	u64 before;
	void *rings;

	test_device(&fake, 8, 1);
	if (!test_bind(&fake))
		return;
	rings = (void *)(uintptr_t)fake.queues[0].place.descriptors;
	fake.never_resets = true;
	fake.no_isolation = true;
	before = host_time_now_ns;
	virtio_break(&fake.vdev, "the test wants it");
	host_run_work();
	fake_virtio_remove(&fake);
	CHECK(host_time_now_ns - before <
	      VIRTIO_RESET_TIMEOUT_MS * 1000000ULL * 3 / 2);
	CHECK_EQ(driver.fails, 1);
	CHECK_EQ(driver.removes, 1);
	CHECK(host_dma_bytes);
	free(rings);
	host_dma_bytes = 0;
}
