/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's side of the rings: virtio 1.3, 2.7 and 2.8. */
#include <kernel/atomic.h>
#include <kernel/byteorder.h>
#include <kernel/string.h>
#include "fake_virtio.h"

static void *at(u64 address)
{
	return (void *)(uintptr_t)address;
}

static bool is_packed(const struct fake_virtio *fake)
{
	return fake_has(fake, VIRTIO_F_RING_PACKED);
}

struct fake_split fake_split(const struct fake_virtio *fake, unsigned queue)
{
	const struct virtqueue_place *place = &fake->queues[queue].place;
	struct virtq_avail *avail = at(place->driver);
	struct virtq_used *used = at(place->device);

	return (struct fake_split){
		.desc = at(place->descriptors),
		.avail = avail,
		.used = used,
		.used_event = &avail->ring[place->size],
		.avail_event = (le16 *)(void *)&used->ring[place->size],
		.size = place->size,
	};
}

struct fake_packed fake_packed(const struct fake_virtio *fake, unsigned queue)
{
	const struct virtqueue_place *place = &fake->queues[queue].place;

	return (struct fake_packed){
		.desc = at(place->descriptors),
		.driver = at(place->driver),
		.device = at(place->device),
		.size = place->size,
	};
}

static void add_segment(struct fake_buffer *buffer, u64 address, u32 length,
			bool write)
{
	unsigned n = buffer->out + buffer->in;

	REQUIRE(n < FAKE_SEGMENTS_MAX, "a reasonable number of segments");
	REQUIRE(length, "no empty segments");
	REQUIRE(write || !buffer->in, "2.7.4.2: readable before writable");
	buffer->segment[n].data = at(address);
	buffer->segment[n].length = length;
	if (write) {
		buffer->in++;
		buffer->writable += length;
	} else {
		buffer->out++;
		buffer->readable += length;
	}
	REQUIRE(buffer->readable + buffer->writable <= 1ULL << 32,
		"2.7.5.2: at most 2^32 bytes");
}

static void take_split_table(const struct fake_virtio *fake,
			     struct fake_buffer *buffer, u64 address,
			     u32 length, unsigned queue_size)
{
	const struct virtq_desc *desc = at(address);
	unsigned count = length / 16, i = 0;

	REQUIRE(count && !(length % 16), "2.7.5.3: whole descriptors");
	REQUIRE(count <= queue_size, "2.7.5.3.1: no longer than the queue");
	for (;; i = le16_to_cpu(desc[i].next)) {
		u16 flags = le16_to_cpu(desc[i].flags);

		REQUIRE(i < count, "2.7.5.3: within the table");
		REQUIRE(!(flags & VIRTQ_DESC_F_INDIRECT),
			"2.7.5.3.1: only one level");
		REQUIRE(!fake_has(fake, VIRTIO_F_IN_ORDER) ||
				i == buffer->out + buffer->in,
			"2.7.5.3.1: sequential when in order");
		add_segment(buffer, le64_to_cpu(desc[i].addr),
			    le32_to_cpu(desc[i].len),
			    flags & VIRTQ_DESC_F_WRITE);
		if (!(flags & VIRTQ_DESC_F_NEXT))
			return;
	}
}

static void take_split(struct fake_virtio *fake, unsigned queue,
		       struct fake_buffer *buffer, unsigned head)
{
	struct fake_split s = fake_split(fake, queue);
	unsigned i = head;

	for (;;) {
		u16 flags, next;

		REQUIRE(i < s.size, "descriptors are in the table");
		REQUIRE(buffer->descriptors++ < s.size, "2.7.5.2: no loops");
		flags = le16_to_cpu(s.desc[i].flags);
		next = le16_to_cpu(s.desc[i].next);
		REQUIRE(!(flags & ~(VIRTQ_DESC_F_NEXT | VIRTQ_DESC_F_WRITE |
				    VIRTQ_DESC_F_INDIRECT)),
			"2.7.5: flags");
		if (flags & VIRTQ_DESC_F_INDIRECT) {
			REQUIRE(fake_has(fake, VIRTIO_F_INDIRECT_DESC),
				"2.7.5.3.1: negotiated");
			REQUIRE(!(flags & VIRTQ_DESC_F_NEXT),
				"2.7.5.3.1: not both");
			take_split_table(fake, buffer,
					 le64_to_cpu(s.desc[i].addr),
					 le32_to_cpu(s.desc[i].len), s.size);
			return;
		}
		add_segment(buffer, le64_to_cpu(s.desc[i].addr),
			    le32_to_cpu(s.desc[i].len),
			    flags & VIRTQ_DESC_F_WRITE);
		if (!(flags & VIRTQ_DESC_F_NEXT))
			return;
		REQUIRE(!fake_has(fake, VIRTIO_F_IN_ORDER) ||
				next == (i + 1) % s.size,
			"2.7.5.2: next follows in order");
		i = next;
	}
}

