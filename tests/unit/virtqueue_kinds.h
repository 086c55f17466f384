/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests of queues over an honest device, in every kind of ring: requests of
 * three parts, and the device that answers them.
 */
#pragma once

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

static __unused bool begin(const struct kind *kind, unsigned size,
			   u16 segments_max)
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
static __unused void end(const struct kind *kind)
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

static __unused int post(struct request *r, unsigned number)
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
static __unused void answer(const struct fake_buffer *buffer, u32 *written)
{
	u8 data[16], status = 0x5a;

	CHECK_EQ(buffer->out, 1);
	CHECK_EQ(buffer->in, 2);
	CHECK_EQ(fake_read(buffer, 0, data, 100), 16);
	fake_write(buffer, 0, data, 16);
	CHECK_EQ(fake_write(buffer, 64, &status, 10), 1);
	*written = 65;
}

static __unused bool use_one(void)
{
	static struct fake_buffer buffer;
	u32 written;

	if (!fake_take(&fake, 0, &buffer))
		return false;
	answer(&buffer, &written);
	fake_use(&fake, 0, &buffer, written);
	return true;
}

static __unused void check_answer(const struct request *r, u32 length)
{
	CHECK_EQ(length, 65);
	CHECK_EQ(r->status, 0x5a);
	CHECK_EQ(r->in[0], (u8)r->number);
	CHECK_EQ(r->in[15], (u8)r->number);
}
