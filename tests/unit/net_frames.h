/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames as others send them, made by hand. */
#pragma once

#include <abi/net/ethernet.h>
#include <abi/net/ipv4.h>
#include <kernel/byteorder.h>
#include <kernel/string.h>
#include "../../kernel/net/checksum.h"

#define OWN_ADDRESS  0x0a000002U /* 10.0.0.2/24 */
#define PEER_ADDRESS 0x0a000001U

static __unused const u8 own_hardware[] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
static __unused const u8 peer_hardware[] = { 0x02, 0, 0, 0, 0, 1 };

struct frame {
	struct ethernet_header ethernet;
	union {
		struct arp_message arp;
		struct {
			struct ipv4_header ip;
			union {
				struct udp_header udp;
				struct icmp_header icmp;
				u8 payload[65536];
			};
		};
	};
};

#define FRAME_IP  ((unsigned)offsetof(struct frame, ip))
#define FRAME_UDP ((unsigned)offsetof(struct frame, udp))

static inline void frame_ethernet(struct frame *frame, u16 type)
{
	memcpy(frame->ethernet.destination, own_hardware, 6);
	memcpy(frame->ethernet.source, peer_hardware, 6);
	frame->ethernet.type = cpu_to_be16(type);
}

/* The length of an ARP message's frame. */
static inline unsigned frame_arp(struct frame *frame, u16 operation, u32 sender,
				 u32 target)
{
	be32 address = cpu_to_be32(sender);

	frame_ethernet(frame, ETHERTYPE_ARP);
	frame->arp = (struct arp_message){
		.hardware = cpu_to_be16(1),
		.protocol = cpu_to_be16(ETHERTYPE_IPV4),
		.hardware_length = 6,
		.protocol_length = 4,
		.operation = cpu_to_be16(operation),
	};
	memcpy(frame->arp.sender_hardware, peer_hardware, 6);
	memcpy(frame->arp.sender_protocol, &address, 4);
	address = cpu_to_be32(target);
	memcpy(frame->arp.target_protocol, &address, 4);
	return sizeof(frame->ethernet) + sizeof(frame->arp);
}

static inline void frame_seal_ip(struct frame *frame)
{
	frame->ip.checksum = 0;
	frame->ip.checksum =
		checksum_finish(checksum_add(0, &frame->ip, sizeof(frame->ip)));
}

/* IP's header for @payload bytes behind it. The length of the frame. */
static inline unsigned frame_ip(struct frame *frame, u32 source,
				u32 destination, u8 protocol, unsigned payload)
{
	frame_ethernet(frame, ETHERTYPE_IPV4);
	frame->ip = (struct ipv4_header){
		.version_length = IPV4_VERSION_5,
		.total_length = cpu_to_be16((u16)(20 + payload)),
		.identification = cpu_to_be16(77),
		.ttl = 64,
		.protocol = protocol,
		.source = cpu_to_be32(source),
		.destination = cpu_to_be32(destination),
	};
	frame_seal_ip(frame);
	return FRAME_UDP + payload;
}

static inline void frame_seal_udp(struct frame *frame, unsigned bytes)
{
	u64 sum = checksum_pseudo(be32_to_cpu(frame->ip.source),
				  be32_to_cpu(frame->ip.destination),
				  IPV4_PROTOCOL_UDP, (u16)bytes);

	frame->udp.checksum = 0;
	frame->udp.checksum =
		checksum_finish(checksum_add(sum, &frame->udp, bytes));
}

/* A datagram from the peer, port 7, with @data. The length of the frame. */
static inline unsigned frame_udp(struct frame *frame, u16 port,
				 const void *data, unsigned length)
{
	unsigned bytes = (unsigned)sizeof(struct udp_header) + length;
	unsigned frame_bytes = frame_ip(frame, PEER_ADDRESS, OWN_ADDRESS,
					IPV4_PROTOCOL_UDP, bytes);

	frame->udp.source = cpu_to_be16(7);
	frame->udp.destination = cpu_to_be16(port);
	frame->udp.length = cpu_to_be16((u16)bytes);
	memcpy(frame->payload + sizeof(struct udp_header), data, length);
	frame_seal_udp(frame, bytes);
	return frame_bytes;
}