static bool take_next_split(struct fake_virtio *fake, unsigned queue,
			    struct fake_buffer *buffer)
{
	struct fake_split s = fake_split(fake, queue);
	struct fake_queue *q = &fake->queues[queue];
	u16 idx = atomic_load_acquire((const __force u16 *)&s.avail->idx);
	u16 ahead = (u16)(idx - q->next_available);

	REQUIRE(ahead <= s.size, "2.7.6.1: the index goes on, by what fits");
	if (!ahead)
		return false;
	buffer->id = le16_to_cpu(s.avail->ring[q->next_available++ % s.size]);
	take_split(fake, queue, buffer, buffer->id);
	if (fake_has(fake, VIRTIO_F_EVENT_IDX))
		*s.avail_event = cpu_to_le16(q->next_available);
	return true;
}

static void take_packed_table(struct fake_buffer *buffer, u64 address,
			      u32 length)
{
	const struct pvirtq_desc *desc = at(address);

	REQUIRE(length && !(length % 16), "2.8.7: whole descriptors");
	for (unsigned i = 0; i < length / 16; i++) {
		u16 flags = le16_to_cpu(desc[i].flags);

		REQUIRE(!(flags & ~VIRTQ_DESC_F_WRITE),
			"2.8.19: no other flags");
		add_segment(buffer, le64_to_cpu(desc[i].addr),
			    le32_to_cpu(desc[i].len),
			    flags & VIRTQ_DESC_F_WRITE);
	}
}

static bool is_available(u16 flags, bool wrap)
{
	return !!(flags & VIRTQ_DESC_F_AVAIL) == wrap &&
	       !!(flags & VIRTQ_DESC_F_USED) != wrap;
}

static bool take_next_packed(struct fake_virtio *fake, unsigned queue,
			     struct fake_buffer *buffer)
{
	struct fake_packed p = fake_packed(fake, queue);
	struct fake_queue *q = &fake->queues[queue];
	u16 flags;

	do {
		const struct pvirtq_desc *d = &p.desc[q->next_available];

		flags = atomic_load_acquire((const __force u16 *)&d->flags);
		if (!is_available(flags, q->available_wrap)) {
			REQUIRE(!buffer->descriptors,
				"2.8.17: the first is made available last");
			return false;
		}
		REQUIRE(buffer->descriptors++ < p.size, "2.8.17: no loops");
		if (flags & VIRTQ_DESC_F_INDIRECT) {
			REQUIRE(fake_has(fake, VIRTIO_F_INDIRECT_DESC),
				"2.8.19: negotiated");
			REQUIRE(buffer->descriptors == 1 &&
					!(flags & VIRTQ_DESC_F_NEXT),
				"2.8.19: not in a chain");
			take_packed_table(buffer, le64_to_cpu(d->addr),
					  le32_to_cpu(d->len));
		} else {
			add_segment(buffer, le64_to_cpu(d->addr),
				    le32_to_cpu(d->len),
				    flags & VIRTQ_DESC_F_WRITE);
		}
		buffer->id = le16_to_cpu(d->id);
		if (++q->next_available == p.size) {
			q->next_available = 0;
			q->available_wrap = !q->available_wrap;
		}
	} while (flags & VIRTQ_DESC_F_NEXT);
	REQUIRE(buffer->id < p.size, "2.8: buffer ids are below the size");
	return true;
}

