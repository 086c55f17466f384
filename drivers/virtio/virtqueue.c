/* SPDX-License-Identifier: BSD-2-Clause */
/* What drivers call, and what both layouts of rings share. */
#include <kernel/errno.h>
#include <kernel/time.h>
#include "internal.h"

/* Policy: how long a pool that was full is left to others. */
#define RETRY_NS NSEC_PER_MSEC

unsigned vq_take_table(struct virtqueue *vq, unsigned id)
{
	struct vq_tables *t = &vq->tables;
	u16 table = t->free[--t->free_count];

	t->taken[id] = table;
	return table;
}

/* Unmap up to @count mappings, as many as there are. */
void vq_unmap_slots(struct virtqueue *vq, unsigned first, unsigned count)
{
	if (!vq->pool)
		return;
	for (unsigned i = first; i < first + count; i++) {
		struct vq_mapping *m = &vq->mappings[i];

		if (!m->length)
			return;
		/* What a lost device may still use is not given out again. */
		if (!vq->vdev->lost)
			dma_unmap(&vq->vdev->dev, m->address, m->length,
				  m->direction);
		m->length = 0;
	}
}

/* Before what is mapped is freed: a pool copies to it what the device wrote. */
void vq_unmap_all(struct virtqueue *vq)
{
	unsigned slots = vq->size + vq->tables.count * vq->segments_max;

	for (unsigned i = 0; vq->mappings && i < slots; i++)
		vq_unmap_slots(vq, i, 1);
}

/* Give up the table and the mappings of buffer @id. */
static void vq_release(struct virtqueue *vq, unsigned id)
{
	const struct vq_buffer *b = &vq->buffers[id];
	unsigned at = id;

	if (!b->count) {
		struct vq_tables *t = &vq->tables;
		u16 table = t->taken[id];

		vq_unmap_slots(vq, vq_table_slot(vq, table), vq->segments_max);
		t->free[t->free_count++] = table;
		return;
	}
	for (unsigned n = b->count; n; n--) {
		vq_unmap_slots(vq, at, 1);
		at = vq->buffers[at].next;
	}
}

/*
 * Put buffer @id, and what is chained to it, back into the list. In order the
 * list is the ring, and never changes. A packed ring chains ids only to have
 * places for mappings: descriptors are used up in another order than ids.
 */
static void free_ids(struct virtqueue *vq, unsigned id, unsigned count)
{
	unsigned last = id;

	vq->free = (u16)(vq->free + count);
	if (vq->in_order)
		return;
	if (!vq->packed || vq->pool)
		while (--count)
			last = vq->buffers[last].next;
	vq->buffers[last].next = vq->free_head;
	vq->free_head = (u16)id;
}

/* Buffer @id, which the device has, is the driver's again: its token. */
void *vq_take_back(struct virtqueue *vq, unsigned id)
{
	struct vq_buffer *buffer = &vq->buffers[id];
	void *token = buffer->token;

	if (vq->pool || !buffer->count)
		vq_release(vq, id);
	buffer->token = NULL;
	vq->outstanding--;
	free_ids(vq, id, vq_count(vq, id));
	return token;
}

/* All of vq_complete(): what is wrong as well. */
void *vq_complete_slowly(struct virtqueue *vq, u32 id, u32 said, u32 *length)
{
	if (unlikely(!vq_has(vq, id))) {
		vq_lie(vq, "it used a buffer that it did not have", id);
		return NULL;
	}
	if (unlikely(said > vq->buffers[id].writable)) {
		/* Of legacy devices nobody knows what they count (2.7.8.1). */
		if (!vq->vdev->legacy) {
			vq_lie(vq, "it wrote more than it was given", said);
			return NULL;
		}
		said = vq->buffers[id].writable;
	}
	*length = said;
	return vq_take_back(vq, id);
}

/* With interrupts masked. */
static void try_again(struct virtqueue *vq)
{
	if (vq->done && !vq_is_dead(vq))
		vq->done(vq);
}

static void room(struct dma_waiter *waiter)
{
	try_again(container_of(waiter, struct virtqueue, waiter));
}

static void retry(struct timer *timer)
{
	try_again(container_of(timer, struct virtqueue, retry));
}

/*
 * A buffer was not posted: @mapped of its segments had found room. What it
 * gave back of that wakes who waits for the pool, for nothing, again and
 * again: in that case it looks now and then.
 */
int vq_add_failed(struct virtqueue *vq, unsigned mapped, int err)
{
	if (err != -EAGAIN)
		return err;
	vq->retry.handler = retry;
	if (mapped && !timer_start(&vq->retry, time_ns() + RETRY_NS))
		return err;
	vq->waiter.fn = room;
	dma_wait(&vq->vdev->dev, &vq->waiter);
	return err;
}

