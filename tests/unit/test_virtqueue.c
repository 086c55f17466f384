/* SPDX-License-Identifier: BSD-2-Clause */
/* Queues: what is posted arrives at the device, what is used comes back. */
#include "virtqueue_kinds.h"

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
