/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the virtio core share. What a queue knows of its device's
 * work is here, in private memory: of the rings only what the device has to
 * tell is ever read, and checked against this.
 */
#pragma once

#include <abi/virtio/ring.h>
#include <drivers/virtio_transport.h>
#include <kernel/atomic.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/timer.h>

/* A buffer, by its id; its descriptors, in a split ring, by their index. */
struct vq_buffer {
	void *token;  /* NULL: the device does not have it */
	u32 writable; /* bytes */
	u16 count;    /* descriptors in the ring; 0: one, for a table */
	u16 next;     /* in the list of free ones; in a chain */
};

/* What dma_unmap() is told. Only for devices that have a pool. */
struct vq_mapping {
	dma_addr_t address;
	u32 length;
	u32 direction;
};

/* Indirect tables, made once (2.7.5.3, 2.8.7). */
struct vq_tables {
	char *memory; /* NULL: none */
	dma_addr_t address;
	u32 stride; /* bytes of one: segments_max descriptors */
	u16 count;
	u16 free_count;
	u16 *free;  /* a stack of the free ones */
	u16 *taken; /* by a buffer's id: its table */
};

struct split_ring {
	struct virtq_desc *desc;
	struct virtq_avail *avail;
	struct virtq_used *used;
	u16 mask;      /* size - 1 */
	u16 available; /* index of the next entry of avail->ring */
	u16 kicked;    /* what avail->idx says */
	u16 last_used; /* index of the next entry of used->ring ... */
	u16 used_seen; /* ... and of the first that is not known to be there */
	u16 event;     /* what used_event says */
};

struct packed_ring {
	struct pvirtq_desc *desc;
	le32 *driver;	    /* event suppression, as the spec's structure: */
	const le32 *device; /* desc in the low half, flags in the high one */
	u16 next;	    /* where the next descriptor goes ... */
	u16 next_flags;	    /* ... and its AVAIL and USED */
	u16 used;	    /* where the next used one is expected ... */
	u16 used_flags;	    /* ... and its AVAIL and USED */
	u32 added;	    /* descriptors since the last kick */
	s32 event_left;	    /* used ones until what *driver asks for */
};

/* Bits of virtqueue.stopped. */
enum {
	VQ_BROKEN = BIT(0),
	VQ_RESET = BIT(1), /* between virtqueue_reset() and _restart() */
	VQ_EARLY = BIT(2), /* DRIVER_OK is not set yet: no notifications */
	VQ_DEAD = VQ_BROKEN | VQ_RESET,
};

struct virtqueue {
	/* What each call looks at. */
	u8 stopped; /* atomic */
	bool packed;
	bool event_idx;
	bool in_order;
	bool hardware;	  /* VIRTIO_F_ORDER_PLATFORM */
	bool pool;	  /* mapping is more than an address */
	bool plain;	  /* neither pool nor in_order */
	bool lasting;	  /* its buffers: struct virtqueue_config */
	bool callback;	  /* is wanted */
	bool in_batch;	  /* in order: some of a batch are to come yet */
	u16 size;	  /* descriptors */
	u16 free;	  /* of them */
	u16 segments_max; /* at most size */
	u16 free_head;	  /* of the list of ids */
	u16 outstanding;
	u16 oldest;	  /* in order: id of the next buffer to come back */
	u16 batch;	  /* in order: id of the last one of the batch ... */
	u32 batch_length; /* ... and what was written to it */
	struct vq_buffer *buffers;
	union {
		struct split_ring split;
		struct packed_ring ring;
	};
	uintptr_t direct;      /* address of physical address 0 ... */
	phys_addr_t reachable; /* ... and the end of what is there */
	u64 added, kicks, notifications, interrupts;
	struct vq_tables tables;
	struct vq_mapping *mappings; /* descriptors', then tables' */

	struct virtio_device *vdev;
	unsigned index, slot;
	const char *name;
	void (*done)(struct virtqueue *vq);
	void *data;
	struct virtqueue_place place;
	void *memory; /* of the rings */
	size_t memory_size;
	dma_addr_t memory_address;
	struct dma_waiter waiter;
	struct timer retry; /* calls done() where the waiter must not */
	unsigned detached;  /* ids below it were looked at */
};

