/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receiving (virtio 1.3, 5.1.6.3 and 5.1.6.4). A buffer is one page, or with
 * frames that may be larger and cannot go over several buffers, as many as the
 * largest needs. What arrives is described where it is, and handed up; nothing
 * is copied.
 */
#include <kernel/atomic.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "virtio_net.h"

/* Policy: the device is given so many buffers at once, or a quarter. */
#define RX_BATCH 16

/* A header, if it stands alone, and pages. */
#define RX_SEGMENTS_MAX (1 + RX_PAGES_MAX)

static u8 *written(const struct virtnet *vn, struct rx_buffer *buffer)
{
	return rx_buffer_frame(buffer) - vn->format.header;
}

/* What the device can write to one page. */
static u32 page_room(const struct virtnet *vn)
{
	return vn->format.header + RX_ROOM;
}

/* Pages that the longest frame needs. */
static unsigned frame_pages(const struct virtnet_format *format)
{
	u32 longest =
		format->large ? VIRTIO_NET_LARGE_FRAME : format->frame_max;

	return 1 + (longest - 1) / RX_ROOM;
}

static unsigned buffer_pages(const struct virtnet_format *format)
{
	return format->mergeable ? 1 : frame_pages(format);
}

u16 virtnet_rx_segments(const struct virtnet_format *format)
{
	return (u16)(buffer_pages(format) + format->separate);
}

/*
 * How many buffers the device is to have: of a pool no more than its share, but
 * always enough for one frame, or it would wait for room for ever. The less it
 * has, the sooner it gets further ones.
 */
static void set_target(struct virtnet_pair *pair)
{
	const struct virtnet *vn = pair->vn;
	struct virtnet_rx *rx = &pair->rx;
	unsigned frame = frame_pages(&vn->format) / rx->pages;
	unsigned size = virtqueue_size(rx->vq);
	size_t share =
		dma_share(&vn->vdev->dev) / vn->pairs / (rx->pages * PAGE_SIZE);

	rx->target =
		(unsigned)MIN(share, (size_t)VIRTNET_BIG_PAGES_MAX / rx->pages);
	rx->target = MIN(MAX(rx->target, frame), size);
	rx->batch = MIN((unsigned)RX_BATCH, rx->target / 4);
	if (rx->target >= frame)
		rx->batch = MIN(rx->batch, rx->target - frame + 1);
	rx->batch = MAX(rx->batch, 1U);
}

static void retry(struct timer *timer)
{
	virtnet_wake(container_of(timer, struct virtnet_pair, rx.retry));
}

int virtnet_rx_init(struct virtnet_pair *pair)
{
	const struct virtnet_format *format = &pair->vn->format;
	struct virtnet_rx *rx = &pair->rx;
	unsigned size = virtqueue_size(rx->vq);

	rx->pages = buffer_pages(format);
	if (virtnet_rx_segments(format) > virtqueue_segments_max(rx->vq))
		return -EINVAL;
	/* Its longest frame must find room (5.1.4.2). */
	if (virtnet_can(format, VIRTIO_NET_F_MTU) &&
	    (u64)size * rx->pages * page_room(pair->vn) <
		    format->header + format->frame_max)
		return -EINVAL;
	set_target(pair);
	rx->retry.handler = retry;
	rx->pool = rx_pool_create(2 * rx->target * rx->pages);
	return rx->pool ? 0 : -ENOMEM;
}

/* The pages of one buffer, or NULL. */
static struct rx_buffer *take_pages(struct virtnet_rx *rx)
{
	struct rx_buffer *first = NULL;

	for (unsigned n = 0; n < rx->pages; n++) {
		struct rx_buffer *buffer = rx_pool_take(rx->pool);

		if (unlikely(!buffer)) {
			rx_pool_put(rx->pool, first);
			return NULL;
		}
		buffer->next = first;
		first = buffer;
	}
	return first;
}

