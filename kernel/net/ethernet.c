/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that came in, and headers of those that go out. */
#include "stack.h"
#include <kernel/preempt.h>
#include <kernel/string.h>

/* What protocols look at before they look at the rest. */
#define HEADERS_MAX 128

const u8 ethernet_broadcast[ETH_ADDRESS_LENGTH] = { 0xff, 0xff, 0xff,
						    0xff, 0xff, 0xff };

void ethernet_push(struct packet *packet, const struct net_device *net,
		   const u8 *destination, u16 type)
{
	struct ethernet_header *header = packet_push(packet, sizeof(*header));

	memcpy(header->destination, destination, ETH_ADDRESS_LENGTH);
	memcpy(header->source, net->address, ETH_ADDRESS_LENGTH);
	header->type = cpu_to_be16(type);
}

/* Six bytes, as a number of which only equality means anything. */
static inline u64 address_number(const u8 *address)
{
	u32 low;
	u16 high;

	__builtin_memcpy(&low, address, sizeof(low));
	__builtin_memcpy(&high, address + sizeof(low), sizeof(high));
	return low | (u64)high << 32;
}

static bool is_for_us(const struct net_device *net, const u8 *destination)
{
	return address_number(destination) == address_number(net->address) ||
	       (destination[0] & 1);
}

static void deliver(struct net_device *net, struct packet *packet, u16 type)
{
	packet->device = net;
	switch (type) {
	case ETHERTYPE_IPV4: ipv4_receive(net, packet); break;
	case ETHERTYPE_ARP: arp_receive(net, packet); break;
	default: net_drop(packet, NET_DROP_PROTOCOL); break;
	}
}

/* The payload is at packet->data, a tag first. */
static void deliver_tagged(struct net_device *net, struct packet *packet)
{
	const struct vlan_tag *tag = (const void *)packet->data;
	u16 vlan;

	if (packet->length < sizeof(*tag)) {
		net_drop(packet, NET_DROP_SHORT);
		return;
	}
	vlan = be16_to_cpu(tag->control) & VLAN_ID_MASK;
	if (vlan != VLAN_ID_NONE)
		net = vlan_find(net, vlan);
	if (!net) {
		net_drop(packet, NET_DROP_VLAN);
		return;
	}
	packet_pull(packet, sizeof(*tag));
	deliver(net, packet, be16_to_cpu(tag->type));
}

static void receive(struct net_device *net, struct packet *packet)
{
	const struct ethernet_header *header;

	if (unlikely(packet->length < MIN(packet->total, HEADERS_MAX)))
		packet = packet_linear(packet);
	if (unlikely(!packet)) {
		net_count(NET_DROP_MEMORY);
		return;
	}
	header = (const void *)packet->data;
	if (unlikely(packet->length < sizeof(*header))) {
		net_drop(packet, NET_DROP_SHORT);
		return;
	}
	if (unlikely(!is_for_us(net, header->destination))) {
		net_drop(packet, NET_DROP_OTHER);
		return;
	}
	packet_pull(packet, sizeof(*header));
	if (unlikely(be16_to_cpu(header->type) == ETHERTYPE_VLAN))
		deliver_tagged(net, packet);
	else
		deliver(net, packet, be16_to_cpu(header->type));
}

void net_receive(struct net_pair *pair, struct packet *packet)
{
	pair->rx.packets++;
	pair->rx.bytes += packet->total;
	preempt_disable();
	receive(pair->device, packet);
	preempt_enable();
}
