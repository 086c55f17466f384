/* SPDX-License-Identifier: BSD-2-Clause */
/* Queues of a device that is given copies, of which there may be no more. */
#include "virtqueue_kinds.h"

/* What a device with a pool is given is a copy, and comes back as one. */
TEST(buffers_go_through_a_pool)
{
	static struct request r[40];
	u32 length;

	pool = host_dma_pool;
	FOR_EACH_KIND(kind)
	{
		unsigned n;

		host_dma_pool_room = 100000;
		if (!begin(kind, 32, PARTS))
			break;
		for (unsigned round = 0; round < 50; round++) {
			for (n = 0; !post(&r[n], n); n++)
				;
			CHECK_EQ(host_dma_mappings, n * PARTS);
			virtqueue_kick(vq);
			while (use_one())
				;
			CHECK_EQ(r[0].status, 0);
			for (unsigned i = 0; i < n; i++) {
				const struct request *got =
					virtqueue_get(vq, &length);

				if (!CHECK(got))
					return;
				check_answer(got, length);
			}
			CHECK_EQ(host_dma_mappings, 0);
			CHECK_EQ(host_dma_pool_room, 100000);
		}
		/* What is still out when the device goes is unmapped too. */
		CHECK_EQ(post(&r[0], 0), 0);
		end(kind);
		CHECK_EQ(driver.taken_back, 1);
	}
	pool = NULL;
}

/* Wherever it runs out, nothing is posted, and done() says when to go on. */
TEST(a_full_pool_is_waited_for)
{
	static struct request r[3];
	u32 length;

	pool = host_dma_pool;
	FOR_EACH_KIND(kind)
	{
		host_dma_pool_room =
			2 * sizeof(r[0].out) + 2 * sizeof(r[0].in) + 1;
		if (!begin(kind, 16, PARTS))
			break;
		CHECK_EQ(post(&r[0], 0), 0);
		CHECK_EQ(virtqueue_room(vq), 13);
		/* It has the room for all but the last part. */
		CHECK_EQ(post(&r[1], 1), -EAGAIN);
		CHECK_EQ(host_dma_mappings, PARTS);
		CHECK_EQ(virtqueue_room(vq), 13);
		CHECK_EQ(virtqueue_outstanding(vq), 1);
		/* What it gave back itself does not wake it at once. */
		CHECK_EQ(host_dma_waiters, 0);
		CHECK_EQ(host_run_timers(), 1);
		CHECK_EQ(driver.dones, 1);
		host_dma_pool_room -= 66;
		CHECK_EQ(post(&r[1], 1), -EAGAIN);
		CHECK_EQ(post(&r[1], 1), -EAGAIN);
		CHECK_EQ(host_dma_waiters, 1);
		CHECK_EQ(host_run_work(), 0);
		virtqueue_kick(vq);
		CHECK(use_one());
		CHECK(virtqueue_get(vq, &length) == &r[0]);
		CHECK_EQ(driver.dones, 1);
		CHECK_EQ(host_run_work(), 1);
		CHECK_EQ(driver.dones, 2);
		host_dma_pool_room += 66;
		CHECK_EQ(post(&r[1], 1), 0);
		/* Who waits when the device goes is not called any more. */
		CHECK_EQ(post(&r[2], 2), -EAGAIN);
		host_dma_pool_room = 0;
		CHECK_EQ(post(&r[2], 2), -EAGAIN);
		end(kind);
		CHECK_EQ(host_run_timers() + host_run_work(), 0);
		CHECK_EQ(driver.dones, 2);
	}
	pool = NULL;
}

/* Descriptors behind the first are not left looking available. */
TEST(a_chain_that_failed_leaves_nothing_to_take)
{
	static struct fake_buffer buffer, none;
	static struct request r[2];
	struct virtio_segment one = { r[1].out, 1 };
	u32 length;

	pool = host_dma_pool;
	FOR_EACH_KIND(kind)
	{
		host_dma_pool_room = 0;
		if (!begin(kind, 16, PARTS))
			break;
		for (unsigned i = 0; i < 100; i++) {
			host_dma_pool_room = sizeof(r[0].out) + sizeof(r[0].in);
			CHECK_EQ(post(&r[0], 0), -EAGAIN);
			CHECK_EQ(virtqueue_add(vq, &one, 1, 0, &r[1]), 0);
			virtqueue_kick(vq);
			CHECK(fake_take(&fake, 0, &buffer));
			CHECK_EQ(buffer.out, 1);
			CHECK(!fake_take(&fake, 0, &none));
			fake_use(&fake, 0, &buffer, 0);
			if (!CHECK(virtqueue_get(vq, &length) == &r[1]))
				return;
		}
		end(kind);
	}
	pool = NULL;
}

/* Tables are a share of a pool, and there may be none. */
TEST(without_room_for_tables_chains_do)
{
	static struct request r[8];
	u32 length;

	pool = host_dma_pool;
	host_dma_pool_room = 100000;
	FOR_EACH_KIND(kind)
	{
		size_t least = 0;

		for (size_t share = 0; share <= 4096; share += 4096) {
			host_dma_share = share;
			if (!begin(kind, 16, PARTS))
				break;
			if (!share)
				least = host_dma_bytes;
			CHECK(host_dma_bytes <= least + share / 2);
			for (unsigned i = 0; i < 5; i++)
				CHECK_EQ(post(&r[i], i), 0);
			virtqueue_kick(vq);
			while (use_one())
				;
			for (unsigned i = 0; i < 5; i++)
				CHECK(virtqueue_get(vq, &length) == &r[i]);
			end(kind);
		}
	}
	host_dma_share = DMA_MAP_MAX;
	pool = NULL;
}
