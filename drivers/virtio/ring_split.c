/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Split rings: virtio 1.3, 2.7.
 *
 * Order. Four pairs of barriers, each with its peer in the device:
 *
 *  1. avail->idx is stored with release: what it announces (descriptors,
 *     tables, entries of avail->ring, the buffers) is stored before. The
 *     device loads idx, then those (2.7.13.3.1).
 *  2. A full barrier between the store of avail->idx and the load of
 *     avail_event or used->flags. The device stores these, then loads idx: one
 *     of the two sees the other's store, so no notification is lost (2.7.13.4).
 *  3. used->idx is loaded with acquire: the entries of used->ring and what was
 *     written to the buffers are loaded after. The device stored those before.
 *  4. A full barrier between the store of used_event or avail->flags and the
 *     load of used->idx: as in 2, the other way round (2.7.14).
 *
 * And to use a descriptor again, stores into it come after the load that saw
 * it used: the acquire in 3 orders them too.
 */
#include <kernel/string.h>
#include "internal.h"

/* The used ring is apart from what this side writes: policy, a cache line. */
#define SPLIT_ALIGN 64U

static inline le16 *used_event(const struct virtqueue *vq)
{
	return &vq->split.avail->ring[vq->size];
}

static inline const le16 *avail_event(const struct virtqueue *vq)
{
	return (const le16 *)(const void *)&vq->split.used->ring[vq->size];
}

/* Descriptors and available ring, up to where the used ring begins. */
static size_t used_offset(const struct virtqueue *vq)
{
	unsigned align = vq->vdev->legacy ? vq->vdev->transport->legacy_align
					  : SPLIT_ALIGN;

	return ALIGN_UP(VIRTQ_DESC_BYTES(vq->size) +
				VIRTQ_AVAIL_BYTES(vq->size),
			align);
}

size_t split_bytes(const struct virtqueue *vq)
{
	return used_offset(vq) + VIRTQ_USED_BYTES(vq->size);
}

void split_start(struct virtqueue *vq)
{
	struct split_ring *r = &vq->split;
	char *memory = vq->memory;
	size_t avail = VIRTQ_DESC_BYTES(vq->size), used = used_offset(vq);

	*r = (struct split_ring){
		.desc = vq->memory,
		.avail = (struct virtq_avail *)(void *)(memory + avail),
		.used = (struct virtq_used *)(void *)(memory + used),
		.mask = (u16)(vq->size - 1),
	};
	vq->place.descriptors = vq->memory_address;
	vq->place.driver = vq->memory_address + avail;
	vq->place.device = vq->memory_address + used;
	for (unsigned i = 0; i < vq->size; i++)
		vq->buffers[i].next = (u16)((i + 1) & r->mask);
	vq->callback = true;
	if (!vq->done)
		split_disable_callback(vq);
}

static inline void put(struct virtq_desc *desc, dma_addr_t address, u32 length,
		       unsigned flags, unsigned next)
{
	desc->addr = cpu_to_le64(address);
	desc->len = cpu_to_le32(length);
	desc->flags = cpu_to_le16((u16)flags);
	desc->next = cpu_to_le16((u16)next);
}

/* An entry for buffer @id. It is seen when avail->idx is next stored. */
static inline void offer(struct virtqueue *vq, unsigned id)
{
	struct split_ring *r = &vq->split;

	r->avail->ring[r->available++ & r->mask] = cpu_to_le16((u16)id);
}

