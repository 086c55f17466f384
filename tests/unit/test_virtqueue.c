/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queues over an honest device, in every kind of ring: what is posted arrives
 * there, what is used comes back, and both sides hear of it.
 */
#include <kernel/byteorder.h>
#include "unit.h"
#include "virtio_driver.h"

/* A ring, as what is negotiated makes it. */
struct kind {
	const char *name;
	bool packed, indirect, event, in_order;
};

static const struct kind kinds[] = {
	{ "split", 0, 0, 0, 0 },	{ "split indirect", 0, 1, 0, 0 },
	{ "split event", 0, 0, 1, 0 },	{ "split in order", 0, 0, 0, 1 },
	{ "split all", 0, 1, 1, 1 },	{ "split event indirect", 0, 1, 1, 0 },
	{ "packed", 1, 0, 0, 0 },	{ "packed indirect", 1, 1, 0, 0 },
	{ "packed event", 1, 0, 1, 0 }, { "packed in order", 1, 0, 0, 1 },
	{ "packed all", 1, 1, 1, 1 },	{ "packed event indirect", 1, 1, 1, 0 },
};

static struct fake_virtio fake;
static struct virtqueue *vq;
static struct dma_pool *pool; /* of the next device; NULL: none */

static bool begin(const struct kind *kind, unsigned size, u16 segments_max)
{
	test_device(&fake, size, segments_max);
	fake.vdev.dev.dma_pool = pool;
	if (kind->packed)
		fake_offer(&fake, VIRTIO_F_RING_PACKED);
	if (kind->indirect)
		fake_offer(&fake, VIRTIO_F_INDIRECT_DESC);
	if (kind->event)
		fake_offer(&fake, VIRTIO_F_EVENT_IDX);
	if (kind->in_order)
		fake_offer(&fake, VIRTIO_F_IN_ORDER);
	if (!test_bind(&fake))
		return false;
	vq = driver.vq[0];
	return true;
}

/* The device is gone, and all memory came back. */
static void end(const struct kind *kind)
{
	CHECK_EQ(host_said_count, 0);
	fake_virtio_remove(&fake);
	CHECK_EQ(host_dma_bytes, 0);
	CHECK_EQ(host_dma_mappings, 0);
	CHECK_EQ(host_dma_waiters, 0);
	(void)kind;
}

#define FOR_EACH_KIND(kind) \
 for (const struct kind *kind = kinds; kind < kinds + ARRAY_SIZE(kinds); kind++)

/* A request: what it holds, and what came back. */
#define PARTS 3
struct request {
	u8 out[16], in[64], status;
	unsigned number;
};

static int post(struct request *r, unsigned number)
{
	struct virtio_segment segments[PARTS] = {
		{ r->out, sizeof(r->out) },
		{ r->in, sizeof(r->in) },
		{ &r->status, 1 },
	};

	memset(r, (int)number, sizeof(*r));
	r->number = number;
	return virtqueue_add(vq, segments, 1, 2, r);
}

/* The device answers: what it read, twice, and 0x5a. */
static void answer(const struct fake_buffer *buffer, u32 *written)
{
	u8 data[16], status = 0x5a;

	CHECK_EQ(buffer->out, 1);
	CHECK_EQ(buffer->in, 2);
	CHECK_EQ(fake_read(buffer, 0, data, 100), 16);
	fake_write(buffer, 0, data, 16);
	CHECK_EQ(fake_write(buffer, 64, &status, 10), 1);
	*written = 65;
}

static bool use_one(void)
{
	static struct fake_buffer buffer;
	u32 written;

	if (!fake_take(&fake, 0, &buffer))
		return false;
	answer(&buffer, &written);
	fake_use(&fake, 0, &buffer, written);
	return true;
}

static void check_answer(const struct request *r, u32 length)
{
	CHECK_EQ(length, 65);
	CHECK_EQ(r->status, 0x5a);
	CHECK_EQ(r->in[0], (u8)r->number);
	CHECK_EQ(r->in[15], (u8)r->number);
}

TEST(buffers_arrive_and_come_back)
{
	FOR_EACH_KIND(kind)
	{
		struct request r;
		u32 length = 0;

		if (!begin(kind, 8, 4))
			return;
		/* More often than any index has values. */
		for (unsigned i = 0; i < 70000; i++) {
			CHECK_EQ(post(&r, i), 0);
			CHECK(!virtqueue_pending(vq));
			CHECK(!virtqueue_get(vq, &length));
			virtqueue_kick(vq);
			CHECK(use_one());
			CHECK(virtqueue_pending(vq));
			if (!CHECK(virtqueue_get(vq, &length) == &r))
				break;
			check_answer(&r, length);
			CHECK_EQ(virtqueue_outstanding(vq), 0);
			CHECK_EQ(virtqueue_room(vq), 8);
		}
		end(kind);
	}
}

