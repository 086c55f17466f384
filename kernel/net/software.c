/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checksums and segmentation for devices that do neither. Segments are copies:
 * it is the device that has no scatter and gather then, or a packet that its
 * ring has no room for otherwise.
 */
#include "software.h"
#include "checksum.h"
#include "netdev.h"
#include "packet.h"
#include <abi/net/ipv4.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>

#define L4_HEADERS (sizeof(struct ipv4_header) + sizeof(struct udp_header))

int packet_complete_checksum(struct packet *packet)
{
	unsigned start = packet->checksum_start;
	unsigned at = start + packet->checksum_offset;
	u16 sum;

	if (packet->checksum != PACKET_CHECKSUM_PARTIAL)
		return 0;
	if (start > packet->length || at + sizeof(sum) > packet->length)
		return -EINVAL;
	/* The field holds the pseudo-header's sum. */
	sum = checksum_finish(
		checksum_add(0, packet->data + start, packet->length - start));
	if (!sum)
		sum = 0xffff; /* 0 says that there is none (RFC 768) */
	memcpy(packet->data + at, &sum, sizeof(sum));
	packet->checksum = PACKET_CHECKSUM_NONE;
	return 0;
}

/* One packet in the making, out of a larger one. */
struct cut {
	const struct packet *whole;
	unsigned link_length; /* of the headers before IP's */
	unsigned copied;      /* of all headers that each piece repeats */
	unsigned step;	      /* payload of each piece */
	bool fragments;	      /* IP's, else datagrams */
};

static int cut_prepare(struct cut *cut, const struct packet *packet)
{
	unsigned headers = packet->header_length;

	if (headers < L4_HEADERS || headers > packet->length ||
	    !packet->segment_size)
		return -EINVAL;
	cut->whole = packet;
	cut->link_length = headers - (unsigned)L4_HEADERS;
	cut->fragments = packet->segmentation == PACKET_GSO_UDP;
	cut->copied = headers;
	cut->step = packet->segment_size;
	if (!cut->fragments)
		return 0;
	/* The first fragment alone has the UDP header, as payload. */
	cut->copied -= (unsigned)sizeof(struct udp_header);
	cut->step = ALIGN_DOWN(cut->step, 8U);
	return cut->step ? 0 : -EINVAL;
}

/* @at: of the payload, which ends with this piece if @last. */
static void fix_ip(const struct cut *cut, struct packet *piece, unsigned at,
		   bool last)
{
	struct ipv4_header *ip = (void *)(piece->data + cut->link_length);
	u16 fragment = (u16)(at / 8 | (last ? 0 : IPV4_MORE_FRAGMENTS));

	ip->total_length = cpu_to_be16((u16)(piece->length - cut->link_length));
	if (cut->fragments)
		ip->fragment = cpu_to_be16(fragment);
	else
		ip->identification = cpu_to_be16((
			u16)(be16_to_cpu(ip->identification) + at / cut->step));
	ip->checksum = 0;
	ip->checksum = checksum_finish(checksum_add(0, ip, sizeof(*ip)));
}

static void fix_udp(const struct cut *cut, struct packet *piece)
{
	struct ipv4_header *ip = (void *)(piece->data + cut->link_length);
	struct udp_header *udp = (void *)(ip + 1);
	u16 length = (u16)(piece->length - cut->link_length - sizeof(*ip));

	udp->length = cpu_to_be16(length);
	udp->checksum =
		checksum_fold(checksum_pseudo(be32_to_cpu(ip->source),
					      be32_to_cpu(ip->destination),
					      IPV4_PROTOCOL_UDP, length));
	piece->checksum = PACKET_CHECKSUM_PARTIAL;
	piece->checksum_start =
		(u16)(cut->link_length + sizeof(struct ipv4_header));
	piece->checksum_offset = offsetof(struct udp_header, checksum);
}

