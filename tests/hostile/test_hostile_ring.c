/* SPDX-License-Identifier: BSD-2-Clause */
/* Lies in the rings, split and packed: each value there is, where it fits. */
#include "hostile.h"

/* Say that @id was used, with @length. */
static void say(const struct hostile_kind *kind, u32 id, u32 length)
{
	if (kind->packed)
		fake_packed_say(&h.fake, 0, (u16)id, length, 1);
	else
		fake_split_say(&h.fake, 0, id, length);
}

static void each(void (*test)(const struct hostile_kind *kind))
{
	for (unsigned k = 0; k < ARRAY_SIZE(hostile_kinds); k++) {
		const struct hostile_kind *kind = &hostile_kinds[k];
		const unsigned *sizes = kind->packed ? hostile_packed_sizes
						     : hostile_split_sizes;

		for (unsigned s = 0; s < 4; s++) {
			/* Events change nothing else: one size will do. */
			if (kind->event && sizes[s] != 8)
				continue;
			if (!hostile_begin(kind, sizes[s]))
				return;
			hostile_save();
			test(kind);
			hostile_end();
		}
	}
}

/* In order, to use a buffer is to use those before it. */
static bool comes_out(const struct hostile_kind *kind, unsigned number)
{
	u32 length;

	for (unsigned i = kind->in_order ? 0 : number; i <= number; i++) {
		/* Of a split ring the index must say so, and it says one. */
		if (i == 1 && kind->in_order && !kind->packed)
			return !virtqueue_get(h.vq, &length) &&
			       hostile_is_broken();
		if (virtqueue_get(h.vq, &length) != hostile_token(i))
			return false;
	}
	return hostile_is_sound();
}

static bool try_id(const struct hostile_kind *kind, u32 id)
{
	struct fake_queue queue = h.fake.queues[0];
	unsigned number = hostile_find(id);
	u32 length;
	bool ok;

	say(kind, id, 1);
	ok = number < h.count
		     ? comes_out(kind, number)
		     : !virtqueue_get(h.vq, &length) && hostile_is_broken();
	hostile_restore();
	h.fake.queues[0] = queue;
	return ok;
}

/* Out of range, never posted, free again, the middle of a chain. */
static void every_id(const struct hostile_kind *kind)
{
	for (u32 id = 0; id < 0x10000; id++)
		if (!CHECK(try_id(kind, id)))
			return;
	if (kind->packed)
		return;
	for (unsigned bit = 16; bit < 32; bit++)
		for (u32 id = 0; id < h.vq->size; id++)
			if (!CHECK(try_id(kind, id | 1U << bit)))
				return;
}

TEST(every_used_id_is_checked)
{
	each(every_id);
}

static bool try_length(const struct hostile_kind *kind, u32 length, u32 most)
{
	struct fake_queue queue = h.fake.queues[0];
	u32 said = ~0U;
	void *token;
	bool ok;

	say(kind, h.buffers[0].id, length);
	token = virtqueue_get(h.vq, &said);
	ok = length <= most ? token == hostile_token(0) && said == length &&
				      hostile_is_sound()
			    : !token && hostile_is_broken();
	hostile_restore();
	h.fake.queues[0] = queue;
	return ok;
}

static void every_length(const struct hostile_kind *kind)
{
	u32 most = (u32)h.buffers[0].writable;

	for (u32 length = 0; length < 0x1000; length++)
		if (!CHECK(try_length(kind, length, most)))
			return;
	for (unsigned bit = 12; bit < 32; bit++)
		CHECK(try_length(kind, 1U << bit, most));
	CHECK(try_length(kind, ~0U, most));
}

/* virtio 1.3, drivernormative 2.7.8.3 */
TEST(no_more_is_believed_than_was_posted)
{
	each(every_length);
}

/* Of legacy devices it is cut: they count as they like (2.7.8.1). */
TEST(a_legacy_device_may_count_wrongly)
{
	u32 length = 0;

	if (!hostile_begin(&hostile_kinds[0], 8))
		return;
	hostile_save();
	h.fake.vdev.legacy = true;
	fake_split_say(&h.fake, 0, h.buffers[0].id, ~0U);
	CHECK(virtqueue_get(h.vq, &length) == hostile_token(0));
	CHECK_EQ(length, h.buffers[0].writable);
	CHECK(hostile_is_sound());
	h.fake.vdev.legacy = false;
	hostile_restore();
	hostile_end();
}