/* Whatever the size, it is full when it is, and empty again. */
static void fill_and_drain(const struct kind *kind, unsigned size)
{
	static struct request r[64];
	unsigned n = 0, back = 0, per = kind->indirect ? 1 : 3;
	u32 length = 0;

	if (!begin(kind, size, PARTS))
		return;
	if (virtqueue_segments_max(vq) < PARTS) {
		CHECK_EQ(post(&r[0], 0), -EINVAL);
		end(kind);
		return;
	}
	for (unsigned round = 0; round < 5; round++) {
		for (n = 0; !post(&r[n], n); n++)
			CHECK_EQ(virtqueue_outstanding(vq), n + 1);
		CHECK_EQ(post(&r[n], n), -ENOSPC);
		CHECK(n >= size / 3 && n <= size / per);
		virtqueue_kick(vq);
		for (unsigned i = 0; i < n; i++)
			CHECK(use_one());
		CHECK(!use_one());
		for (back = 0; back < n; back++) {
			const struct request *got = virtqueue_get(vq, &length);

			if (!CHECK(got))
				break;
			check_answer(got, length);
		}
		CHECK(!virtqueue_get(vq, &length));
		CHECK_EQ(virtqueue_room(vq), size);
	}
	end(kind);
}

/* virtio 1.3, drivernormative 2.8.17 */
TEST(rings_of_any_size_fill_and_drain)
{
	FOR_EACH_KIND(kind)
	for (unsigned size = 1; size <= 40; size++)
		if (kind->packed || !(size & (size - 1)))
			fill_and_drain(kind, size);
}

TEST(the_largest_rings)
{
	static struct request r;
	u32 length;

	FOR_EACH_KIND(kind)
	{
		if (!begin(kind, 32768, PARTS))
			return;
		CHECK_EQ(virtqueue_size(vq), 32768);
		for (unsigned i = 0; i < 3 * 32768; i++) {
			CHECK_EQ(post(&r, i), 0);
			virtqueue_kick(vq);
			use_one();
			if (!CHECK(virtqueue_get(vq, &length) == &r))
				break;
		}
		end(kind);
	}
}

/* virtio 1.3, drivernormative 2.7.1 */
/* virtio 1.3, drivernormative 2.8.11 */
TEST(the_parts_of_a_ring_are_aligned)
{
	FOR_EACH_KIND(kind)
	for (unsigned size = 1; size <= 32768; size = size * 2 + kind->packed) {
		const struct virtqueue_place *p = &fake.queues[0].place;
		u64 driver_end;

		if (!begin(kind, size, 1))
			return;
		CHECK_EQ(p->descriptors % 16, 0);
		CHECK_EQ(p->driver % (kind->packed ? 4 : 2), 0);
		CHECK_EQ(p->device % 4, 0);
		/* And apart. */
		CHECK(p->driver >= p->descriptors + 16ULL * p->size);
		driver_end = p->driver +
			     (kind->packed ? 4 : VIRTQ_AVAIL_BYTES(size));
		CHECK(p->device >= driver_end);
		end(kind);
	}
}

/* virtio 1.3, drivernormative 2.7.5.2 */
TEST(no_chain_is_longer_than_2_to_the_32)
{
	static struct virtio_segment segments[4096];
	static struct fake_buffer buffer;
	static char memory[DMA_MAP_MAX];

	for (unsigned i = 0; i < ARRAY_SIZE(segments); i++)
		segments[i] = (struct virtio_segment){ memory, DMA_MAP_MAX };
	FOR_EACH_KIND(kind)
	{
		unsigned max;

		if (!begin(kind, 32768, 32767))
			return;
		max = virtqueue_segments_max(vq);
		CHECK((u64)max * DMA_MAP_MAX <= 1ULL << 32);
		CHECK(max >= 1024);
		CHECK_EQ(virtqueue_add(vq, segments, max, 1, memory), -EINVAL);
		/* The device looks at the sum, at loops, and at the order. */
		CHECK_EQ(virtqueue_add(vq, segments, 500, 500, memory), 0);
		virtqueue_kick(vq);
		CHECK(fake_take(&fake, 0, &buffer));
		CHECK_EQ(buffer.out + buffer.in, 1000);
		end(kind);
	}
}