static struct packet *cut_piece(const struct cut *cut, unsigned at,
				unsigned bytes, bool last)
{
	struct packet *piece = packet_alloc(cut->copied + bytes);

	if (!piece)
		return NULL;
	memcpy(piece->data, cut->whole->data, cut->copied);
	memcpy(piece->data + cut->copied, cut->whole->data + cut->copied + at,
	       bytes);
	packet_cut(piece, cut->copied + bytes);
	piece->hash = cut->whole->hash;
	if (!cut->fragments)
		fix_udp(cut, piece);
	fix_ip(cut, piece, at, last);
	return piece;
}

static int send_piece(struct net_device *net, struct packet *piece, bool more,
		      transmit_fn transmit)
{
	int err = 0;

	if (!(net->features & NET_TX_CHECKSUM))
		err = packet_complete_checksum(piece);
	if (!err)
		err = transmit(net, piece, more);
	if (err)
		packet_free(piece);
	return err;
}

/* Half of a datagram is none: it waits before it is begun, as far as it can. */
static bool has_room(struct net_device *net, const struct packet *packet,
		     unsigned pieces)
{
	return net_transmit_room(net, packet) >=
	       MIN(pieces, (unsigned)(NET_QUEUE_MAX - NET_QUEUE_ROOM));
}

/* The pieces of @packet, whose payload is @payload. How much of it is gone. */
static unsigned send_pieces(struct net_device *net, const struct cut *cut,
			    unsigned payload, transmit_fn transmit, int *err)
{
	unsigned at = 0;

	do {
		unsigned bytes = MIN(cut->step, payload - at);
		bool last = at + bytes == payload;
		struct packet *piece = cut_piece(cut, at, bytes, last);

		*err = piece ? send_piece(net, piece, !last, transmit)
			     : -ENOMEM;
		if (*err)
			break;
		at += bytes;
	} while (at < payload);
	return at;
}

static int send_cut(struct net_device *net, struct packet *packet,
		    transmit_fn transmit)
{
	unsigned payload;
	struct cut cut;
	int err = cut_prepare(&cut, packet);

	if (!err && cut.fragments)
		err = packet_complete_checksum(packet);
	if (err)
		return err;
	payload = packet->length - cut.copied;
	if (!has_room(net, packet, (payload + cut.step - 1) / cut.step))
		return -EAGAIN;
	if (!send_pieces(net, &cut, payload, transmit, &err) && err)
		return err;
	if (err) {
		net_transmit_end(net);
		net_count_dropped(net);
	}
	packet_free(packet);
	return 0;
}

static bool must_cut(const struct net_device *net, const struct packet *packet)
{
	switch (packet->segmentation) {
	case PACKET_GSO_UDP:
		/* Devices know UDP; anything else comes complete. */
		return !(net->features & NET_UFO) ||
		       packet->checksum != PACKET_CHECKSUM_PARTIAL;
	case PACKET_GSO_UDP_L4: return !(net->features & NET_USO);
	default: return false;
	}
}

/*
 * The result of packet_linear(), in place: the caller goes on with @packet,
 * which it has, so the copy cannot just replace it.
 */
static int transmit_linear(struct net_device *net, struct packet *packet,
			   transmit_fn transmit)
{
	struct packet *copy = packet_alloc(packet->total);
	int err = -ENOMEM;

	if (!copy)
		return err;
	packet_copy_description(copy, packet);
	packet_cut(copy, packet->total);
	if (packet_copy(packet, 0, copy->data, packet->total))
		err = net_transmit_by_software(net, copy, transmit);
	else
		err = -EINVAL;
	packet_free(err ? copy : packet);
	return err;
}

int net_transmit_by_software(struct net_device *net, struct packet *packet,
			     transmit_fn transmit)
{
	int err = 0;

	if (packet->fragments)
		return transmit_linear(net, packet, transmit);
	if (packet->segmentation == PACKET_GSO_TCPV4 ||
	    packet->segmentation == PACKET_GSO_TCPV6)
		return -EOPNOTSUPP;
	if (must_cut(net, packet))
		return send_cut(net, packet, transmit);
	if (!(net->features & NET_TX_CHECKSUM))
		err = packet_complete_checksum(packet);
	return err ? err : transmit(net, packet, false);
}