/*
 * The barriers of the rings. The peer is a thread of the host, which plays the
 * device on a CPU like ours, or with VIRTIO_F_ORDER_PLATFORM hardware.
 */
static inline void vq_fence_full(const struct virtqueue *vq)
{
	if (unlikely(vq->hardware))
		device_fence_full();
	else
		fence_full();
}

static inline void vq_store_release(const struct virtqueue *vq, le16 *p, u16 v)
{
	u16 *to = (__force u16 *)p;

	if (unlikely(vq->hardware))
		device_fence_release();
	atomic_store_release(to, v);
}

static inline u16 vq_load_acquire(const struct virtqueue *vq, const le16 *p)
{
	u16 v = atomic_load_acquire((const __force u16 *)p);

	if (unlikely(vq->hardware))
		device_fence_acquire();
	return v;
}

static inline bool vq_is_dead(const struct virtqueue *vq)
{
	return atomic_read(&vq->stopped) & VQ_DEAD;
}

/*
 * What most segments are: as long as they may be, in the direct map, of a
 * device that reaches it. False: anything else, which vq_map() is for.
 */
static inline bool vq_map_plain(const struct virtqueue *vq,
				const struct virtio_segment *segment,
				dma_addr_t *address)
{
	*address = (uintptr_t)segment->data - vq->direct;
	return likely(segment->length - 1 < DMA_MAP_MAX &&
		      *address < vq->reachable);
}

/* Let the device reach @segment, which mapping @slot is for. */
static inline int vq_map(struct virtqueue *vq,
			 const struct virtio_segment *segment,
			 enum dma_direction direction, unsigned slot,
			 dma_addr_t *address)
{
	int ret;

	if (segment->length - 1 >= DMA_MAP_MAX)
		return -EINVAL;
	if (vq->lasting)
		direction |= DMA_LASTING;
	ret = dma_map(&vq->vdev->dev, segment->data, segment->length, direction,
		      address);
	if (vq->pool && !ret)
		vq->mappings[slot] =
			(struct vq_mapping){ *address, segment->length,
					     direction };
	return ret;
}

/* Policy: no longer chains in the ring itself, if tables may be used. */
#define VQ_CHAIN_MAX 8

/* True if @n segments had better go into a table. */
static inline bool vq_wants_table(const struct virtqueue *vq, unsigned n)
{
	/*
	 * Policy: a chain is cheaper for both sides while the ring has room
	 * for several more of its kind.
	 */
	return n > 1 && (n > VQ_CHAIN_MAX || n > vq->free / 4U) &&
	       vq->tables.free_count;
}

/* Where mappings of table @table begin. */
static inline unsigned vq_table_slot(const struct virtqueue *vq, unsigned table)
{
	return vq->size + table * vq->segments_max;
}

/* Buffer @id is the device's from now on. @count as in struct vq_buffer. */
static inline void vq_post(struct virtqueue *vq, unsigned id, void *token,
			   u32 writable, unsigned count)
{
	struct vq_buffer *buffer = &vq->buffers[id];

	buffer->token = token;
	buffer->writable = writable;
	buffer->count = (u16)count;
	vq->outstanding++;
	vq->added++;
}

/* virtqueue.c */
unsigned vq_take_table(struct virtqueue *vq, unsigned id);
void vq_unmap_slots(struct virtqueue *vq, unsigned first, unsigned count);
/** The same of all that are left. */
void vq_unmap_all(struct virtqueue *vq);
int vq_add_failed(struct virtqueue *vq, unsigned mapped, int err);
void vq_lie(struct virtqueue *vq, const char *what, u32 value);

/* Ring descriptors of buffer @id. */
static inline unsigned vq_count(const struct virtqueue *vq, unsigned id)
{
	return vq->buffers[id].count ? vq->buffers[id].count : 1;
}

/* True if the device has a buffer @id. */
static inline bool vq_has(const struct virtqueue *vq, u32 id)
{
	return id < vq->size && vq->buffers[id].token;
}

/* virtqueue.c */
void *vq_take_back(struct virtqueue *vq, unsigned id);
void *vq_complete_slowly(struct virtqueue *vq, u32 id, u32 said, u32 *length);

