/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queues over a device that lies. A test prepares a queue with some buffers
 * out, and tells one lie after the other, each from the same state: what is
 * private to the driver is put back in between, which is much quicker than to
 * bind anew, so that every value there is can be tried.
 *
 * What must hold after each lie: either it was one that could be true, and
 * what it says comes out; or nothing comes out, there is one message, and the
 * device is broken.
 */
#pragma once

#include "../../drivers/virtio/internal.h"
#include "../unit/unit.h"
#include "../unit/virtio_driver.h"

#define HOSTILE_SIZE_MAX 256

struct hostile_kind {
	const char *name;
	bool packed, in_order, event, indirect;
};

static const __unused struct hostile_kind hostile_kinds[] = {
	{ "split", 0, 0, 0, 0 },	   { "split in order", 0, 1, 0, 0 },
	{ "split event", 0, 0, 1, 0 },	   { "split indirect", 0, 0, 0, 1 },
	{ "split all", 0, 1, 1, 1 },	   { "packed", 1, 0, 0, 0 },
	{ "packed in order", 1, 1, 0, 0 }, { "packed event", 1, 0, 1, 0 },
	{ "packed indirect", 1, 0, 0, 1 }, { "packed all", 1, 1, 1, 1 },
};

static const __unused unsigned hostile_split_sizes[] = { 1, 2, 8, 256 };
static const __unused unsigned hostile_packed_sizes[] = { 1, 3, 8, 255 };

static struct {
	struct fake_virtio fake;
	struct virtqueue *vq;
	/* What the device has, in the order in which it got it. */
	struct fake_buffer buffers[HOSTILE_SIZE_MAX];
	unsigned count;
	u8 memory[64];
	/* What is put back. */
	struct virtqueue saved;
	struct vq_buffer saved_buffers[HOSTILE_SIZE_MAX];
	char rings[0x10000];
} h;

/* Tokens: the number of the buffer, from 1 on. */
static inline void *hostile_token(unsigned number)
{
	return &h.memory[0] + number + 1;
}

#define HOSTILE_PARTS	 3
#define HOSTILE_WRITABLE 24 /* bytes of a buffer with all its parts */

static inline int hostile_post(unsigned number, unsigned parts)
{
	struct virtio_segment segments[HOSTILE_PARTS] = {
		{ h.memory, 8 },
		{ h.memory + 8, 16 },
		{ h.memory + 24, 8 },
	};
	unsigned in = MIN(parts, 2U);

	return virtqueue_add(h.vq, segments + HOSTILE_PARTS - parts, parts - in,
			     in, hostile_token(number));
}

/*
 * A queue of @size: some buffers came and went, and then it was filled to
 * three quarters with chains, and one place is free.
 */
static inline bool hostile_begin(const struct hostile_kind *kind, unsigned size)
{
	static struct fake_buffer buffer;
	unsigned parts = size >= 8 ? HOSTILE_PARTS : 1;
	unsigned keep = size >= 8 ? size / 4 : size > 1;
	u32 length;

	test_device(&h.fake, size, HOSTILE_PARTS);
	if (kind->packed)
		fake_offer(&h.fake, VIRTIO_F_RING_PACKED);
	if (kind->in_order)
		fake_offer(&h.fake, VIRTIO_F_IN_ORDER);
	if (kind->event)
		fake_offer(&h.fake, VIRTIO_F_EVENT_IDX);
	if (kind->indirect)
		fake_offer(&h.fake, VIRTIO_F_INDIRECT_DESC);
	if (!test_bind(&h.fake))
		return false;
	h.vq = driver.vq[0];
	for (unsigned i = 0; i < 5; i++) {
		CHECK_EQ(hostile_post(0, parts), 0);
		virtqueue_kick(h.vq);
		CHECK(fake_take(&h.fake, 0, &buffer));
		fake_use(&h.fake, 0, &buffer, 1);
		CHECK(virtqueue_get(h.vq, &length));
	}
	for (h.count = 0; virtqueue_room(h.vq) >= parts + keep; h.count++)
		if (!CHECK_EQ(hostile_post(h.count, parts), 0))
			break;
	virtqueue_kick(h.vq);
	for (unsigned i = 0; i < h.count; i++)
		CHECK(fake_take(&h.fake, 0, &h.buffers[i]));
	return CHECK(h.count);
}

/* The state that each lie is told in. */
static inline void hostile_save(void)
{
	h.saved = *h.vq;
	memcpy(h.saved_buffers, h.vq->buffers,
	       h.vq->size * sizeof(*h.vq->buffers));
	if (!CHECK(h.vq->memory_size <= sizeof(h.rings)))
		abort();
	memcpy(h.rings, h.vq->memory, h.vq->memory_size);
	host_said_count = 0;
}

/* The rings are the device's to restore, if the next lie is another one. */
static inline void hostile_restore_rings(void)
{
	memcpy(h.vq->memory, h.rings, h.vq->memory_size);
}

static inline void hostile_restore(void)
{
	bool came_back = h.vq->outstanding != h.saved.outstanding;

	*h.vq = h.saved;
	if (came_back)
		memcpy(h.vq->buffers, h.saved_buffers,
		       h.vq->size * sizeof(*h.vq->buffers));
	work_cancel(&h.fake.vdev.broken_work);
	h.fake.vdev.state = VIRTIO_RUNNING;
	host_said_count = 0;
}

/* Nothing came out, and it was said once. */
static inline bool hostile_is_broken(void)
{
	u32 length;

	return virtio_is_broken(&h.fake.vdev) && host_said_count == 1 &&
	       !virtqueue_get(h.vq, &length) && host_said_count == 1 &&
	       h.fake.vdev.broken_work.pending;
}

static inline bool hostile_is_sound(void)
{
	return !virtio_is_broken(&h.fake.vdev) && !host_said_count;
}

/* Which of the device's buffers has @id; h.count: none. */
static inline unsigned hostile_find(u32 id)
{
	unsigned i = 0;

	while (i < h.count && h.buffers[i].id != id)
		i++;
	return i;
}

/* The device is reset, and all that it had comes back; then it works again. */
static inline void hostile_end(void)
{
	unsigned out = h.vq->outstanding;

	driver.taken_back = 0;
	virtio_break(&h.fake.vdev, "the test is over");
	host_run_work();
	CHECK_EQ(driver.fails, 1);
	CHECK_EQ(driver.taken_back, out);
	CHECK_EQ(device_unbind(&h.fake.vdev.dev), 0);
	CHECK_EQ(device_bind(&h.fake.vdev.dev, NULL), 0);
	h.vq = driver.vq[0];
	CHECK_EQ(hostile_post(0, 1), 0);
	fake_virtio_remove(&h.fake);
	CHECK_EQ(host_dma_bytes, 0);
}