static void used_twice(const struct hostile_kind *kind)
{
	u32 length;

	fake_use(&h.fake, 0, &h.buffers[0], 1);
	CHECK(virtqueue_get(h.vq, &length) == hostile_token(0));
	say(kind, h.buffers[0].id, 1);
	CHECK(!virtqueue_get(h.vq, &length));
	CHECK(hostile_is_broken());
	hostile_restore();
	hostile_restore_rings();
}

TEST(a_buffer_comes_back_once)
{
	each(used_twice);
}

/* Entries for all buffers are there: only the index decides. */
static void every_index(const struct hostile_kind *kind)
{
	struct fake_split s;
	u16 now;

	if (kind->packed)
		return;
	s = fake_split(&h.fake, 0);
	now = le16_to_cpu(s.used->idx);
	for (unsigned i = 0; i < h.count; i++)
		fake_use(&h.fake, 0, &h.buffers[i], 1);
	memcpy(h.rings, h.vq->memory, h.vq->memory_size);
	for (u32 ahead = 0; ahead < 0x10000; ahead++) {
		unsigned n = 0;
		u32 length;

		s.used->idx = cpu_to_le16((u16)(now + ahead));
		while (virtqueue_get(h.vq, &length) == hostile_token(n))
			n++;
		if (!CHECK_EQ(n, ahead > h.count ? 0 : ahead) ||
		    !CHECK(ahead > h.count ? hostile_is_broken()
					   : hostile_is_sound()))
			return;
		hostile_restore();
	}
}

TEST(every_used_index_is_checked)
{
	each(every_index);
}

/* All flags there are, in the descriptor that is looked at. */
static void every_flag(const struct hostile_kind *kind)
{
	struct fake_packed p;
	unsigned at;
	bool wrap;

	if (!kind->packed)
		return;
	p = fake_packed(&h.fake, 0);
	at = h.vq->ring.used;
	wrap = h.vq->ring.used_flags;
	for (u32 flags = 0; flags < 0x10000; flags++) {
		bool used = !!(flags & VIRTQ_DESC_F_AVAIL) == wrap &&
			    !!(flags & VIRTQ_DESC_F_USED) == wrap;
		u32 length;
		void *token;

		p.desc[at].id = cpu_to_le16(h.buffers[0].id);
		p.desc[at].len = cpu_to_le32(1);
		p.desc[at].flags = cpu_to_le16((u16)flags);
		token = virtqueue_get(h.vq, &length);
		if (!CHECK(token == (used ? hostile_token(0) : NULL)) ||
		    !CHECK(hostile_is_sound()))
			return;
		hostile_restore();
	}
}

TEST(only_used_descriptors_are_used)
{
	each(every_flag);
}

/* What the driver wrote there is not read again. */
static void scribble(const struct hostile_kind *kind)
{
	struct fake_split s = fake_split(&h.fake, 0);
	u32 length;

	memset(s.desc, 0xff, 16UL * s.size);
	if (!kind->packed)
		memset(s.avail, 0xff, VIRTQ_AVAIL_BYTES(s.size));
	if (h.vq->tables.memory)
		memset(h.vq->tables.memory, 0xff,
		       (size_t)h.vq->tables.count * h.vq->tables.stride);
	/* A packed ring is both sides': all but what it uses looks posted. */
	for (unsigned i = 0; kind->packed && i < s.size; i++)
		fake_packed(&h.fake, 0).desc[i].flags =
			cpu_to_le16(h.vq->ring.next_flags);
	for (unsigned i = 0; i < h.count; i++) {
		fake_use(&h.fake, 0, &h.buffers[i], 1);
		CHECK(virtqueue_get(h.vq, &length) == hostile_token(i));
	}
	CHECK_EQ(virtqueue_room(h.vq), h.vq->size);
	CHECK(hostile_is_sound());
	/* And goes on. */
	CHECK_EQ(hostile_post(0, MIN(s.size, 3U)), 0);
	CHECK(hostile_is_sound());
}

