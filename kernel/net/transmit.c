/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending frames. What a device has no room for waits in a short queue of its
 * pair, which the poller empties; when that is full too, senders who can wait
 * do, and others lose their packet.
 */
#include "netdev.h"
#include "packet.h"
#include "software.h"
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/smp.h>

/* Senders who wait, whatever for: there are few, and it is rare. */
static struct {
	struct wait_queue queue;
	unsigned waiting;
	unsigned sequence; /* changes when there is room */
} room;

static struct net_pair *choose_pair(struct net_device *net,
				    const struct packet *packet)
{
	unsigned pair;

	if (likely(net->pairs == 1))
		return net->pair;
	if (packet->hash)
		return &net->pair[(u64)packet->hash * net->pairs >> 32];
	pair = smp_processor_id();
	return &net->pair[pair < net->pairs ? pair : pair % net->pairs];
}

static int enqueue(struct net_pair *pair, struct packet *packet)
{
	if (pair->queued == NET_QUEUE_MAX)
		return -EAGAIN;
	packet->next = NULL;
	if (pair->queued++)
		pair->queue_last->next = packet;
	else
		pair->queue = packet;
	pair->queue_last = packet;
	return 0;
}

/* As the op, counted: but for want of room the packet is gone. */
static int hand_over(struct net_pair *pair, struct packet *packet, bool more)
{
	unsigned bytes = packet->total;
	const struct net_device_ops *ops = pair->device->ops;
	int err = ops->transmit(pair, packet, more && ops->flush);

	if (likely(!err)) {
		pair->tx.packets++;
		pair->tx.bytes += bytes;
		return 0;
	}
	if (err != -ENOSPC) {
		pair->tx.errors++;
		packet_free(packet);
		err = 0;
	}
	return err;
}

static void flush(struct net_pair *pair)
{
	if (pair->open && pair->device->ops->flush)
		pair->device->ops->flush(pair);
}

static int transmit_locked(struct net_pair *pair, struct packet *packet,
			   bool more)
{
	if (unlikely(!pair->open || !READ_ONCE(pair->device->link)))
		return -ENETDOWN;
	if (likely(!pair->queued) && likely(!hand_over(pair, packet, more)))
		return 0;
	return enqueue(pair, packet);
}

/* What the device would have to be able to do. */
static u32 features_needed(const struct packet *packet)
{
	static const u8 segmentation[] = {
		[PACKET_GSO_TCPV4] = NET_TSO4,
		[PACKET_GSO_TCPV6] = NET_TSO6,
		[PACKET_GSO_UDP] = NET_UFO,
		[PACKET_GSO_UDP_L4] = NET_USO,
	};
	u32 needed = segmentation[packet->segmentation];

	if (packet->checksum == PACKET_CHECKSUM_PARTIAL)
		needed |= NET_TX_CHECKSUM;
	else if (packet->segmentation == PACKET_GSO_UDP)
		needed |= NET_CANNOT; /* no device fragments all of IP */
	if (packet->fragments)
		needed |= NET_FRAGMENTS;
	return needed;
}

static int transmit_one(struct net_device *net, struct packet *packet,
			bool more)
{
	struct net_pair *pair = choose_pair(net, packet);
	int err;

	packet->device = net;
	spin_lock(&pair->transmit_lock);
	err = transmit_locked(pair, packet, more);
	spin_unlock(&pair->transmit_lock);
	return err;
}

int net_transmit(struct net_device *net, struct packet *packet, bool more)
{
	if (unlikely(features_needed(packet) & ~net->features))
		return net_transmit_by_software(net, packet, transmit_one);
	return transmit_one(net, packet, more);
}

unsigned net_transmit_room(struct net_device *net, const struct packet *packet)
{
	return NET_QUEUE_MAX - READ_ONCE(choose_pair(net, packet)->queued);
}

void net_transmit_end(struct net_device *net)
{
	struct packet none = { 0 };
	struct net_pair *pair = choose_pair(net, &none);

	spin_lock(&pair->transmit_lock);
	flush(pair);
	spin_unlock(&pair->transmit_lock);
}

void net_count_dropped(struct net_device *net)
{
	spin_lock(&net->pair[0].transmit_lock);
	net->pair[0].tx.dropped++;
	spin_unlock(&net->pair[0].transmit_lock);
}

int net_transmit_or_drop(struct net_device *net, struct packet *packet)
{
	int err = net_transmit(net, packet, false);

	if (err) {
		net_count_dropped(net);
		packet_free(packet);
	}
	return err;
}

static void room_came(void)
{
	/* Pairs with net_room_begin(), by the transmit lock. */
	if (!atomic_read(&room.waiting))
		return;
	atomic_fetch_add(&room.sequence, 1U);
	wake_all(&room.queue);
}

/* As much as there is room for. True: there is room for others again. */
static bool empty_queue(struct net_pair *pair)
{
	bool was_much = pair->queued > NET_QUEUE_ROOM;

	while (pair->queued && pair->open) {
		struct packet *packet = pair->queue;
		struct packet *next = packet->next;

		if (hand_over(pair, packet, pair->queued > 1)) {
			flush(pair);
			break;
		}
		pair->queue = next;
		pair->queued--;
	}
	return was_much && pair->queued <= NET_QUEUE_ROOM;
}

void net_transmit_queued(struct net_pair *pair)
{
	bool has_room;

	if (likely(!READ_ONCE(pair->queued)))
		return;
	spin_lock(&pair->transmit_lock);
	has_room = empty_queue(pair);
	spin_unlock(&pair->transmit_lock);
	if (has_room)
		room_came();
}

void net_transmit_drop_queued(struct net_pair *pair)
{
	struct packet *packet;

	spin_lock(&pair->transmit_lock);
	while (pair->queued) {
		packet = pair->queue;
		pair->queue = packet->next;
		pair->queued--;
		pair->tx.dropped++;
		packet_free(packet);
	}
	spin_unlock(&pair->transmit_lock);
	room_came();
}

void net_room_begin(void)
{
	atomic_fetch_add(&room.waiting, 1U);
}

unsigned net_room_token(void)
{
	return atomic_read(&room.sequence);
}

bool net_room_wait(unsigned token, u64 until_ns)
{
	return wait_event_until(&room.queue,
				atomic_read(&room.sequence) != token, until_ns);
}

void net_room_end(void)
{
	atomic_fetch_add(&room.waiting, -1U);
}
