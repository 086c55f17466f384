/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the stack alone costs: a device without hardware takes all that is
 * sent, and has the same datagram come in again and again.
 */
#include "net_stack.h"
#include "../net/stack.h"
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/string.h>
#include <kernel/udp.h>

#define OWN_ADDRESS  0xc0000202U /* 192.0.2.2, for documents (RFC 5737) */
#define PEER_ADDRESS 0xc0000203U
#define PORT	     5000
#define SMALL	     64
#define LARGE	     1472
#define BATCH	     64

static struct net_device *device;
static struct udp_socket *socket;
static struct packet *frame; /* that comes in */
static u8 data[LARGE];

static int open_nothing(struct net_device *net)
{
	net_set_link(net, true, false);
	return 0;
}

static void stop_nothing(struct net_device *net __unused)
{
}

/* The last one is kept: it shows what comes back. */
static int take(struct net_pair *pair __unused, struct packet *packet,
		bool more __unused)
{
	if (frame)
		packet_free(frame);
	frame = packet;
	return 0;
}

static unsigned poll_nothing(struct net_pair *pair __unused,
			     unsigned budget __unused)
{
	return 0;
}

static bool arm_nothing(struct net_pair *pair __unused)
{
	return true;
}

static const struct net_device_ops ops = {
	.open = open_nothing,
	.stop = stop_nothing,
	.transmit = take,
	.poll = poll_nothing,
	.arm = arm_nothing,
};

static const struct udp_endpoint peer = { PEER_ADDRESS, PORT };

static int configure(void)
{
	static const u8 hardware[ETH_ADDRESS_LENGTH] = { 2, 0, 0, 0, 0, 1 };
	int err;

	mutex_lock(&net_config);
	err = net_open(device);
	if (!err)
		err = interface_set_address(device, OWN_ADDRESS, 24);
	mutex_unlock(&net_config);
	if (!err)
		neighbour_heard(device, PEER_ADDRESS, hardware, true);
	return err;
}

void bench_stack_end(void)
{
	udp_close(socket);
	net_device_unregister(device);
	if (frame)
		packet_free(frame);
	kfree(device);
	socket = NULL;
	frame = NULL;
	device = NULL;
}

int bench_stack_begin(void)
{
	struct udp_endpoint local = { 0, PORT };
	int err;

	device = kzalloc(sizeof(*device));
	if (!device)
		return -ENOMEM;
	strscpy(device->name, "bench0", sizeof(device->name));
	device->ops = &ops;
	device->mtu = device->mtu_max = NET_MTU_DEFAULT;
	device->features = NET_TX_CHECKSUM | NET_RX_CHECKSUM;
	device->pairs_max = 1;
	memset(device->address, 2, sizeof(device->address));
	err = net_device_register(device);
	if (err) {
		kfree(device);
		return err;
	}
	socket = udp_open();
	err = socket ? udp_bind(socket, &local) : -ENOMEM;
	if (!err)
		err = configure();
	if (err)
		bench_stack_end();
	return err;
}

static void send(u64 count, size_t size)
{
	while (count--)
		(void)udp_send(socket, &peer, data, size);
}

void bench_stack_send_small(u64 count)
{
	send(count, SMALL);
}

void bench_stack_send_large(u64 count)
{
	send(count, LARGE);
}

/* What was sent last comes back: it is made to come from the peer. */
static void reflect(struct ethernet_header *ethernet)
{
	struct ipv4_header *ip = (void *)(ethernet + 1);
	be32 source = ip->source;

	ip->source = ip->destination;
	ip->destination = source;
	memcpy(ethernet->destination, device->address, ETH_ADDRESS_LENGTH);
}

static void inject(unsigned size)
{
	struct packet *packet = packet_alloc(size);

	if (!packet)
		return;
	memcpy(packet->data, frame->data, size);
	packet_cut(packet, size);
	packet->checksum = PACKET_CHECKSUM_VERIFIED;
	net_receive(device->pair, packet);
}

/* Each datagram is made, handed up and read. */
static void receive(u64 count, size_t size)
{
	send(1, size);
	if (!frame)
		return;
	reflect((void *)frame->data);
	while (count) {
		u64 n = MIN(count, (u64)BATCH);

		for (u64 i = 0; i < n; i++)
			inject(frame->total);
		for (u64 i = 0; i < n; i++)
			(void)udp_receive(socket, NULL, data, sizeof(data), 0);
		count -= n;
	}
}

void bench_stack_receive_small(u64 count)
{
	receive(count, SMALL);
}

void bench_stack_receive_large(u64 count)
{
	receive(count, LARGE);
}