/* virtio 1.3, drivernormative 2.7.6.1 */
TEST(the_available_index_only_goes_on)
{
	static struct request r[4];
	u32 length;
	u16 last = 0;

	if (!begin(&kinds[0], 8, PARTS))
		return;
	for (unsigned i = 0; i < 70000; i++) {
		unsigned posted = 0;
		u16 now;

		/* The third does not fit: nothing is taken back for it. */
		for (unsigned n = 0; n < 3; n++)
			posted += !post(&r[n], n);
		CHECK_EQ(posted, 2);
		virtqueue_kick(vq);
		now = le16_to_cpu(fake_split(&fake, 0).avail->idx);
		if (!CHECK_EQ((u16)(now - last), 2))
			break;
		last = now;
		while (use_one())
			;
		while (virtqueue_get(vq, &length))
			;
	}
	end(NULL);
}

/* Used in any order, each comes back as itself. */
TEST(buffers_come_back_in_any_order)
{
	static struct fake_buffer buffer[4];
	static const u8 orders[][4] = {
		{ 3, 2, 1, 0 },
		{ 1, 3, 0, 2 },
		{ 0, 1, 2, 3 },
		{ 2, 0, 3, 1 },
	};
	struct request r[4];
	u32 length, written;

	FOR_EACH_KIND(kind)
	{
		if (kind->in_order)
			continue;
		if (!begin(kind, 12, PARTS))
			return;
		for (unsigned round = 0; round < 100; round++) {
			const u8 *order = orders[round % 4];
			unsigned n;

			for (n = 0; n < 4 && !post(&r[n], n); n++)
				;
			virtqueue_kick(vq);
			for (unsigned i = 0; i < n; i++) {
				CHECK(fake_take(&fake, 0, &buffer[i]));
				answer(&buffer[i], &written);
			}
			for (unsigned i = 0; i < 4; i++)
				if (order[i] < n)
					fake_use(&fake, 0, &buffer[order[i]],
						 written);
			for (unsigned i = 0; i < 4; i++) {
				if (order[i] >= n)
					continue;
				CHECK(virtqueue_get(vq, &length) ==
				      &r[order[i]]);
				check_answer(&r[order[i]], length);
			}
		}
		end(kind);
	}
}

/* One entry for several buffers; all but the last were used whole. */
TEST(batches_in_order_come_back_one_by_one)
{
	static struct fake_buffer buffer[5];
	static const struct fake_buffer *const all[] = {
		&buffer[0], &buffer[1], &buffer[2], &buffer[3], &buffer[4],
	};
	struct request r[5];
	u32 length, written;

	FOR_EACH_KIND(kind)
	{
		if (!kind->in_order)
			continue;
		if (!begin(kind, 16, PARTS))
			return;
		for (unsigned round = 0; round < 200; round++) {
			unsigned n = 1 + round % 5;

			for (unsigned i = 0; i < n; i++)
				CHECK_EQ(post(&r[i], i), 0);
			virtqueue_kick(vq);
			for (unsigned i = 0; i < n; i++) {
				CHECK(fake_take(&fake, 0, &buffer[i]));
				answer(&buffer[i], &written);
			}
			fake_use_batch(&fake, 0, all, n, 17);
			for (unsigned i = 0; i < n; i++) {
				CHECK(virtqueue_get(vq, &length) == &r[i]);
				CHECK_EQ(length, i == n - 1 ? 17 : 65);
			}
			CHECK(!virtqueue_get(vq, &length));
		}
		end(kind);
	}
}

/* virtio 1.3, drivernormative 2.7.5.3.1 */
/* virtio 1.3, drivernormative 2.8.19 */
TEST(long_chains_use_one_descriptor_where_tables_may_be)
{
	static struct virtio_segment segments[20];
	static struct fake_buffer buffer;
	static u8 memory[20];

	for (unsigned i = 0; i < 20; i++)
		segments[i] = (struct virtio_segment){ &memory[i], 1 };
	FOR_EACH_KIND(kind)
	{
		if (!begin(kind, 32, 20))
			return;
		CHECK_EQ(virtqueue_add(vq, segments, 7, 13, &fake), 0);
		CHECK_EQ(virtqueue_room(vq), kind->indirect ? 31 : 12);
		virtqueue_kick(vq);
		CHECK(fake_take(&fake, 0, &buffer));
		CHECK_EQ(buffer.out, 7);
		CHECK_EQ(buffer.in, 13);
		CHECK_EQ(buffer.descriptors, kind->indirect ? 1 : 20);
		for (unsigned i = 0; i < 20; i++)
			CHECK(buffer.segment[i].data == &memory[i]);
		end(kind);
	}
}