TEST(descriptors_that_change_change_nothing)
{
	each(scribble);
}

/* virtio 1.3, drivernormative 2.7.10.1 */
static void every_event(const struct hostile_kind *kind)
{
	unsigned wanted = 0, tries = 0;

	if (h.vq->size != 8 || !CHECK_EQ(hostile_post(60, 1), 0))
		return;
	hostile_save();
	for (u32 event = 0; event < 0x40000; event += 1 + 7 * !kind->event) {
		struct fake_split s = fake_split(&h.fake, 0);
		struct fake_packed p = fake_packed(&h.fake, 0);

		if (kind->packed) {
			p.device->desc = cpu_to_le16((u16)event);
			p.device->flags = cpu_to_le16((u16)(event >> 16));
		} else {
			*s.avail_event = cpu_to_le16((u16)event);
			s.used->flags = cpu_to_le16((u16)(event >> 16));
		}
		wanted += virtqueue_kick_prepare(h.vq);
		tries++;
		if (!CHECK(hostile_is_sound()))
			return;
		hostile_restore();
	}
	/*
	 * Of all events just one is this one, and one that is not in the ring
	 * is taken for it; packed, other flags ask for all.
	 */
	if (kind->event)
		CHECK_EQ(wanted, kind->packed ? 2 * 0x10000 + 2 : 4);
	else
		CHECK(wanted && wanted < tries);
}

TEST(garbage_for_events_only_suppresses_notifications)
{
	each(every_event);
}

/* A batch that ends before it began, or is longer than the index says. */
TEST(batches_end_where_the_index_says)
{
	u32 length;

	for (unsigned ahead = 1; ahead <= 4; ahead++) {
		if (!hostile_begin(&hostile_kinds[1], 256))
			return;
		hostile_save();
		for (unsigned i = 0; i < ahead; i++)
			fake_split_say(&h.fake, 0, h.buffers[3].id, 1);
		for (unsigned i = 0; i < ahead; i++)
			CHECK(virtqueue_get(h.vq, &length) == hostile_token(i));
		CHECK(!virtqueue_get(h.vq, &length));
		CHECK(ahead < 4 ? hostile_is_broken() : hostile_is_sound());
		hostile_restore();
		hostile_end();
	}
}

/* virtio 1.3, drivernormative 2.7.7.1 */
static void interrupt_without_cause(const struct hostile_kind *kind)
{
	u32 length;

	if (h.vq->size != 8)
		return;
	driver.dones = 0;
	for (unsigned i = 0; i < 1000000; i++)
		virtio_queue_interrupt(&h.fake.vdev, 0);
	CHECK_EQ(driver.dones, 1000000);
	virtio_queue_interrupt(&h.fake.vdev, 1);
	virtio_queue_interrupt(&h.fake.vdev, ~0U);
	virtio_all_queues_interrupt(&h.fake.vdev);
	CHECK_EQ(driver.dones, 1000000);
	CHECK(!virtqueue_get(h.vq, &length));
	CHECK(hostile_is_sound());
}

TEST(a_million_interrupts_without_cause_do_nothing)
{
	each(interrupt_without_cause);
}

/* Nobody is told, and what was used is found all the same. */
static void no_interrupts(const struct hostile_kind *kind)
{
	u32 length;

	driver.dones = 0;
	for (unsigned i = 0; i < h.count; i++) {
		CHECK(!virtqueue_pending(h.vq));
		fake_use(&h.fake, 0, &h.buffers[i], 1);
		CHECK(virtqueue_pending(h.vq));
		CHECK(virtqueue_get(h.vq, &length) == hostile_token(i));
	}
	CHECK_EQ(driver.dones, 0);
	CHECK(hostile_is_sound());
}

TEST(a_device_that_never_interrupts_can_be_polled)
{
	each(no_interrupts);
}

/* A device that says nothing: what it has comes back when it is reset. */
static void silence(const struct hostile_kind *kind)
{
	u32 length;

	for (unsigned i = 0; i < 10000; i++)
		CHECK(!virtqueue_get(h.vq, &length));
	CHECK(!virtqueue_detach(h.vq));
	CHECK(hostile_is_sound());
}

TEST(a_silent_device_keeps_its_buffers_until_it_is_reset)
{
	each(silence);
}
