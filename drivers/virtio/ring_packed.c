/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packed rings: virtio 1.3, 2.8. Sizes need not be powers of two.
 *
 * Order. Four pairs of barriers, each with its peer in the device:
 *
 *  1. The flags of a buffer's first descriptor are stored with release: its
 *     other descriptors, its table and its memory are stored before. The
 *     device loads these flags, then those (2.8.21.1.1).
 *  2. A full barrier between the store of flags and the load of the device's
 *     event suppression. The device stores that, then loads flags: one of the
 *     two sees the other's store, so no notification is lost (2.8.21.3.1).
 *  3. Flags of a used descriptor are loaded with acquire: its id and length,
 *     and what was written to the buffer, are loaded after. The device stored
 *     those before.
 *  4. A full barrier between the store of this side's event suppression and
 *     the load of flags: as in 2, the other way round.
 *
 * And to use a descriptor again, stores into it come after the load that saw
 * it used: the acquire in 3 orders them too.
 */
#include <kernel/string.h>
#include "internal.h"

#define AVAIL_USED (VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED)

/* The parts are apart: policy, a cache line. */
#define PACKED_ALIGN 64U

size_t packed_bytes(const struct virtqueue *vq)
{
	return ALIGN_UP(vq->size * sizeof(struct pvirtq_desc), PACKED_ALIGN) +
	       2UL * PACKED_ALIGN;
}

void packed_start(struct virtqueue *vq)
{
	struct packed_ring *r = &vq->ring;
	char *memory = vq->memory;
	size_t events =
		ALIGN_UP(vq->size * sizeof(struct pvirtq_desc), PACKED_ALIGN);

	*r = (struct packed_ring){
		.desc = vq->memory,
		.driver = (le32 *)(void *)(memory + events),
		.device = (le32 *)(void *)(memory + events + PACKED_ALIGN),
		.next_flags = VIRTQ_DESC_F_AVAIL,
		.used_flags = AVAIL_USED,
	};
	vq->place.descriptors = vq->memory_address;
	vq->place.driver = vq->memory_address + events;
	vq->place.device = vq->memory_address + events + PACKED_ALIGN;
	for (unsigned i = 0; i < vq->size; i++)
		vq->buffers[i].next = (u16)(i + 1 < vq->size ? i + 1 : 0);
	vq->callback = true;
	if (!vq->done)
		packed_disable_callback(vq);
}

/* A descriptor's flags are stored last, and by others for the first one. */
static inline void put(struct pvirtq_desc *desc, dma_addr_t address, u32 length,
		       unsigned id)
{
	desc->addr = cpu_to_le64(address);
	desc->len = cpu_to_le32(length);
	desc->id = cpu_to_le16((u16)id);
}

/*
 * @count descriptors from r->next on, of which the first has @flags, are the
 * device's.
 */
static inline void expose(struct virtqueue *vq, unsigned count, unsigned flags)
{
	struct packed_ring *r = &vq->ring;
	unsigned first = r->next, next = first + count;

	flags |= r->next_flags;
	if (next >= vq->size) {
		next -= vq->size;
		r->next_flags ^= AVAIL_USED;
	}
	r->next = (u16)next;
	r->added += count;
	vq->free = (u16)(vq->free - count);
	vq_store_release(vq, &r->desc[first].flags, (u16)flags); /* 1 */
}

/*
 * The id of the next buffer. In order it is the place of the first descriptor,
 * so that ids follow each other as buffers do.
 */
static inline unsigned peek_id(const struct virtqueue *vq)
{
	return vq->in_order ? vq->ring.next : vq->free_head;
}

/* One descriptor of the ring, for a table of all segments (2.8.7). */
static __noinline int add_table(struct virtqueue *vq,
				const struct virtio_segment *segments,
				unsigned out, unsigned n, void *token)
{
	unsigned id = peek_id(vq), table = vq_take_table(vq, id);
	unsigned slot = vq_table_slot(vq, table);
	struct pvirtq_desc *desc =
		(struct pvirtq_desc *)(void *)(vq->tables.memory +
					       (size_t)table *
						       vq->tables.stride);
	u32 writable = 0;

	for (unsigned k = 0; k < n; k++) {
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
		put(&desc[k], address, segments[k].length, 0);
		desc[k].flags = cpu_to_le16(write ? VIRTQ_DESC_F_WRITE : 0);
		writable += write ? segments[k].length : 0;
	}
	put(&vq->ring.desc[vq->ring.next],
	    vq->tables.address + (u64)table * vq->tables.stride,
	    n * (u32)sizeof(*desc), id);
	vq->free_head = vq->buffers[id].next;
	vq_post(vq, id, token, writable, 0);
	expose(vq, 1, VIRTQ_DESC_F_INDIRECT);
	return 0;
}