/* virtio 1.3, drivernormative 2.7.4.2 */
TEST(wrong_segments_are_refused_and_nothing_is_posted)
{
	static u8 memory[16];
	struct virtio_segment segments[4] = {
		{ memory, 1 },
		{ memory, 1 },
		{ memory, 0 },
		{ memory, 1 },
	};

	FOR_EACH_KIND(kind)
	{
		if (!begin(kind, 8, 3))
			return;
		CHECK_EQ(virtqueue_add(vq, segments, 0, 0, memory), -EINVAL);
		CHECK_EQ(virtqueue_add(vq, segments, 2, 2, memory), -EINVAL);
		CHECK_EQ(virtqueue_add(vq, segments, ~0U, 3, memory), -EINVAL);
		CHECK_EQ(virtqueue_add(vq, segments, 3, ~0U, memory), -EINVAL);
		CHECK_EQ(virtqueue_add(vq, segments, 1, 1, NULL), -EINVAL);
		CHECK_EQ(virtqueue_add(vq, segments, 1, 2, memory), -EINVAL);
		segments[2].length = DMA_MAP_MAX + 1;
		CHECK_EQ(virtqueue_add(vq, segments, 1, 2, memory), -EINVAL);
		segments[2].length = 0;
		CHECK_EQ(virtqueue_room(vq), 8);
		CHECK_EQ(virtqueue_outstanding(vq), 0);
		virtqueue_kick(vq);
		CHECK(!use_one());
		CHECK_EQ(fake.queues[0].notifications, 0);
		end(kind);
	}
}

/* virtio 1.3, drivernormative 2.7.10.1 */
TEST(one_notification_for_a_batch_if_it_is_wanted)
{
	static struct request r[4];

	FOR_EACH_KIND(kind)
	{
		const unsigned *n = &fake.queues[0].notifications;

		if (!begin(kind, 32, PARTS))
			return;
		for (unsigned i = 0; i < 3; i++)
			CHECK_EQ(post(&r[i], i), 0);
		virtqueue_kick(vq);
		CHECK_EQ(*n, 1);
		/* Nothing new. */
		virtqueue_kick(vq);
		CHECK_EQ(*n, 1);
		while (use_one())
			;
		fake_set_notify(&fake, 0, false);
		CHECK_EQ(post(&r[3], 3), 0);
		CHECK(!virtqueue_kick_prepare(vq));
		CHECK(use_one());
		fake_set_notify(&fake, 0, true);
		end(kind);
	}
}

/* With EVENT_IDX: exactly when the entry asked for is among the new ones. */
TEST(the_device_hears_of_the_entry_it_asked_for)
{
	static struct request r;
	u32 length;

	FOR_EACH_KIND(kind)
	{
		unsigned per = kind->packed ? 3 : 1;

		if (!kind->event || kind->indirect)
			continue;
		if (!begin(kind, 15 + !kind->packed, PARTS))
			return;
		for (unsigned round = 0; round < 66000; round++) {
			unsigned ahead = round % 5;

			fake_set_event(&fake, 0, ahead * per);
			for (unsigned i = 0; i < 5; i++) {
				CHECK_EQ(post(&r, i), 0);
				if (!CHECK_EQ(virtqueue_kick_prepare(vq),
					      i == ahead))
					return;
			}
			while (use_one())
				;
			while (virtqueue_get(vq, &length))
				;
		}
		end(kind);
	}
}

/* virtio 1.3, drivernormative 2.7.7.1 */
TEST(callbacks_come_when_they_are_wanted)
{
	static struct request r[4];
	u32 length;

	FOR_EACH_KIND(kind)
	{
		if (!begin(kind, 16, PARTS))
			return;
		for (unsigned round = 0; round < 66000; round++) {
			CHECK_EQ(post(&r[0], 0), 0);
			virtqueue_kick(vq);
			use_one();
			driver.dones = 0;
			fake_interrupt(&fake, 0);
			if (!CHECK_EQ(driver.dones, 1))
				return;
			virtqueue_disable_callback(vq);
			CHECK_EQ(post(&r[1], 1), 0);
			virtqueue_kick(vq);
			use_one();
			fake_interrupt(&fake, 0);
			CHECK_EQ(driver.dones, 1);
			/* There are some, for which nobody interrupts. */
			CHECK(!virtqueue_enable_callback(vq));
			CHECK(virtqueue_get(vq, &length));
			CHECK(virtqueue_get(vq, &length));
			CHECK(!virtqueue_get(vq, &length));
			CHECK(virtqueue_enable_callback(vq));
		}
		end(kind);
	}
}

