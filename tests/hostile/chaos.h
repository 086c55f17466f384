/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver and a device that do whatever a string of bytes says, the device
 * also what it must not. What must hold all the time: what comes out was in,
 * once, with no more written than there is room for; and in the end everything
 * has come back, whatever happened. For tests and for libFuzzer.
 */
#pragma once

#include "../../drivers/virtio/internal.h"
#include "../unit/virtio_driver.h"

#define CHAOS_OUT_MAX 64
#define CHAOS_PARTS   5

struct chaos {
	const u8 *bytes;
	size_t left;
	struct fake_virtio fake;
	struct virtqueue *vq;
	bool out[CHAOS_OUT_MAX]; /* the device has this token */
	u32 writable[CHAOS_OUT_MAX];
	unsigned outstanding;
	u8 memory[CHAOS_PARTS][16];
};

static struct chaos chaos;

#define CHAOS_MUST(condition)                                    \
 do {                                                            \
  if (!(condition)) {                                            \
   printf("chaos: line %d: not so: %s\n", __LINE__, #condition); \
   abort();                                                      \
  }                                                              \
 } while (0)

static u8 chaos_byte(void)
{
	if (!chaos.left)
		return 0;
	chaos.left--;
	return *chaos.bytes++;
}

static u16 chaos_word(void)
{
	u16 low = chaos_byte();

	return (u16)(low | chaos_byte() << 8);
}

static void chaos_came_back(const void *token)
{
	size_t number = (size_t)((const bool *)token - chaos.out);

	CHAOS_MUST(number < CHAOS_OUT_MAX && chaos.out[number]);
	chaos.out[number] = false;
	chaos.outstanding--;
}

static void chaos_post(void)
{
	u8 shape = chaos_byte();
	unsigned out = shape % 4, in = shape / 4 % 4, number = 0;
	struct virtio_segment segments[8];
	u32 writable = 0;

	while (number < CHAOS_OUT_MAX && chaos.out[number])
		number++;
	if (number == CHAOS_OUT_MAX)
		return;
	for (unsigned i = 0; i < out + in; i++) {
		segments[i].data = chaos.memory[i % CHAOS_PARTS];
		segments[i].length = 1 + (shape + i) % 16;
		writable += i >= out ? segments[i].length : 0;
	}
	if (virtqueue_add(chaos.vq, segments, out, in, &chaos.out[number]))
		return;
	chaos.out[number] = true;
	chaos.writable[number] = writable;
	chaos.outstanding++;
}

static void chaos_get(void)
{
	u32 length = ~0U;
	const bool *token = virtqueue_get(chaos.vq, &length);

	if (!token)
		return;
	CHAOS_MUST(length <= chaos.writable[token - chaos.out]);
	chaos_came_back(token);
}

/* The device uses one that it has; in order, the oldest. */
static void chaos_use(void)
{
	struct virtqueue *vq = chaos.vq;
	unsigned id = chaos_byte() % vq->size, count;
	struct fake_queue *q = &chaos.fake.queues[0];

	if (vq->in_order)
		id = vq->oldest;
	if (!q->enabled || !vq->buffers[id].token)
		return;
	count = vq->buffers[id].count ? vq->buffers[id].count : 1;
	if (vq->packed)
		fake_packed_say(&chaos.fake, 0, (u16)id,
				chaos_byte() % (vq->buffers[id].writable + 1),
				count);
	else
		fake_split_say(&chaos.fake, 0, id, 0);
}

static void chaos_scribble(void)
{
	u16 where = chaos_word();
	u8 *ring = chaos.vq->memory;

	ring[where % chaos.vq->memory_size] = chaos_byte();
}

/* Where it hurts: the used index, or flags of the next descriptor. */
static void chaos_aim(void)
{
	u16 value = chaos_word();

	if (!chaos.fake.queues[0].enabled)
		return;
	if (chaos.vq->packed)
		chaos.vq->ring.desc[chaos.vq->ring.used].flags =
			cpu_to_le16(value);
	else
		chaos.vq->split.used->idx = cpu_to_le16(
			(u16)(chaos.vq->split.last_used + value % 300));
}

static void chaos_reset_queue(void)
{
	void *token;

	if (virtqueue_reset(chaos.vq))
		return;
	while ((token = virtqueue_detach(chaos.vq)))
		chaos_came_back(token);
	CHAOS_MUST(!chaos.outstanding);
	(void)virtqueue_restart(chaos.vq);
}

static void chaos_callbacks(void)
{
	u8 how = chaos_byte();

	if (how % 3 == 0)
		virtqueue_disable_callback(chaos.vq);
	else if (how % 3 == 1)
		(void)virtqueue_enable_callback(chaos.vq);
	else
		(void)virtqueue_enable_callback_after(chaos.vq, how);
}

/* What is broken is reset; then it is bound again, and goes on. */
static void chaos_recover(void)
{
	host_run_work();
	if (!virtio_is_broken(&chaos.fake.vdev))
		return;
	CHAOS_MUST(!chaos.outstanding);
	CHAOS_MUST(!device_unbind(&chaos.fake.vdev.dev));
	CHAOS_MUST(!device_bind(&chaos.fake.vdev.dev, NULL));
	chaos.vq = driver.vq[0];
}

static void chaos_step(void)
{
	switch (chaos_byte() % 16) {
	case 0:
	case 1:
	case 2: chaos_post(); return;
	case 3: virtqueue_kick(chaos.vq); return;
	case 4:
	case 5: chaos_get(); return;
	case 6:
	case 7:
	case 8: chaos_use(); return;
	case 9: chaos_scribble(); return;
	case 10: chaos_aim(); return;
	case 11: virtio_all_queues_interrupt(&chaos.fake.vdev); return;
	case 12: chaos.fake.status |= chaos_byte() & 0x40; return;
	case 13: virtio_config_interrupt(&chaos.fake.vdev); return;
	case 14: chaos_callbacks(); return;
	default:
		if (chaos_byte() % 8)
			chaos_recover();
		else
			chaos_reset_queue();
		return;
	}
}

static void chaos_failed(struct virtio_device *vdev)
{
	void *token;

	(void)vdev;
	while ((token = virtqueue_detach(chaos.vq)))
		chaos_came_back(token);
}

static void chaos_run(const u8 *bytes, size_t size)
{
	u8 kind;

	memset(&chaos, 0, sizeof(chaos));
	chaos.bytes = bytes;
	chaos.left = size;
	kind = chaos_byte();
	test_device(&chaos.fake, 1 + chaos_byte() % 40, CHAOS_PARTS);
	driver.take_back = chaos_failed;
	for (unsigned i = 0; i < 4; i++)
		if (kind & BIT(i))
			fake_offer(&chaos.fake,
				   (const u8[]){ VIRTIO_F_RING_PACKED,
						 VIRTIO_F_INDIRECT_DESC,
						 VIRTIO_F_EVENT_IDX,
						 VIRTIO_F_IN_ORDER }[i]);
	fake_offer(&chaos.fake, VIRTIO_F_RING_RESET);
	if (kind & BIT(4)) {
		chaos.fake.vdev.dev.dma_pool = host_dma_pool;
		host_dma_pool_room = chaos_byte();
	}
	CHAOS_MUST(!fake_virtio_add(&chaos.fake));
	chaos.vq = driver.vq[0];
	while (chaos.left)
		chaos_step();
	fake_virtio_remove(&chaos.fake);
	CHAOS_MUST(!chaos.outstanding);
	CHAOS_MUST(!host_dma_bytes);
	CHAOS_MUST(!host_dma_mappings && !host_dma_waiters);
	host_run_work();
}