/*
 * Undo the first @count descriptors of a chain: mappings, and flags, which the
 * device would else take for those of the buffer behind the next one.
 */
static int chain_failed(struct virtqueue *vq, unsigned count, int err)
{
	struct packed_ring *r = &vq->ring;
	unsigned slot = peek_id(vq), at = r->next;
	u16 mark = r->next_flags;

	for (unsigned k = 0; k < count; k++) {
		vq_unmap_slots(vq, slot, 1);
		slot = vq->buffers[slot].next;
		/* As if used in the lap before: neither side's in this one. */
		r->desc[at].flags =
			cpu_to_le16(mark & VIRTQ_DESC_F_AVAIL ? 0 : AVAIL_USED);
		if (++at == vq->size) {
			at = 0;
			mark ^= AVAIL_USED;
		}
	}
	return vq_add_failed(vq, count, err);
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
	struct packed_ring *r = &vq->ring;
	unsigned id = peek_id(vq), at = r->next, slot = id;
	unsigned mark = r->next_flags;
	u32 writable = 0;

	for (unsigned k = 0; k < n; k++) {
		unsigned flags = chain_flags(k, out, n) | mark;
		dma_addr_t address;
		int ret = vq_map(vq, &segments[k],
				 k >= out ? DMA_FROM_DEVICE : DMA_TO_DEVICE,
				 slot, &address);

		if (unlikely(ret))
			return chain_failed(vq, k, ret);
		put(&r->desc[at], address, segments[k].length, id);
		if (k)
			r->desc[at].flags = cpu_to_le16((u16)flags);
		writable += k >= out ? segments[k].length : 0;
		/* An id for each mapping, if it has to be kept; else one. */
		if (!k || vq->pool)
			slot = vq->buffers[slot].next;
		if (++at == vq->size) {
			at = 0;
			mark ^= AVAIL_USED;
		}
	}
	vq->free_head = (u16)slot;
	vq_post(vq, id, token, writable, n);
	expose(vq, n, chain_flags(0, out, n));
	return 0;
}

int packed_add(struct virtqueue *vq, const struct virtio_segment *segments,
	       unsigned out, unsigned in, void *token)
{
	struct packed_ring *r = &vq->ring;
	unsigned n = out + in, id = peek_id(vq), at = r->next;
	unsigned mark = r->next_flags;
	u32 writable = 0;

	if (unlikely(!vq->free))
		return -ENOSPC;
	if (vq_wants_table(vq, n))
		return add_table(vq, segments, out, n, token);
	if (unlikely(n > vq->free))
		return -ENOSPC;
	for (unsigned k = 0; k < n; k++) {
		const struct virtio_segment *segment = &segments[k];
		struct pvirtq_desc *desc = &r->desc[at];
		dma_addr_t address;

		/* Nothing is posted yet: it can begin anew. */
		if (!vq_map_plain(vq, segment, &address))
			return add_chain(vq, segments, out, n, token);
		put(desc, address, segment->length, id);
		if (k)
			desc->flags = cpu_to_le16(
				(u16)(chain_flags(k, out, n) | mark));
		writable += k >= out ? segment->length : 0;
		if (++at == vq->size) {
			at = 0;
			mark ^= AVAIL_USED;
		}
	}
	vq->free_head = vq->buffers[id].next;
	vq_post(vq, id, token, writable, n);
	expose(vq, n, chain_flags(0, out, n));
	return 0;
}

/* True if the device wants to hear of one of the last @added descriptors. */
static bool wants_event(const struct virtqueue *vq, u32 said, unsigned added)
{
	const struct packed_ring *r = &vq->ring;
	bool wrap = r->next_flags & VIRTQ_DESC_F_AVAIL;
	int event = (int)(said & ~(u32)PVIRTQ_EVENT_WRAP & 0xffff);

	/* Not this lap's: the one before. */
	if (wrap != !!(said & PVIRTQ_EVENT_WRAP))
		event -= vq->size;
	return event < (int)r->next && event >= (int)r->next - (int)added;
}

bool packed_kick_prepare(struct virtqueue *vq)
{
	struct packed_ring *r = &vq->ring;
	u32 added = r->added, said;

	if (!added)
		return false;
	r->added = 0;
	vq_fence_full(vq); /* 2 */
	said = le32_to_cpu(READ_ONCE(*r->device));
	switch (said >> 16 & RING_EVENT_FLAGS_MASK) {
	case RING_EVENT_FLAGS_DISABLE: return false;
	case RING_EVENT_FLAGS_DESC:
		return !vq->event_idx || wants_event(vq, said, added);
	default: return true;
	}
}

