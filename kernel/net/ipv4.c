/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 (RFC 791): what is for us, and what we send. Options are skipped. */
#include "checksum.h"
#include "stack.h"
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/string.h>

/* What is wrong with the header at packet->data, or NET_DROPS: nothing. */
static enum net_drop check_header(const struct packet *packet)
{
	const struct ipv4_header *header = (const void *)packet->data;
	unsigned bytes, total;

	if (packet->length < sizeof(*header))
		return NET_DROP_SHORT;
	bytes = (header->version_length & 15U) * 4;
	total = be16_to_cpu(header->total_length);
	if (header->version_length >> 4 != 4 || bytes < sizeof(*header))
		return NET_DROP_HEADER;
	if (packet->length < bytes || total < bytes || total > packet->total)
		return NET_DROP_SHORT;
	if (checksum_fold(checksum_add(0, header, bytes)) != 0xffff)
		return NET_DROP_CHECKSUM;
	return NET_DROPS;
}

/* An address that nobody on @net can have sent from. */
static bool is_martian(const struct net_interface *interface, u32 source)
{
	if (interface->loopback)
		return false;
	return !source || is_multicast(source) || is_loopback(source) ||
	       source == READ_ONCE(interface->address) ||
	       interface_is_broadcast(interface, source);
}

static bool is_for_us(const struct net_interface *interface,
		      const struct ipv4_info *info)
{
	u32 destination = info->destination;

	if (likely(destination == READ_ONCE(interface->address)))
		return destination || interface->any_destination;
	if (info->broadcast)
		return true;
	if (is_loopback(destination))
		return interface->loopback;
	if (interface->any_destination && info->protocol == IPV4_PROTOCOL_UDP)
		return true;
	return interface_of_address(destination);
}

void ipv4_deliver(struct packet *packet, const struct ipv4_info *info)
{
	switch (info->protocol) {
	case IPV4_PROTOCOL_UDP: udp_deliver(packet, info); break;
	case IPV4_PROTOCOL_ICMP: icmp_receive(packet, info); break;
	default: net_drop(packet, NET_DROP_PROTOCOL); break;
	}
}

static void read_header(struct ipv4_info *info, struct packet *packet,
			const struct net_interface *interface)
{
	const struct ipv4_header *header = (const void *)packet->data;

	packet_trim_to(packet, be16_to_cpu(header->total_length));
	packet_pull(packet, (header->version_length & 15U) * 4);
	info->header = header;
	info->source = be32_to_cpu(header->source);
	info->destination = be32_to_cpu(header->destination);
	info->protocol = header->protocol;
	info->broadcast = interface_is_broadcast(interface, info->destination);
}

/* Of a datagram that was sent in several. */
static bool is_piece(const struct packet *packet)
{
	const struct ipv4_header *header = (const void *)packet->data;

	return be16_to_cpu(header->fragment) &
	       (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK);
}

void ipv4_receive(struct net_device *net, struct packet *packet)
{
	enum net_drop wrong = check_header(packet);
	struct ipv4_info info;
	bool piece;

	if (unlikely(wrong != NET_DROPS)) {
		net_drop(packet, wrong);
		return;
	}
	piece = is_piece(packet);
	/* Pieces are put together from heads; a large one has fragments. */
	if (unlikely(piece && packet->fragments)) {
		packet = packet_linear(packet);
		if (!packet) {
			net_count(NET_DROP_MEMORY);
			return;
		}
	}
	read_header(&info, packet, net->interface);
	if (unlikely(is_martian(net->interface, info.source))) {
		net_drop(packet, NET_DROP_MARTIAN);
		return;
	}
	if (unlikely(!is_for_us(net->interface, &info))) {
		net_drop(packet, NET_DROP_OTHER);
		return;
	}
	if (unlikely(piece))
		packet = reassembly_add(packet, &info);
	if (packet)
		ipv4_deliver(packet, &info);
}

u16 ipv4_identification(void)
{
	static u16 next;

	if (unlikely(!atomic_read(&next)))
		atomic_fetch_add_relaxed(&next, (u16)random_u32());
	return atomic_fetch_add_relaxed(&next, (u16)1);
}

struct ipv4_header *ipv4_push(struct packet *packet, u32 source,
			      u32 destination, u8 protocol)
{
	struct ipv4_header *header = packet_push(packet, sizeof(*header));

	*header = (struct ipv4_header){
		.version_length = IPV4_VERSION_5,
		.total_length = cpu_to_be16((u16)packet->total),
		.identification = cpu_to_be16(ipv4_identification()),
		.ttl = IPV4_TTL_DEFAULT,
		.protocol = protocol,
		.source = cpu_to_be32(source),
		.destination = cpu_to_be32(destination),
	};
	header->checksum =
		checksum_finish(checksum_add(0, header, sizeof(*header)));
	return header;
}

/* Cut on its way, after it has waited for the neighbour's address. */
static void mark_fragments(const struct net_device *net, struct packet *packet)
{
	packet->segmentation = PACKET_GSO_UDP;
	packet->segment_size =
		ALIGN_DOWN(net->mtu - sizeof(struct ipv4_header), 8);
	packet->header_length =
		sizeof(struct ipv4_header) + sizeof(struct udp_header);
}

static int send_by(const struct route_result *route, struct packet *packet)
{
	if (packet->total > route->device->mtu)
		mark_fragments(route->device, packet);
	if (!route->broadcast)
		return neighbour_send(route->device, route->next_hop, packet);
	ethernet_push(packet, route->device, ethernet_broadcast,
		      ETHERTYPE_IPV4);
	packet->header_length += IP_ROOM;
	return net_transmit(route->device, packet, false);
}

int ipv4_send(struct packet *packet, u32 destination, u8 protocol)
{
	struct route_result route;
	int err;

	preempt_disable();
	err = route_lookup(destination, &route);
	if (!err) {
		(void)ipv4_push(packet, route.source, destination, protocol);
		err = send_by(&route, packet);
	}
	preempt_enable();
	if (err)
		packet_free(packet);
	return err;
}