/* One descriptor of the ring, for a table of all segments. */
static __noinline int add_table(struct virtqueue *vq,
				const struct virtio_segment *segments,
				unsigned out, unsigned n, void *token)
{
	unsigned id = vq->free_head, table = vq_take_table(vq, id), k;
	unsigned slot = vq_table_slot(vq, table);
	struct virtq_desc *desc =
		(struct virtq_desc *)(void *)(vq->tables.memory +
					      (size_t)table *
						      vq->tables.stride);
	u32 writable = 0;

	for (k = 0; k < n; k++) {
		bool write = k >= out;
		dma_addr_t address;
		int ret = vq_map(vq, &segments[k],
				 write ? DMA_FROM_DEVICE : DMA_TO_DEVICE,
				 slot + k, &address);

		if (unlikely(ret)) {
			vq_unmap_slots(vq, slot, k);
			vq->tables.free_count++;
			return vq_add_failed(vq, k, ret);
		}
		put(&desc[k], address, segments[k].length,
		    (write ? VIRTQ_DESC_F_WRITE : 0U) |
			    (k + 1 < n ? VIRTQ_DESC_F_NEXT : 0U),
		    k + 1);
		writable += write ? segments[k].length : 0;
	}
	put(&vq->split.desc[id],
	    vq->tables.address + (u64)table * vq->tables.stride,
	    n * (u32)sizeof(*desc), VIRTQ_DESC_F_INDIRECT, 0);
	vq->free_head = vq->buffers[id].next;
	vq->free--;
	vq_post(vq, id, token, writable, 0);
	offer(vq, id);
	return 0;
}

/* Undo the mappings of the first @count descriptors of a chain. */
static int chain_failed(struct virtqueue *vq, unsigned count, int err)
{
	unsigned mapped = count, at = vq->free_head;

	for (; count; count--) {
		vq_unmap_slots(vq, at, 1);
		at = vq->buffers[at].next;
	}
	return vq_add_failed(vq, mapped, err);
}

/* Buffer @id, a chain of @n descriptors before @next, is the device's. */
static inline void post_chain(struct virtqueue *vq, unsigned id, unsigned next,
			      unsigned n, u32 writable, void *token)
{
	vq->free_head = (u16)next;
	vq->free = (u16)(vq->free - n);
	vq_post(vq, id, token, writable, n);
	offer(vq, id);
}

static inline unsigned chain_flags(unsigned k, unsigned out, unsigned n)
{
	return (k >= out ? VIRTQ_DESC_F_WRITE : 0U) |
	       (k + 1 < n ? VIRTQ_DESC_F_NEXT : 0U);
}

/* Any chain: what is wrong as well. */
static __noinline int add_chain(struct virtqueue *vq,
				const struct virtio_segment *segments,
				unsigned out, unsigned n, void *token)
{
	unsigned id = vq->free_head, next = id;
	u32 writable = 0;

	for (unsigned k = 0; k < n; k++) {
		unsigned at = next;
		dma_addr_t address;
		int ret = vq_map(vq, &segments[k],
				 k >= out ? DMA_FROM_DEVICE : DMA_TO_DEVICE, at,
				 &address);

		if (unlikely(ret))
			return chain_failed(vq, k, ret);
		next = vq->buffers[at].next;
		put(&vq->split.desc[at], address, segments[k].length,
		    chain_flags(k, out, n), next);
		writable += k >= out ? segments[k].length : 0;
	}
	post_chain(vq, id, next, n, writable, token);
	return 0;
}

int split_add(struct virtqueue *vq, const struct virtio_segment *segments,
	      unsigned out, unsigned in, void *token)
{
	unsigned n = out + in, id = vq->free_head, next = id;
	u32 writable = 0;

	if (unlikely(!vq->free))
		return -ENOSPC;
	if (vq_wants_table(vq, n))
		return add_table(vq, segments, out, n, token);
	if (unlikely(n > vq->free))
		return -ENOSPC;
	for (unsigned k = 0; k < n; k++) {
		const struct virtio_segment *segment = &segments[k];
		struct virtq_desc *desc = &vq->split.desc[next];
		dma_addr_t address;

		/* Nothing is posted yet: it can begin anew. */
		if (!vq_map_plain(vq, segment, &address))
			return add_chain(vq, segments, out, n, token);
		next = vq->buffers[next].next;
		put(desc, address, segment->length, chain_flags(k, out, n),
		    next);
		writable += k >= out ? segment->length : 0;
	}
	post_chain(vq, id, next, n, writable, token);
	return 0;
}