static int post(struct virtnet_pair *pair)
{
	const struct virtnet *vn = pair->vn;
	struct virtio_segment segments[RX_SEGMENTS_MAX];
	struct rx_buffer *first = take_pages(&pair->rx);
	unsigned n = 0;
	int err;

	if (unlikely(!first))
		return -ENOMEM;
	for (struct rx_buffer *page = first; page; page = page->next)
		segments[n++] = (struct virtio_segment){ written(vn, page),
							 page_room(vn) };
	if (unlikely(vn->format.separate)) {
		/* The first page's room is in two descriptors (5.1.6.12). */
		memmove(segments + 1, segments, n++ * sizeof(*segments));
		segments[0].length = vn->format.header;
		segments[1].data = rx_buffer_frame(first);
		segments[1].length = RX_ROOM;
	}
	err = virtqueue_add(pair->rx.vq, segments, 0, n, first);
	if (unlikely(err))
		rx_pool_put(pair->rx.pool, first);
	return err;
}

/*
 * Give the device buffers for those that it used. 0 if it has some, or will:
 * when there is room in the pool, if that is what was missing.
 */
static int refill(struct virtnet_pair *pair)
{
	struct virtnet_rx *rx = &pair->rx;
	unsigned have = virtqueue_outstanding(rx->vq);
	int err = 0;

	if (rx->target - have < rx->batch && have)
		return 0;
	for (; have < rx->target; have++) {
		err = post(pair);
		if (err)
			break;
	}
	virtqueue_kick(rx->vq);
	/* Without buffers there are no interrupts that would get us here. */
	if (unlikely(err == -ENOMEM) && have < rx->batch)
		timer_start(&rx->retry,
			    time_ns() + VIRTNET_RETRY_MS * NSEC_PER_MSEC);
	return have || err == -EAGAIN ? 0 : -ENOMEM;
}

static void drop_frame(struct virtnet_rx *rx)
{
	if (rx->frame)
		rx_pool_put(rx->pool, rx->frame);
	rx->frame = NULL;
	rx->missing = 0;
	rx->bad = false;
}

int virtnet_rx_open(struct virtnet_pair *pair)
{
	struct virtnet_rx *rx = &pair->rx;
	struct rx_buffer *buffer;
	u32 length;

	while ((buffer = virtqueue_get(rx->vq, &length)) != NULL)
		rx_pool_put(rx->pool, buffer);
	drop_frame(rx);
	return refill(pair);
}

void virtnet_rx_stop(struct virtnet_pair *pair)
{
	timer_cancel(&pair->rx.retry);
	virtqueue_disable_callback(pair->rx.vq);
	pair->rx.armed = false;
	drop_frame(&pair->rx);
}

void virtnet_rx_free(struct virtnet_pair *pair)
{
	struct virtnet_rx *rx = &pair->rx;
	struct rx_buffer *buffer;
	bool lost;

	if (!rx->pool)
		return;
	lost = virtio_is_lost(pair->vn->vdev);
	/* Into memory of one that was lost it may write at any time. */
	while ((buffer = virtqueue_detach(rx->vq)) != NULL)
		if (!lost)
			rx_pool_put(rx->pool, buffer);
	rx_pool_close(rx->pool);
	rx->pool = NULL;
}

static void hand_up(struct virtnet_pair *pair)
{
	struct virtnet_rx *rx = &pair->rx;
	struct packet *packet = &rx->frame->packet;

	if (unlikely(rx->bad) ||
	    unlikely(virtnet_read_header(&pair->vn->format, &rx->header,
					 packet))) {
		drop_frame(rx);
		pair->net->rx.errors++;
		return;
	}
	rx->frame = NULL;
	net_receive(pair->net, packet);
}

static void add_fragment(struct packet *packet, void *data, u32 length)
{
	struct packet_fragment *fragment =
		&packet->fragment[packet->fragments++];

	fragment->data = data;
	fragment->length = length;
	packet->total += length;
}

