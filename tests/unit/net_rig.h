/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of the network stack share: one device, one peer. */
#pragma once

#include <kernel/printk.h>
#include <kernel/udp.h>
#include "../../kernel/net/icmp.h"
#include "../../kernel/net/stack.h"
#include "fake_netdev.h"
#include "net_frames.h"
#include "unit.h"

#define PORT 4000

static struct fake_netdev fake;
static __unused struct frame frame;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
}

static inline void up(u32 features)
{
	fake_netdev_init(&fake);
	fake.net.features = features;
	CHECK_EQ(net_device_register(&fake.net), 0);
	CHECK_EQ(net_open(&fake.net), 0);
	CHECK_EQ(interface_set_address(&fake.net, OWN_ADDRESS, 24), 0);
	fake_net_run();
	fake_clear_sent(&fake);
}

static inline void down(void)
{
	fake_clear_sent(&fake);
	net_device_unregister(&fake.net);
	CHECK(!fake.opened);
	packet_trim();
}

/* The peer has answered. */
static inline __unused void know_peer(void)
{
	neighbour_heard(&fake.net, PEER_ADDRESS, peer_hardware, true);
}

static __unused const struct udp_endpoint peer = { PEER_ADDRESS, 7 };

static inline __unused struct udp_socket *socket_at(u16 port)
{
	struct udp_endpoint local = { 0, port };
	struct udp_socket *socket = udp_open();

	CHECK_EQ(udp_bind(socket, &local), 0);
	return socket;
}

/* The n-th frame that was sent. */
static inline __unused const struct frame *sent(unsigned n)
{
	CHECK(n < fake.sent_count);
	return (const void *)fake.sent[n].bytes;
}

/* A fragment of @length bytes at @at. */
static inline __unused void inject_fragment(u16 id, unsigned at,
					    unsigned length, bool more)
{
	(void)frame_ip(&frame, PEER_ADDRESS, OWN_ADDRESS, IPV4_PROTOCOL_UDP,
		       length);
	frame.ip.identification = cpu_to_be16(id);
	frame.ip.fragment = cpu_to_be16((u16)(at / 8 | (more ? 0x2000 : 0)));
	frame_seal_ip(&frame);
	fake_inject(&fake, &frame, FRAME_UDP + length);
}