bool split_kick_prepare(struct virtqueue *vq)
{
	struct split_ring *r = &vq->split;
	u16 new = r->available, old = r->kicked;

	if (new == old)
		return false;
	r->kicked = new;
	vq_store_release(vq, &r->avail->idx, new); /* 1 */
	vq_fence_full(vq);			   /* 2 */
	if (vq->event_idx) {
		u16 event = le16_to_cpu(READ_ONCE(*avail_event(vq)));

		/* It is one of those between old and new. */
		return (u16)(new - event - 1) < (u16)(new - old);
	}
	return !(le16_to_cpu(READ_ONCE(r->used->flags)) &
		 VIRTQ_USED_F_NO_NOTIFY);
}

u32 split_notify_data(const struct virtqueue *vq)
{
	return vq->index | (u32)READ_ONCE(vq->split.kicked) << 16;
}

/* Ask for an interrupt when entry @event of the used ring was written. */
static void set_used_event(struct virtqueue *vq, u16 event)
{
	vq->split.event = event;
	WRITE_ONCE(*used_event(vq), cpu_to_le16(event));
}

/* Look what the device has used since the last look: true if anything. */
static bool look(struct virtqueue *vq)
{
	struct split_ring *r = &vq->split;
	u16 seen = vq_load_acquire(vq, &r->used->idx); /* 3 */
	u16 count = (u16)(seen - r->last_used);

	if (!count)
		return false;
	if (unlikely(count > vq->outstanding)) {
		vq_lie(vq, "its used index is too far on", seen);
		return false;
	}
	r->used_seen = seen;
	return true;
}

/* Nothing there. If an interrupt is wanted, see to it that one will come. */
static __noinline bool look_again(struct virtqueue *vq)
{
	struct split_ring *r = &vq->split;

	if (!vq->callback || !vq->event_idx || vq_is_dead(vq) ||
	    (s16)(r->event - r->last_used) >= 0)
		return false;
	set_used_event(vq, r->last_used);
	vq_fence_full(vq); /* 4 */
	return look(vq);
}

static void *get_in_order(struct virtqueue *vq, u32 *length)
{
	struct split_ring *r = &vq->split;
	const struct virtq_used_elem *e;

	if (r->last_used == r->used_seen) {
		if (vq->in_batch) {
			vq_lie(vq, "its batch goes beyond its used index",
			       r->used_seen);
			return NULL;
		}
		if (!look(vq) && !look_again(vq))
			return NULL;
	}
	e = &r->used->ring[r->last_used & r->mask];
	if (!vq->in_batch && !vq_begin_batch(vq, le32_to_cpu(READ_ONCE(e->id)),
					     le32_to_cpu(READ_ONCE(e->len))))
		return NULL;
	r->last_used++;
	return vq_next_in_order(vq, length);
}

void *split_get(struct virtqueue *vq, u32 *length)
{
	struct split_ring *r = &vq->split;
	const struct virtq_used_elem *e;

	if (vq->in_order)
		return get_in_order(vq, length);
	if (r->last_used == r->used_seen && !look(vq) && !look_again(vq))
		return NULL;
	e = &r->used->ring[r->last_used++ & r->mask];
	return vq_complete(vq, le32_to_cpu(READ_ONCE(e->id)),
			   le32_to_cpu(READ_ONCE(e->len)), length, false);
}

bool split_pending(const struct virtqueue *vq)
{
	return le16_to_cpu(READ_ONCE(vq->split.used->idx)) !=
	       vq->split.last_used;
}

void split_disable_callback(struct virtqueue *vq)
{
	vq->callback = false;
	if (vq->event_idx)
		set_used_event(vq, (u16)(vq->split.last_used - 1));
	else
		WRITE_ONCE(vq->split.avail->flags,
			   cpu_to_le16(VIRTQ_AVAIL_F_NO_INTERRUPT));
}

bool split_enable_callback(struct virtqueue *vq, unsigned after)
{
	struct split_ring *r = &vq->split;
	u16 used;

	vq->callback = true;
	if (vq->event_idx)
		set_used_event(vq, (u16)(r->last_used + after - 1));
	else
		WRITE_ONCE(r->avail->flags, cpu_to_le16(0));
	vq_fence_full(vq); /* 4 */
	used = le16_to_cpu(READ_ONCE(r->used->idx));
	return (u16)(used - r->last_used) < (vq->event_idx ? after : 1);
}