/*
 * The device says that it used buffer @id, and wrote @said bytes. What most
 * buffers are is done here; @packed is a constant.
 */
static inline void *vq_complete(struct virtqueue *vq, u32 id, u32 said,
				u32 *length, bool packed)
{
	struct vq_buffer *buffer = &vq->buffers[id];
	unsigned count, last = id;
	void *token;

	if (unlikely(!vq->plain || id >= vq->size || !buffer->token ||
		     !buffer->count || said > buffer->writable))
		return vq_complete_slowly(vq, id, said, length);
	token = buffer->token;
	count = buffer->count;
	buffer->token = NULL;
	vq->outstanding--;
	vq->free = (u16)(vq->free + count);
	if (!packed)
		while (--count)
			last = vq->buffers[last].next;
	vq->buffers[last].next = vq->free_head;
	vq->free_head = (u16)id;
	*length = said;
	return token;
}

/* The next of a batch. Those before the last were used whole (2.7.9). */
static inline void *vq_next_in_order(struct virtqueue *vq, u32 *length)
{
	unsigned id = vq->oldest, next = id + vq_count(vq, id);
	u32 said = vq->buffers[id].writable;

	vq->oldest = (u16)(next < vq->size ? next : next - vq->size);
	if (id == vq->batch) {
		said = vq->batch_length;
		vq->in_batch = false;
	}
	return vq_complete_slowly(vq, id, said, length);
}

/* The device used all up to buffer @id, and wrote @said bytes to that one. */
static inline bool vq_begin_batch(struct virtqueue *vq, u32 id, u32 said)
{
	if (unlikely(!vq_has(vq, id))) {
		vq_lie(vq, "it used a buffer that it did not have", id);
		return false;
	}
	vq->batch = (u16)id;
	vq->batch_length = said;
	vq->in_batch = true;
	return true;
}

/* virtio.c and broken.c */
void virtio_break_queue(struct virtio_device *vdev, struct virtqueue *vq,
			const char *why, const u32 *value);
int virtio_reset(struct virtio_device *vdev);
void virtio_quiesce(struct virtio_device *vdev);
void virtio_broken_work(struct work *work);
void virtio_config_work(struct work *work);
void virtio_free_queues(struct virtio_device *vdev);
void virtqueue_interrupted(struct virtqueue *vq);
void virtqueue_cancel_wait(struct virtqueue *vq);

void virtio_wanted_features(const struct virtio_device *vdev,
			    const struct virtio_driver *drv,
			    struct virtio_features *wanted);
void virtio_features_and(struct virtio_features *features,
			 const struct virtio_features *mask);

static inline bool virtio_is_running(const struct virtio_device *vdev)
{
	/* Pairs with the release in go_live(): the queues are there. */
	return atomic_load_acquire(&vdev->state) == VIRTIO_RUNNING;
}

static inline const struct virtio_driver *virtio_driver_of(
	const struct virtio_device *vdev)
{
	return container_of(vdev->dev.driver, struct virtio_driver, driver);
}

/* What each layout does for <drivers/virtqueue.h>'s functions. */
size_t split_bytes(const struct virtqueue *vq);
void split_start(struct virtqueue *vq);
int split_add(struct virtqueue *vq, const struct virtio_segment *segments,
	      unsigned out, unsigned in, void *token);
void *split_get(struct virtqueue *vq, u32 *length);
bool split_pending(const struct virtqueue *vq);
bool split_kick_prepare(struct virtqueue *vq);
u32 split_notify_data(const struct virtqueue *vq);
void split_disable_callback(struct virtqueue *vq);
bool split_enable_callback(struct virtqueue *vq, unsigned after);

size_t packed_bytes(const struct virtqueue *vq);
void packed_start(struct virtqueue *vq);
int packed_add(struct virtqueue *vq, const struct virtio_segment *segments,
	       unsigned out, unsigned in, void *token);
void *packed_get(struct virtqueue *vq, u32 *length);
bool packed_pending(const struct virtqueue *vq);
bool packed_kick_prepare(struct virtqueue *vq);
u32 packed_notify_data(const struct virtqueue *vq);
void packed_disable_callback(struct virtqueue *vq);
bool packed_enable_callback(struct virtqueue *vq, unsigned after);