void virtqueue_cancel_wait(struct virtqueue *vq)
{
	dma_wait_cancel(&vq->vdev->dev, &vq->waiter);
	timer_cancel(&vq->retry);
	/* Its handler, if it was running, may have waited again. */
	dma_wait_cancel(&vq->vdev->dev, &vq->waiter);
}

int virtqueue_add(struct virtqueue *vq, const struct virtio_segment *segments,
		  unsigned out, unsigned in, void *token)
{
	if (unlikely(vq_is_dead(vq)))
		return -EIO;
	if (unlikely((u64)out + in - 1 >= vq->segments_max || !token))
		return -EINVAL;
	if (vq->packed)
		return packed_add(vq, segments, out, in, token);
	return split_add(vq, segments, out, in, token);
}

bool virtqueue_kick_prepare(struct virtqueue *vq)
{
	vq->kicks++;
	/* Before DRIVER_OK the core makes up for it: see go_live(). */
	if (unlikely(atomic_read(&vq->stopped)))
		return false;
	return vq->packed ? packed_kick_prepare(vq) : split_kick_prepare(vq);
}

void virtqueue_notify(struct virtqueue *vq)
{
	struct virtio_device *vdev = vq->vdev;
	u32 data = vq->index;

	if (unlikely(atomic_read(&vq->stopped)))
		return;
	if (virtio_has(vdev, VIRTIO_F_NOTIFICATION_DATA))
		data = vq->packed ? packed_notify_data(vq)
				  : split_notify_data(vq);
	vq->notifications++;
	vdev->transport->notify(vdev, vq->index, data);
}

void virtqueue_kick(struct virtqueue *vq)
{
	if (virtqueue_kick_prepare(vq))
		virtqueue_notify(vq);
}

void *virtqueue_get(struct virtqueue *vq, u32 *length)
{
	if (unlikely(vq_is_dead(vq)))
		return NULL;
	return vq->packed ? packed_get(vq, length) : split_get(vq, length);
}

bool virtqueue_pending(const struct virtqueue *vq)
{
	if (vq_is_dead(vq))
		return false;
	return vq->packed ? packed_pending(vq) : split_pending(vq);
}

void virtqueue_disable_callback(struct virtqueue *vq)
{
	if (vq->packed)
		packed_disable_callback(vq);
	else
		split_disable_callback(vq);
}

static bool enable_callback(struct virtqueue *vq, unsigned after)
{
	if (vq_is_dead(vq))
		return true;
	return vq->packed ? packed_enable_callback(vq, after)
			  : split_enable_callback(vq, after);
}

bool virtqueue_enable_callback(struct virtqueue *vq)
{
	return enable_callback(vq, 1);
}

bool virtqueue_enable_callback_after(struct virtqueue *vq, unsigned part)
{
	return enable_callback(vq, MAX(vq->outstanding * MIN(part, 100U) / 100,
				       1U));
}

unsigned virtqueue_room(const struct virtqueue *vq)
{
	return vq->free;
}

unsigned virtqueue_size(const struct virtqueue *vq)
{
	return vq->size;
}

unsigned virtqueue_segments_max(const struct virtqueue *vq)
{
	return vq->segments_max;
}

unsigned virtqueue_outstanding(const struct virtqueue *vq)
{
	return vq->outstanding;
}

bool virtqueue_is_broken(const struct virtqueue *vq)
{
	return atomic_read(&vq->stopped) & VQ_BROKEN;
}

void *virtqueue_detach(struct virtqueue *vq)
{
	if (!vq->outstanding || !vq_is_dead(vq))
		return NULL;
	while (!vq_has(vq, vq->detached))
		vq->detached = (vq->detached + 1) % vq->size;
	return vq_take_back(vq, vq->detached);
}

void virtqueue_break(struct virtqueue *vq, const char *why)
{
	virtio_break_queue(vq->vdev, vq, why, NULL);
}

__cold void vq_lie(struct virtqueue *vq, const char *what, u32 value)
{
	virtio_break_queue(vq->vdev, vq, what, &value);
}

/* With interrupts masked. */
void virtqueue_interrupted(struct virtqueue *vq)
{
	vq->interrupts++;
	if (vq->done && !vq_is_dead(vq))
		vq->done(vq);
}

struct virtio_device *virtqueue_device(const struct virtqueue *vq)
{
	return vq->vdev;
}

unsigned virtqueue_index(const struct virtqueue *vq)
{
	return vq->index;
}

void *virtqueue_data(const struct virtqueue *vq)
{
	return vq->data;
}

unsigned virtqueue_cpu(const struct virtqueue *vq)
{
	return vq->vdev->transport->interrupt_cpu(vq->vdev, vq->slot);
}

void virtqueue_get_stats(const struct virtqueue *vq,
			 struct virtqueue_stats *stats)
{
	*stats = (struct virtqueue_stats){
		.added = vq->added,
		.used = vq->added - vq->outstanding,
		.kicks = vq->kicks,
		.notifications = vq->notifications,
		.interrupts = vq->interrupts,
	};
}