/* What of @length bytes is in further pages of the same buffer. */
static void add_pages(struct virtnet_pair *pair, u32 length)
{
	const u32 room = page_room(pair->vn);
	struct rx_buffer *first = pair->rx.frame, *page = first, *rest;

	for (length -= MIN(length, room); length && page->next;
	     length -= MIN(length, room)) {
		page = page->next;
		add_fragment(&first->packet, written(pair->vn, page),
			     MIN(length, room));
	}
	first->last = page;
	rest = page->next;
	page->next = NULL;
	rx_pool_put(pair->rx.pool, rest);
}

static void describe(struct virtnet_pair *pair, struct packet *packet,
		     u32 length)
{
	const struct virtnet *vn = pair->vn;

	packet->next = NULL;
	packet->device = pair->net->device;
	packet->pair = (u16)pair->net->index;
	packet->data = rx_buffer_frame(pair->rx.frame);
	packet->length = MIN(length, page_room(vn)) - vn->format.header;
	packet->total = packet->length;
	packet->fragments = 0;
}

/*
 * How many buffers a frame has (5.1.6.4). Only where frames can have several
 * this is looked at: devices did not always set it. 0: nonsense.
 */
static unsigned buffers_of(struct virtnet_rx *rx,
			   const struct virtnet_format *format)
{
	unsigned count = 1;

	if (format->mergeable)
		count = le16_to_cpu(rx->header.num_buffers);
	if (unlikely(count > virtqueue_outstanding(rx->vq) + 1)) {
		virtqueue_break(rx->vq, "a frame of more buffers than it had");
		return 0;
	}
	return count;
}

static void begin_frame(struct virtnet_pair *pair, struct rx_buffer *buffer,
			u32 length)
{
	const struct virtnet_format *format = &pair->vn->format;
	struct virtnet_rx *rx = &pair->rx;
	unsigned count;

	rx->frame = buffer;
	buffer->last = buffer;
	rx->bad = length < (u32)format->header + ETH_HEADER_LENGTH;
	if (unlikely(rx->bad))
		return;
	/* A copy: the device could still change it. */
	memcpy(&rx->header, written(pair->vn, buffer), format->header);
	count = buffers_of(rx, format);
	/* All but the last must be full (5.1.6.4.1). */
	rx->bad = !count || count > RX_PAGES_MAX ||
		  (count > 1 && length != page_room(pair->vn));
	rx->missing = count ? count - 1 : 0;
	describe(pair, &buffer->packet, length);
	if (unlikely(rx->pages > 1))
		add_pages(pair, length);
}

static void continue_frame(struct virtnet_pair *pair, struct rx_buffer *buffer,
			   u32 length)
{
	struct virtnet_rx *rx = &pair->rx;
	struct rx_buffer *first = rx->frame;

	if (!length || (rx->missing > 1 && length != page_room(pair->vn)))
		rx->bad = true;
	rx->missing--;
	if (unlikely(rx->bad || !first)) {
		rx_pool_put(rx->pool, buffer);
		return;
	}
	first->last->next = buffer;
	first->last = buffer;
	buffer->next = NULL;
	add_fragment(&first->packet, written(pair->vn, buffer), length);
}

unsigned virtnet_rx_poll(struct virtnet_pair *pair, unsigned budget)
{
	struct virtnet_rx *rx = &pair->rx;
	struct rx_buffer *buffer;
	unsigned count = 0;
	u32 length;

	if (rx->armed) {
		virtqueue_disable_callback(rx->vq);
		rx->armed = false;
	}
	while (count < budget && (buffer = virtqueue_get(rx->vq, &length))) {
		if (likely(!rx->missing))
			begin_frame(pair, buffer, length);
		else
			continue_frame(pair, buffer, length);
		if (likely(!rx->missing))
			hand_up(pair);
		count++;
	}
	(void)refill(pair);
	return count;
}

bool virtnet_rx_arm(struct virtnet_pair *pair)
{
	pair->rx.armed = true;
	return virtqueue_enable_callback(pair->rx.vq);
}
