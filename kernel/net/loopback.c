/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loopback device: what is sent by it comes in by it. It does not hand a
 * packet up where it was sent, since the sender may hold locks that its answer
 * would need: the poller does.
 */
#include "stack.h"
#include <kernel/errno.h>
#include <kernel/init.h>

/* Policy: packets between sender and poller. */
#define RING_MAX 512

static struct {
	struct spinlock lock;
	struct packet *first, *last;
	unsigned count;
	bool refused; /* a sender found no room */
} ring;

static int lo_transmit(struct net_pair *pair, struct packet *packet,
		       bool more __unused)
{
	bool room, was_empty;

	spin_lock(&ring.lock);
	room = ring.count < RING_MAX;
	was_empty = !ring.count;
	if (room) {
		packet->next = NULL;
		if (ring.count++)
			ring.last->next = packet;
		else
			ring.first = packet;
		ring.last = packet;
	}
	ring.refused |= !room;
	spin_unlock(&ring.lock);
	if (was_empty)
		net_wake(pair);
	return room ? 0 : -ENOSPC;
}

/* All that is in the ring, and whether somebody wanted to add more. */
static struct packet *take_all(bool *refused)
{
	struct packet *first;

	spin_lock(&ring.lock);
	first = ring.count ? ring.first : NULL;
	*refused = ring.refused;
	ring.count = 0;
	ring.refused = false;
	spin_unlock(&ring.lock);
	return first;
}

/* May exceed the budget, by what the ring holds: the ring is small. */
static unsigned lo_poll(struct net_pair *pair, unsigned budget __unused)
{
	bool refused;
	struct packet *packet = take_all(&refused);
	unsigned n = 0;

	if (refused)
		net_transmit_ready(pair);
	while (packet) {
		struct packet *next = packet->next;

		net_receive(pair, packet);
		packet = next;
		n++;
	}
	return n;
}

static bool lo_arm(struct net_pair *pair __unused)
{
	return !atomic_read(&ring.count);
}

static int lo_open(struct net_device *net)
{
	net_set_link(net, true, false);
	return 0;
}

static void lo_stop(struct net_device *net)
{
	struct packet *packet;
	bool refused;

	(void)net;
	packet = take_all(&refused);
	while (packet) {
		struct packet *next = packet->next;

		packet_free(packet);
		packet = next;
	}
}

static const struct net_device_ops lo_ops = {
	.open = lo_open,
	.stop = lo_stop,
	.transmit = lo_transmit,
	.poll = lo_poll,
	.arm = lo_arm,
};

static struct net_device lo = {
	.name = "lo",
	.ops = &lo_ops,
	.mtu = NET_MTU_MAX,
	.mtu_max = NET_MTU_MAX,
	/* What never leaves the machine needs no checksum, nor cutting. */
	.features = NET_TX_CHECKSUM | NET_RX_CHECKSUM | NET_USO | NET_UFO |
		    NET_LARGE_RX | NET_LOOPBACK,
	.pairs_max = 1,
};

static int lo_init(void)
{
	int err = net_device_register(&lo);

	if (err)
		return err;
	mutex_lock(&net_config);
	err = net_open(&lo);
	if (!err)
		err = interface_set_address(&lo, IPV4_LOOPBACK, 8);
	mutex_unlock(&net_config);
	return err;
}
initcall(INIT_SERVICE, lo_init);