bool fake_take(struct fake_virtio *fake, unsigned queue,
	       struct fake_buffer *buffer)
{
	struct fake_queue *q = &fake->queues[queue];
	bool taken;

	REQUIRE(q->enabled, "the test takes from queues that are enabled");
	buffer->descriptors = buffer->out = buffer->in = 0;
	buffer->readable = buffer->writable = 0;
	taken = is_packed(fake) ? take_next_packed(fake, queue, buffer)
				: take_next_split(fake, queue, buffer);
	q->outstanding += taken;
	REQUIRE(q->outstanding <= q->place.size, "no more buffers than fit");
	return taken;
}

/* Copy between @bytes and segments [@first, @end), from @offset on. */
static size_t copy(const struct fake_buffer *buffer, unsigned first,
		   unsigned end, size_t offset, char *bytes, size_t size,
		   bool write)
{
	size_t done = 0;

	for (unsigned i = first; i < end && done < size; i++) {
		size_t length = buffer->segment[i].length, n;
		char *data = buffer->segment[i].data;

		if (offset >= length) {
			offset -= length;
			continue;
		}
		n = MIN(length - offset, size - done);
		if (write)
			memcpy(data + offset, bytes + done, n);
		else
			memcpy(bytes + done, data + offset, n);
		done += n;
		offset = 0;
	}
	return done;
}

size_t fake_read(const struct fake_buffer *buffer, size_t offset, void *to,
		 size_t size)
{
	return copy(buffer, 0, buffer->out, offset, to, size, false);
}

size_t fake_write(const struct fake_buffer *buffer, size_t offset,
		  const void *from, size_t size)
{
	return copy(buffer, buffer->out, buffer->out + buffer->in, offset,
		    (char *)(uintptr_t)from, size, true);
}

void fake_split_say(struct fake_virtio *fake, unsigned queue, u32 id,
		    u32 length)
{
	struct fake_split s = fake_split(fake, queue);
	struct fake_queue *q = &fake->queues[queue];
	struct virtq_used_elem *e = &s.used->ring[q->next_used++ % s.size];

	e->id = cpu_to_le32(id);
	e->len = cpu_to_le32(length);
	atomic_store_release((__force u16 *)&s.used->idx, q->next_used);
}

void fake_packed_say(struct fake_virtio *fake, unsigned queue, u16 id,
		     u32 length, unsigned descriptors)
{
	struct fake_packed p = fake_packed(fake, queue);
	struct fake_queue *q = &fake->queues[queue];
	struct pvirtq_desc *d = &p.desc[q->next_used];
	u16 flags = q->used_wrap ? VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED : 0;

	d->id = cpu_to_le16(id);
	d->len = cpu_to_le32(length);
	atomic_store_release((__force u16 *)&d->flags,
			     (u16)(flags | (length ? VIRTQ_DESC_F_WRITE : 0)));
	q->used_since += descriptors;
	for (; descriptors; descriptors--)
		if (++q->next_used == p.size) {
			q->next_used = 0;
			q->used_wrap = !q->used_wrap;
		}
}

void fake_use(struct fake_virtio *fake, unsigned queue,
	      const struct fake_buffer *buffer, u32 written)
{
	fake->queues[queue].outstanding--;
	if (is_packed(fake))
		fake_packed_say(fake, queue, buffer->id, written,
				buffer->descriptors);
	else
		fake_split_say(fake, queue, buffer->id, written);
}

void fake_use_batch(struct fake_virtio *fake, unsigned queue,
		    const struct fake_buffer *const *buffers, unsigned count,
		    u32 written)
{
	struct fake_split s = fake_split(fake, queue);
	struct fake_queue *q = &fake->queues[queue];
	struct virtq_used_elem *e;
	unsigned descriptors = 0;

	for (unsigned i = 0; i < count; i++)
		descriptors += buffers[i]->descriptors;
	q->outstanding -= count;
	if (is_packed(fake)) {
		fake_packed_say(fake, queue, buffers[count - 1]->id, written,
				descriptors);
		return;
	}
	e = &s.used->ring[q->next_used % s.size];
	e->id = cpu_to_le32(buffers[count - 1]->id);
	e->len = cpu_to_le32(written);
	q->next_used = (u16)(q->next_used + count);
	atomic_store_release((__force u16 *)&s.used->idx, q->next_used);
}