/* After get() has said that there is nothing, the next use interrupts. */
TEST(who_saw_nothing_hears_of_the_next)
{
	static struct request r[4];
	u32 length;

	FOR_EACH_KIND(kind)
	{
		if (!begin(kind, 16, PARTS))
			return;
		for (unsigned round = 0; round < 1000; round++) {
			unsigned n = 1 + round % 4;

			for (unsigned i = 0; i < n; i++)
				CHECK_EQ(post(&r[i], i), 0);
			virtqueue_kick(vq);
			driver.dones = 0;
			use_one();
			fake_interrupt(&fake, 0);
			CHECK_EQ(driver.dones, 1);
			while (use_one())
				fake_interrupt(&fake, 0);
			while (virtqueue_get(vq, &length))
				;
		}
		end(kind);
	}
}

TEST(a_late_callback_comes_in_time)
{
	static struct request r[8];
	u32 length;

	FOR_EACH_KIND(kind)
	{
		unsigned used = 0;

		if (!kind->event)
			continue;
		if (!begin(kind, 32, PARTS))
			return;
		for (unsigned i = 0; i < 8; i++)
			CHECK_EQ(post(&r[i], i), 0);
		virtqueue_kick(vq);
		CHECK(virtqueue_enable_callback_after(vq, 75));
		for (; used < 8 && !driver.dones; used++) {
			CHECK(use_one());
			fake_interrupt(&fake, 0);
		}
		/* Packed rings count descriptors: it may be earlier. */
		if (kind->packed)
			CHECK(used > 1 && used <= 6);
		else
			CHECK_EQ(used, 6);
		CHECK(!virtqueue_enable_callback_after(vq, 10));
		for (; used; used--)
			CHECK(virtqueue_get(vq, &length));
		end(kind);
	}
}

/* A queue without done() is looked at; the device does not interrupt. */
TEST(a_polled_queue_does_not_interrupt)
{
	static struct request r;
	u32 length;

	FOR_EACH_KIND(kind)
	{
		test_device(&fake, 8, 4);
		if (!begin(kind, 8, 4))
			return;
		fake_virtio_remove(&fake);
		/* The same again, without done(). */
		driver.configs[0].done = NULL;
		if (!test_bind(&fake))
			return;
		vq = driver.vq[0];
		for (unsigned i = 0; i < 1000; i++) {
			CHECK_EQ(post(&r, i), 0);
			virtqueue_kick(vq);
			use_one();
			CHECK(!fake_wants_interrupt(&fake, 0));
			CHECK(virtqueue_get(vq, &length) == &r);
		}
		end(kind);
	}
}

/* virtio 1.3, drivernormative 2.8.16 */
TEST(notifications_carry_where_the_ring_is)
{
	static struct request r;
	u32 length;

	for (unsigned packed = 0; packed < 2; packed++) {
		unsigned place = 0, wrap = packed;

		test_device(&fake, 4, PARTS);
		fake_offer(&fake, VIRTIO_F_NOTIFICATION_DATA);
		if (packed)
			fake_offer(&fake, VIRTIO_F_RING_PACKED);
		if (!test_bind(&fake))
			return;
		vq = driver.vq[0];
		for (unsigned i = 0; i < 66000; i++) {
			CHECK_EQ(post(&r, i), 0);
			virtqueue_kick(vq);
			place += packed ? 3 : 1;
			if (packed && place >= 4) {
				place -= 4;
				wrap = !wrap;
			}
			if (!CHECK_EQ(fake.queues[0].notify_data >> 16,
				      (u16)(place | wrap << 15)))
				return;
			use_one();
			CHECK(virtqueue_get(vq, &length));
		}
		end(NULL);
	}
}

TEST(statistics_count)
{
	static struct request r[3];
	struct virtqueue_stats stats;
	u32 length;

	if (!begin(&kinds[0], 16, PARTS))
		return;
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(post(&r[i], i), 0);
	virtqueue_kick(vq);
	virtqueue_kick(vq);
	use_one();
	fake_interrupt(&fake, 0);
	CHECK(virtqueue_get(vq, &length));
	virtqueue_get_stats(vq, &stats);
	CHECK_EQ(stats.added, 3);
	CHECK_EQ(stats.used, 1);
	CHECK_EQ(stats.kicks, 2);
	CHECK_EQ(stats.notifications, 1);
	CHECK_EQ(stats.interrupts, 1);
	end(NULL);
	CHECK_EQ(driver.taken_back, 2);
}

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
