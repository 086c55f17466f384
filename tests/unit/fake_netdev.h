/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A network device of a test: frames are injected as if received, and what is
 * sent is captured. Packets that are received have exactly the memory they
 * need, so that the address sanitizer sees a read of one byte more.
 */
#pragma once

#include <kernel/errno.h>
#include <kernel/string.h>
#include "fake_net.h"

#define FAKE_FRAMES_MAX 512
#define FAKE_FRAME_MAX	65600

struct fake_frame {
	u8 *bytes;
	unsigned length;
	struct packet packet; /* what was said about it */
};

struct fake_netdev {
	struct net_device net;
	struct fake_frame sent[FAKE_FRAMES_MAX];
	unsigned sent_count;
	unsigned room;	 /* transmit() has no room after so many; 0: has */
	unsigned refuse; /* an error for that many */
	unsigned flushes;
	bool opened;
	struct packet *received, **received_end;
};

static inline struct fake_netdev *fake_of(struct net_device *net)
{
	return net->data;
}

static int fake_open(struct net_device *net)
{
	fake_of(net)->opened = true;
	fake_of(net)->received_end = &fake_of(net)->received;
	net_set_link(net, true, false);
	return 0;
}

static void fake_stop(struct net_device *net)
{
	struct fake_netdev *fake = fake_of(net);

	fake->opened = false;
	while (fake->received) {
		struct packet *next = fake->received->next;

		packet_free(fake->received);
		fake->received = next;
	}
}

static int fake_transmit(struct net_pair *pair, struct packet *packet,
			 bool more)
{
	struct fake_netdev *fake = fake_of(pair->device);
	struct fake_frame *frame = &fake->sent[fake->sent_count];
	unsigned at = packet->length;

	(void)more;
	if (fake->refuse) {
		fake->refuse--;
		return -EIO;
	}
	if (fake->room && !--fake->room) {
		fake->room = 1;
		return -ENOSPC;
	}
	if (fake->sent_count == FAKE_FRAMES_MAX) {
		packet_free(packet);
		return 0;
	}
	fake->sent_count++;
	frame->packet = *packet;
	frame->length = packet->total;
	frame->bytes = malloc(packet->total);
	memcpy(frame->bytes, packet->data, packet->length);
	for (unsigned i = 0; i < packet->fragments; i++) {
		memcpy(frame->bytes + at, packet->fragment[i].data,
		       packet->fragment[i].length);
		at += packet->fragment[i].length;
	}
	packet_free(packet);
	return 0;
}

static void fake_flush(struct net_pair *pair)
{
	fake_of(pair->device)->flushes++;
}

static unsigned fake_poll(struct net_pair *pair, unsigned budget)
{
	struct fake_netdev *fake = fake_of(pair->device);
	unsigned n = 0;

	while (fake->received && n < budget) {
		struct packet *packet = fake->received;

		fake->received = packet->next;
		if (!fake->received)
			fake->received_end = &fake->received;
		net_receive(pair, packet);
		n++;
	}
	return n;
}

static bool fake_arm(struct net_pair *pair)
{
	return !fake_of(pair->device)->received;
}

static const struct net_device_ops fake_ops = {
	.open = fake_open,
	.stop = fake_stop,
	.transmit = fake_transmit,
	.flush = fake_flush,
	.poll = fake_poll,
	.arm = fake_arm,
};

/* Fill in @fake; the test may change it before it registers fake->net. */
static inline void fake_netdev_init(struct fake_netdev *fake)
{
	static const u8 address[] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

	memset(fake, 0, sizeof(*fake));
	fake->net.ops = &fake_ops;
	fake->net.data = fake;
	fake->net.mtu = NET_MTU_DEFAULT;
	fake->net.mtu_max = 9000;
	fake->net.pairs_max = 1;
	memcpy(fake->net.address, address, sizeof(address));
}

/* As a driver's: of fragments that the stack has trimmed away as well. */
static void fake_release(struct packet *packet)
{
	for (unsigned i = 0; i < PACKET_FRAGMENTS_MAX; i++)
		free(packet->fragment[i].data);
	free(packet->head);
	free(packet);
}

/* A packet as drivers make them, of @length bytes in the head. */
static inline struct packet *fake_packet(const void *frame, unsigned length)
{
	struct packet *packet = calloc(1, sizeof(*packet));

	packet->head = malloc(length ? length : 1);
	packet->end = packet->head + length;
	packet->data = packet->head;
	packet->length = packet->total = length;
	memcpy(packet->head, frame, length);
	packet->release = fake_release;
	return packet;
}

/* And @length bytes more in a fragment. */
static inline __unused void fake_fragment(struct packet *packet,
					  const void *data, unsigned length)
{
	struct packet_fragment *it = &packet->fragment[packet->fragments++];

	it->data = malloc(length);
	it->length = length;
	memcpy(it->data, data, length);
	packet->total += length;
}

/* The driver has @packet for the poller. */
static inline void fake_receive(struct fake_netdev *fake, struct packet *packet)
{
	packet->next = NULL;
	*fake->received_end = packet;
	fake->received_end = &packet->next;
}

/* A frame comes in, and is handled. */
static inline __unused void fake_inject(struct fake_netdev *fake,
					const void *frame, unsigned length)
{
	fake_receive(fake, fake_packet(frame, length));
	fake_net_run();
}

static inline void fake_clear_sent(struct fake_netdev *fake)
{
	while (fake->sent_count)
		free(fake->sent[--fake->sent_count].bytes);
}