u32 packed_notify_data(const struct virtqueue *vq)
{
	const struct packed_ring *r = &vq->ring;
	u32 wrap = r->next_flags & VIRTQ_DESC_F_AVAIL ? PVIRTQ_EVENT_WRAP : 0;

	return vq->index | (r->next | wrap) << 16;
}

static void set_event(struct virtqueue *vq, unsigned flags, u32 desc)
{
	WRITE_ONCE(*vq->ring.driver, cpu_to_le32(flags << 16 | desc));
}

/* Ask for an interrupt when @ahead more descriptors than one were used. */
static void set_used_event(struct virtqueue *vq, unsigned ahead)
{
	struct packed_ring *r = &vq->ring;
	bool wrap = r->used_flags & VIRTQ_DESC_F_USED;
	unsigned at = r->used + ahead;

	r->event_left = (s32)ahead;
	if (at >= vq->size) {
		at -= vq->size;
		wrap = !wrap;
	}
	set_event(vq, RING_EVENT_FLAGS_DESC,
		  at | (wrap ? PVIRTQ_EVENT_WRAP : 0U));
}

static bool is_used(const struct virtqueue *vq, u16 flags)
{
	return (flags & AVAIL_USED) == vq->ring.used_flags;
}

static bool look(const struct virtqueue *vq)
{
	return is_used(vq,
		       vq_load_acquire(vq,
				       &vq->ring.desc[vq->ring.used].flags));
}

/* Nothing there. If an interrupt is wanted, see to it that one will come. */
static __noinline bool look_again(struct virtqueue *vq)
{
	if (!vq->callback || !vq->event_idx || vq->ring.event_left >= 0)
		return false;
	set_used_event(vq, 0);
	vq_fence_full(vq); /* 4 */
	return look(vq);
}

/* The device used buffer @id, whose descriptors it does not look at again. */
static inline void skip(struct virtqueue *vq, unsigned id)
{
	struct packed_ring *r = &vq->ring;
	unsigned count = vq_count(vq, id), used = r->used + count;

	if (used >= vq->size) {
		used -= vq->size;
		r->used_flags ^= AVAIL_USED;
	}
	r->used = (u16)used;
	r->event_left -= (s32)count;
}

static void *get_in_order(struct virtqueue *vq, u32 *length)
{
	const struct pvirtq_desc *d = &vq->ring.desc[vq->ring.used];

	if (!vq->in_batch) {
		if (!look(vq) && !look_again(vq)) /* 3 */
			return NULL;
		if (!vq_begin_batch(vq, le16_to_cpu(READ_ONCE(d->id)),
				    le32_to_cpu(READ_ONCE(d->len))))
			return NULL;
	}
	skip(vq, vq->oldest);
	return vq_next_in_order(vq, length);
}

/*
 * A used descriptor without the flag WRITE should have no length (2.8.4), but
 * QEMU (7.2) never sets that flag: the length counts.
 */
void *packed_get(struct virtqueue *vq, u32 *length)
{
	const struct pvirtq_desc *d = &vq->ring.desc[vq->ring.used];
	u16 id;

	if (vq->in_order)
		return get_in_order(vq, length);
	if (!look(vq) && !look_again(vq)) /* 3 */
		return NULL;
	id = le16_to_cpu(READ_ONCE(d->id));
	if (likely(id < vq->size))
		skip(vq, id);
	return vq_complete(vq, id, le32_to_cpu(READ_ONCE(d->len)), length,
			   true);
}

bool packed_pending(const struct virtqueue *vq)
{
	const struct packed_ring *r = &vq->ring;

	return vq->in_batch ||
	       is_used(vq, le16_to_cpu(READ_ONCE(r->desc[r->used].flags)));
}

void packed_disable_callback(struct virtqueue *vq)
{
	vq->callback = false;
	set_event(vq, RING_EVENT_FLAGS_DISABLE, 0);
}

/*
 * @after buffers are at least as many descriptors: it may interrupt earlier
 * than asked for, never later.
 */
bool packed_enable_callback(struct virtqueue *vq, unsigned after)
{
	vq->callback = true;
	if (vq->event_idx)
		set_used_event(vq, after - 1);
	else
		set_event(vq, RING_EVENT_FLAGS_ENABLE, 0);
	vq_fence_full(vq); /* 4 */
	return !packed_pending(vq);
}
