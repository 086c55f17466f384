/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending (virtio 1.3, 5.1.6.2). The header is written into the room before
 * the frame, so that most packets are one descriptor. What was sent is given
 * back when further packets are sent or received, or else by a timer; the
 * device is asked to interrupt for it only when there was no room.
 *
 * The timer also notifies a device that has made no progress. QEMU (7.2) needs
 * it: with packed rings and event indices, when its backend took no more for a
 * moment, it asks to be told of a descriptor that it has seen already.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include "virtio_net.h"

/* Policy: packets that may stay in the ring although they were sent. */
#define TX_LINGER 32
/* Policy: percent of what is posted that is to be sent before there is room. */
#define TX_WAKE_PERCENT 75
#define TX_DRAIN_NS	NSEC_PER_MSEC

/* Policy: how long a packet stays that was sent, or is not being sent. */
#define TX_WATCH_NS (20 * NSEC_PER_MSEC)

/* A header, if it stands alone, the head and the fragments. */
#define TX_SEGMENTS_MAX (2 + PACKET_FRAGMENTS_MAX)

void virtnet_tx_reclaim(struct virtnet_tx *tx)
{
	struct packet *packet;
	u32 length;

	/* The length says nothing about what was sent (5.1.6.1). */
	while ((packet = virtqueue_get(tx->vq, &length)) != NULL)
		packet_free(packet);
}

static unsigned make_segments(const struct virtnet_format *format,
			      const struct packet *packet, void *hdr,
			      struct virtio_segment *segments)
{
	unsigned n = 0;

	if (likely(!format->separate)) {
		segments[n++] =
			(struct virtio_segment){ hdr, format->header +
							      packet->length };
	} else {
		segments[n++] = (struct virtio_segment){ hdr, format->header };
		segments[n++] =
			(struct virtio_segment){ packet->data, packet->length };
	}
	for (unsigned i = 0; i < packet->fragments; i++)
		segments[n++] =
			(struct virtio_segment){ packet->fragment[i].data,
						 packet->fragment[i].length };
	return n;
}

static inline int post(struct virtnet_pair *pair, struct packet *packet)
{
	const struct virtnet_format *format = &pair->vn->format;
	struct virtio_segment segments[TX_SEGMENTS_MAX];
	u8 *hdr = packet->data - format->header;
	unsigned n;
	int err;

	if (unlikely(packet->data - packet->head < format->header) ||
	    unlikely(packet->length < ETH_HEADER_LENGTH) ||
	    unlikely(packet->fragments > PACKET_FRAGMENTS_MAX))
		return -EINVAL;
	err = virtnet_write_header(format, packet,
				   (struct virtio_net_hdr *)hdr);
	if (unlikely(err))
		return err;
	n = make_segments(format, packet, hdr, segments);
	return virtqueue_add(pair->tx.vq, segments, n, 0, packet);
}

/* There was no room: whoever waits for it is told when there is. */
static int post_when_full(struct virtnet_pair *pair, struct packet *packet)
{
	struct virtnet_tx *tx = &pair->tx;
	int err;

	for (;;) {
		virtnet_tx_reclaim(tx);
		err = post(pair, packet);
		if (err != -ENOSPC)
			return err;
		/* More parts than the ring has descriptors. */
		if (!virtqueue_outstanding(tx->vq))
			return -EMSGSIZE;
		tx->stopped = true;
		if (virtqueue_enable_callback_after(tx->vq, TX_WAKE_PERCENT))
			return err;
	}
}

static void watch(struct timer *timer)
{
	struct virtnet_pair *pair =
		container_of(timer, struct virtnet_pair, tx.timer);

	atomic_write(&pair->tx.due, true);
	virtnet_wake(pair);
}

static void start_watch(struct virtnet_tx *tx)
{
	tx->watched = true;
	tx->seen = virtqueue_outstanding(tx->vq);
	tx->timer.handler = watch;
	timer_start(&tx->timer, time_ns() + TX_WATCH_NS);
}

/* The timer has run. Under the transmit lock, after reclaiming. */
static void end_watch(struct virtnet_tx *tx)
{
	unsigned left = virtqueue_outstanding(tx->vq);

	atomic_write(&tx->due, false);
	tx->watched = false;
	if (!left)
		return;
	if (left >= tx->seen)
		virtqueue_notify(tx->vq);
	start_watch(tx);
}

int virtnet_transmit(struct net_pair *net, struct packet *packet, bool more)
{
	struct virtnet_pair *pair = net->data;
	struct virtnet_tx *tx = &pair->tx;
	int err = 0;

	if (likely(packet)) {
		if (virtqueue_outstanding(tx->vq) >= TX_LINGER)
			virtnet_tx_reclaim(tx);
		err = post(pair, packet);
		if (unlikely(err == -ENOSPC))
			err = post_when_full(pair, packet);
		/* Memory that the device reaches: done() tells of it. */
		if (unlikely(err == -EAGAIN))
			err = -ENOSPC;
	}
	if (!more || unlikely(err))
		virtqueue_kick(tx->vq);
	if (unlikely(!tx->watched))
		start_watch(tx);
	return err;
}

void virtnet_tx_poll(struct virtnet_pair *pair)
{
	struct virtnet_tx *tx = &pair->tx;
	bool due = atomic_read(&tx->due);

	if (!due && !virtqueue_pending(tx->vq))
		return;
	/* Who has it reclaims by itself. */
	if (!spin_trylock(&pair->net->transmit_lock)) {
		if (!due)
			return;
		spin_lock(&pair->net->transmit_lock);
	}
	virtnet_tx_reclaim(tx);
	if (tx->stopped) {
		virtqueue_disable_callback(tx->vq);
		tx->stopped = false;
	}
	if (due)
		end_watch(tx);
	spin_unlock(&pair->net->transmit_lock);
}

/* How many the device still has, of which it has been told. */
static unsigned drain(struct virtnet_pair *pair)
{
	unsigned count;

	spin_lock(&pair->net->transmit_lock);
	(void)virtqueue_kick_prepare(pair->tx.vq);
	virtqueue_notify(pair->tx.vq);
	virtnet_tx_reclaim(&pair->tx);
	count = virtqueue_outstanding(pair->tx.vq);
	spin_unlock(&pair->net->transmit_lock);
	return count;
}

void virtnet_tx_stop(struct virtnet_pair *pair)
{
	u64 deadline = time_ns() + VIRTNET_DRAIN_TIMEOUT_MS * NSEC_PER_MSEC;

	timer_cancel(&pair->tx.timer);
	pair->tx.watched = false;
	pair->tx.due = false;
	while (drain(pair)) {
		if (virtio_is_broken(pair->vn->vdev))
			return;
		/*
		 * Its reset ends all, and failed() gives them back. A reset of
		 * the queue alone would do, but ends QEMU (7.2) with a failed
		 * assertion when its backend is what is stuck.
		 */
		if (time_ns() > deadline) {
			virtio_break(pair->vn->vdev, "it does not send");
			return;
		}
		thread_sleep_ns(TX_DRAIN_NS);
	}
}

void virtnet_tx_free(struct virtnet_pair *pair)
{
	bool lost = virtio_is_lost(pair->vn->vdev);
	struct packet *packet;

	while ((packet = virtqueue_detach(pair->tx.vq)) != NULL)
		if (!lost)
			packet_free(packet);
}