static bool split_wants(const struct fake_virtio *fake, unsigned queue)
{
	struct fake_split s = fake_split(fake, queue);
	const struct fake_queue *q = &fake->queues[queue];
	u16 flags = le16_to_cpu(READ_ONCE(s.avail->flags));
	u16 event = le16_to_cpu(READ_ONCE(*s.used_event));

	if (!fake_has(fake, VIRTIO_F_EVENT_IDX)) {
		REQUIRE(flags <= 1, "2.7.7.1: flags 0 or 1");
		return q->next_used != q->signalled && !flags;
	}
	REQUIRE(!flags, "2.7.7.1: flags 0 with EVENT_IDX");
	return (u16)(q->next_used - event - 1) <
	       (u16)(q->next_used - q->signalled);
}

static bool packed_wants(const struct fake_virtio *fake, unsigned queue)
{
	struct fake_packed p = fake_packed(fake, queue);
	const struct fake_queue *q = &fake->queues[queue];
	u16 flags = le16_to_cpu(READ_ONCE(p.driver->flags));
	u16 desc = le16_to_cpu(READ_ONCE(p.driver->desc));
	int event = desc & ~PVIRTQ_EVENT_WRAP;

	REQUIRE(flags <= RING_EVENT_FLAGS_DESC, "2.8.14: flags");
	if (flags != RING_EVENT_FLAGS_DESC)
		return q->used_since && flags == RING_EVENT_FLAGS_ENABLE;
	REQUIRE(fake_has(fake, VIRTIO_F_EVENT_IDX), "2.8.10: negotiated");
	REQUIRE(event < (int)p.size, "2.8.14: within the ring");
	if (!!(desc & PVIRTQ_EVENT_WRAP) != q->used_wrap)
		event -= (int)p.size;
	return event < q->next_used &&
	       event >= (int)q->next_used - (int)q->used_since;
}

bool fake_wants_interrupt(struct fake_virtio *fake, unsigned queue)
{
	struct fake_queue *q = &fake->queues[queue];
	bool wants;

	/* What was used is seen before the driver's wish is looked at. */
	fence_full();
	wants = is_packed(fake) ? packed_wants(fake, queue)
				: split_wants(fake, queue);
	q->signalled = q->next_used;
	q->used_since = 0;
	return wants;
}

void fake_interrupt(struct fake_virtio *fake, unsigned queue)
{
	if (!fake_wants_interrupt(fake, queue))
		return;
	fake->interrupts++;
	virtio_queue_interrupt(&fake->vdev, fake->queues[queue].slot);
}

void fake_set_notify(struct fake_virtio *fake, unsigned queue, bool wanted)
{
	struct fake_packed p = fake_packed(fake, queue);
	struct fake_split s = fake_split(fake, queue);

	if (is_packed(fake))
		p.device->flags =
			cpu_to_le16(wanted ? RING_EVENT_FLAGS_ENABLE
					   : RING_EVENT_FLAGS_DISABLE);
	else if (fake_has(fake, VIRTIO_F_EVENT_IDX))
		*s.avail_event = cpu_to_le16(
			(u16)(fake->queues[queue].next_available - !wanted));
	else
		s.used->flags =
			cpu_to_le16(wanted ? 0 : VIRTQ_USED_F_NO_NOTIFY);
}

void fake_set_event(struct fake_virtio *fake, unsigned queue, unsigned ahead)
{
	struct fake_packed p = fake_packed(fake, queue);
	const struct fake_queue *q = &fake->queues[queue];
	unsigned place = q->next_available + ahead;
	bool wrap = q->available_wrap;

	if (!is_packed(fake)) {
		*fake_split(fake, queue).avail_event = cpu_to_le16((u16)place);
		return;
	}
	if (place >= p.size) {
		place -= p.size;
		wrap = !wrap;
	}
	p.device->desc =
		cpu_to_le16((u16)(place | (wrap ? PVIRTQ_EVENT_WRAP : 0)));
	p.device->flags = cpu_to_le16(RING_EVENT_FLAGS_DESC);
}
