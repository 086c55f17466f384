/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending datagrams. The way from udp_send() to the driver is short on
 * purpose: a packet from this CPU's cache, one copy of the payload, one of a
 * header that was made before, and the driver.
 */
#include "udp.h"
#include "checksum.h"
#include "software.h"
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/time.h>

#define IP_START  ETH_HEADER_LENGTH
#define UDP_START (IP_START + sizeof(struct ipv4_header))

/* @identification is any number, unless it will be fragmented. */
static inline void put_header(struct udp_path *path, struct packet *packet,
			      u16 identification)
{
	struct ipv4_header *ip;
	u8 *frame;

	if (unlikely(packet->total != path->length))
		udp_path_set_length(path, packet->total);
	frame = packet_push(packet, sizeof(path->header));
	__builtin_memcpy(frame, &path->header, sizeof(path->header));
	ip = (void *)(frame + IP_START);
	ip->identification = (__force be16)identification;
	ip->checksum = checksum_finish(path->ip_sum + identification);
	packet->checksum = PACKET_CHECKSUM_PARTIAL;
	packet->checksum_start = UDP_START;
	packet->checksum_offset = offsetof(struct udp_header, checksum);
}

/* @packet has all its headers, but nobody knows Ethernet's destination. */
static int send_unresolved(struct udp_path *path, struct packet *packet)
{
	packet_pull(packet, IP_ROOM);
	/* They count from IP's header on: neighbour_send() adds to both. */
	packet->checksum_start -= IP_ROOM;
	packet->header_length -= IP_ROOM;
	return neighbour_send(path->device, path->next_hop, packet);
}

/* A datagram larger than a frame, or several of them. */
static int send_large(struct udp_path *path, struct packet *packet)
{
	put_header(path, packet, ipv4_identification());
	packet->header_length = UDP_HEADERS;
	if (packet->segment_size) {
		packet->segmentation = PACKET_GSO_UDP_L4;
	} else {
		packet->segmentation = PACKET_GSO_UDP;
		packet->segment_size = ALIGN_DOWN(
			path->device->mtu - sizeof(struct ipv4_header), 8);
	}
	if (!path->resolved)
		return send_unresolved(path, packet);
	return net_transmit(path->device, packet, false);
}

static bool is_current(const struct udp_path *path,
		       const struct udp_endpoint *to)
{
	return path->port == to->port && path->destination == to->address &&
	       path->generation == atomic_load_acquire(&net_generation);
}

/* Under the socket's lock. */
static int try_locked(struct udp_socket *socket, const struct udp_endpoint *to,
		      struct packet *packet)
{
	struct udp_path *path = &socket->path;
	int err;

	if (unlikely(!is_current(path, to) || !path->resolved)) {
		err = udp_path_find(socket, to->address, to->port);
		if (err)
			return err;
	}
	if (unlikely(packet->segment_size > path->room))
		return -EMSGSIZE;
	if (unlikely(packet->segment_size || packet->total > path->room))
		return send_large(path, packet);
	put_header(path, packet, socket->identification++);
	if (unlikely(!path->resolved))
		return send_unresolved(path, packet);
	return net_transmit(path->device, packet, false);
}

/* As it was before the headers. */
static void restore(struct packet *packet, u8 *data, size_t length, u16 segment)
{
	packet->data = data;
	packet_cut(packet, (unsigned)length);
	packet->segmentation = PACKET_GSO_NONE;
	packet->segment_size = segment;
	packet->checksum = PACKET_CHECKSUM_NONE;
}

static int try_send(struct udp_socket *socket, const struct udp_endpoint *to,
		    struct packet *packet)
{
	u16 segment = packet->segment_size;
	size_t length = packet->length;
	u8 *data = packet->data;
	int err;

	/* Also keeps the path's device where it is. */
	spin_lock(&socket->lock);
	err = try_locked(socket, to, packet);
	spin_unlock(&socket->lock);
	if (unlikely(err == -EAGAIN))
		restore(packet, data, length, segment);
	return err;
}

static __noinline int send_patiently(struct udp_socket *socket,
				     const struct udp_endpoint *to,
				     struct packet *packet)
{
	u64 until = time_ns() + UDP_SEND_TIMEOUT_MS * NSEC_PER_MSEC;
	unsigned token;
	int err;

	net_room_begin();
	do {
		token = net_room_token();
		err = try_send(socket, to, packet);
	} while (err == -EAGAIN && net_room_wait(token, until));
	net_room_end();
	return err == -EAGAIN ? -ENOBUFS : err;
}

static int send_packet(struct udp_socket *socket, const struct udp_endpoint *to,
		       struct packet *packet)
{
	int err = try_send(socket, to, packet);

	if (unlikely(err == -EAGAIN))
		err = send_patiently(socket, to, packet);
	if (unlikely(err))
		packet_free(packet);
	return err;
}

static __noinline int complete_endpoints(struct udp_socket *socket,
					 const struct udp_endpoint **to,
					 struct udp_endpoint *peer)
{
	if (!*to) {
		*peer = (struct udp_endpoint){ socket->peer,
					       socket->peer_port };
		*to = peer;
	}
	if (!(*to)->address || !(*to)->port)
		return -EDESTADDRREQ;
	return udp_bind_any(socket);
}

int udp_send_segments(struct udp_socket *socket, const struct udp_endpoint *to,
		      const void *data, size_t length, size_t segment)
{
	struct udp_endpoint peer;
	struct packet *packet;
	int err;

	if (length > UDP_PAYLOAD_MAX || segment > UDP_PAYLOAD_MAX)
		return -EMSGSIZE;
	if (unlikely(!to || !to->address || !to->port || !socket->port)) {
		err = complete_endpoints(socket, &to, &peer);
		if (err)
			return err;
	}
	packet = packet_alloc((unsigned)(UDP_HEADERS + length));
	if (unlikely(!packet))
		return -ENOMEM;
	packet->data += UDP_HEADERS;
	memcpy(packet->data, data, length);
	packet_cut(packet, (unsigned)length);
	if (unlikely(segment && segment < length))
		packet->segment_size = (u16)segment;
	return send_packet(socket, to, packet);
}

int udp_send(struct udp_socket *socket, const struct udp_endpoint *to,
	     const void *data, size_t length)
{
	return udp_send_segments(socket, to, data, length, 0);
}
