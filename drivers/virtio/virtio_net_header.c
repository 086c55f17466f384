/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header before each packet (virtio 1.3, 5.1.6.2 and 5.1.6.4): what the
 * device says of a received one is checked against the packet before anybody
 * relies on it.
 */
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include "virtio_net.h"

#define TCP_CHECKSUM_OFFSET 16
#define TCP_HEADER_MIN	    20
#define TCP_DATA_OFFSET	    12 /* its high half: words of the header */
#define UDP_CHECKSUM_OFFSET 6
#define UDP_HEADER	    8
#define CHECKSUM_BYTES	    2

/* Each kind of segmentation, as both sides and the features call it. */
static const struct gso {
	u8 kind;  /* enum packet_segmentation */
	u8 wire;  /* VIRTIO_NET_HDR_GSO_... */
	u8 host;  /* feature to send it */
	u8 guest; /* one of these to receive it */
	u8 guest_too;
	bool tcp;
} gsos[] = {
	{ PACKET_GSO_TCPV4, VIRTIO_NET_HDR_GSO_TCPV4, VIRTIO_NET_F_HOST_TSO4,
	  VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_GUEST_TSO4, true },
	{ PACKET_GSO_TCPV6, VIRTIO_NET_HDR_GSO_TCPV6, VIRTIO_NET_F_HOST_TSO6,
	  VIRTIO_NET_F_GUEST_TSO6, VIRTIO_NET_F_GUEST_TSO6, true },
	{ PACKET_GSO_UDP, VIRTIO_NET_HDR_GSO_UDP, VIRTIO_NET_F_HOST_UFO,
	  VIRTIO_NET_F_GUEST_UFO, VIRTIO_NET_F_GUEST_UFO, false },
	{ PACKET_GSO_UDP_L4, VIRTIO_NET_HDR_GSO_UDP_L4, VIRTIO_NET_F_HOST_USO,
	  VIRTIO_NET_F_GUEST_USO4, VIRTIO_NET_F_GUEST_USO6, false },
};

static const struct gso *gso_of_wire(u8 wire)
{
	for (unsigned i = 0; i < ARRAY_SIZE(gsos); i++)
		if (gsos[i].wire == wire)
			return &gsos[i];
	return NULL;
}

static const struct gso *gso_of_kind(u8 kind)
{
	for (unsigned i = 0; i < ARRAY_SIZE(gsos); i++)
		if (gsos[i].kind == kind)
			return &gsos[i];
	return NULL;
}

/* The field to be filled in is a part of the packet's head. */
static bool checksum_fits(const struct packet *packet)
{
	return packet->checksum_start >= ETH_HEADER_LENGTH &&
	       (u32)packet->checksum_start + packet->checksum_offset +
			       CHECKSUM_BYTES <=
		       packet->length;
}

static int read_checksum(const struct virtio_net_hdr *hdr,
			 struct packet *packet)
{
	packet->checksum = PACKET_CHECKSUM_PARTIAL;
	packet->checksum_start = le16_to_cpu(hdr->csum_start);
	packet->checksum_offset = le16_to_cpu(hdr->csum_offset);
	return checksum_fits(packet) ? 0 : -EBADMSG;
}

/*
 * Bytes of all headers of a large packet, or 0 when they are not there.
 * hdr_len is only a hint (5.1.6.4.2): it is not looked at.
 */
static unsigned headers_length(const struct gso *gso,
			       const struct packet *packet)
{
	unsigned start = packet->checksum_start, length = UDP_HEADER;

	if (gso->tcp) {
		if (packet->checksum_offset != TCP_CHECKSUM_OFFSET ||
		    start + TCP_HEADER_MIN > packet->length)
			return 0;
		length = (packet->data[start + TCP_DATA_OFFSET] >> 4) * 4U;
		if (length < TCP_HEADER_MIN)
			return 0;
	} else if (packet->checksum_offset != UDP_CHECKSUM_OFFSET) {
		return 0;
	}
	return start + length <= packet->length ? start + length : 0;
}

/* Its header has a partial checksum, which was read. */
static int read_segmentation(const struct virtnet_format *format,
			     const struct virtio_net_hdr *hdr,
			     struct packet *packet)
{
	u8 type = hdr->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
	const struct gso *gso = gso_of_wire(type);

	if (!gso || packet->checksum != PACKET_CHECKSUM_PARTIAL ||
	    !(virtnet_can(format, gso->guest) ||
	      virtnet_can(format, gso->guest_too)))
		return -EBADMSG;
	packet->segmentation = gso->kind;
	packet->ecn = hdr->gso_type & VIRTIO_NET_HDR_GSO_ECN;
	packet->segment_size = le16_to_cpu(hdr->gso_size);
	packet->header_length = (u16)headers_length(gso, packet);
	if ((packet->ecn && !gso->tcp) || !packet->segment_size ||
	    !packet->header_length || packet->total > VIRTIO_NET_LARGE_FRAME)
		return -EBADMSG;
	return 0;
}

/* Of an unknown kind of hash nothing is known: not even what it hashes. */
static u32 read_hash(const struct virtnet_format *format,
		     const struct virtio_net_hdr *hdr)
{
	u16 report;

	if (format->header < VIRTIO_NET_HDR_HASH)
		return 0;
	report = le16_to_cpu(hdr->hash_report);
	if (report == VIRTIO_NET_HASH_REPORT_NONE ||
	    report > VIRTIO_NET_HASH_REPORT_MAX)
		return 0;
	return le32_to_cpu(hdr->hash_value);
}

int virtnet_read_header(const struct virtnet_format *format,
			const struct virtio_net_hdr *hdr, struct packet *packet)
{
	packet->checksum = PACKET_CHECKSUM_NONE;
	packet->segmentation = PACKET_GSO_NONE;
	packet->ecn = false;
	packet->checksum_start = packet->checksum_offset = 0;
	packet->segment_size = packet->header_length = 0;
	packet->hash = read_hash(format, hdr);
	/* What was not negotiated is a flag that we do not know. */
	if (hdr->flags && virtnet_can(format, VIRTIO_NET_F_GUEST_CSUM)) {
		if (hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
			if (read_checksum(hdr, packet))
				return -EBADMSG;
		} else if (hdr->flags & VIRTIO_NET_HDR_F_DATA_VALID) {
			packet->checksum = PACKET_CHECKSUM_VERIFIED;
		}
	}
	if (unlikely(hdr->gso_type != VIRTIO_NET_HDR_GSO_NONE))
		return read_segmentation(format, hdr, packet);
	return packet->total <= format->frame_max ? 0 : -EBADMSG;
}

static int write_checksum(const struct virtnet_format *format,
			  const struct packet *packet,
			  struct virtio_net_hdr *hdr)
{
	if (!virtnet_can(format, VIRTIO_NET_F_CSUM) || !checksum_fits(packet))
		return -EINVAL;
	hdr->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	hdr->csum_start = cpu_to_le16(packet->checksum_start);
	hdr->csum_offset = cpu_to_le16(packet->checksum_offset);
	return 0;
}

static int write_segmentation(const struct virtnet_format *format,
			      const struct packet *packet,
			      struct virtio_net_hdr *hdr)
{
	const struct gso *gso = gso_of_kind(packet->segmentation);
	unsigned headers;

	if (!gso || !virtnet_can(format, gso->host) || !packet->segment_size ||
	    packet->checksum != PACKET_CHECKSUM_PARTIAL ||
	    packet->total > VIRTIO_NET_LARGE_FRAME ||
	    (packet->ecn &&
	     (!gso->tcp || !virtnet_can(format, VIRTIO_NET_F_HOST_ECN))))
		return -EINVAL;
	/* With VIRTIO_NET_F_GUEST_HDRLEN this must be the exact length. */
	headers = headers_length(gso, packet);
	if (!headers)
		return -EINVAL;
	hdr->gso_type = gso->wire | (packet->ecn ? VIRTIO_NET_HDR_GSO_ECN : 0);
	hdr->gso_size = cpu_to_le16(packet->segment_size);
	hdr->hdr_len = cpu_to_le16((u16)headers);
	return 0;
}

int virtnet_write_header(const struct virtnet_format *format,
			 const struct packet *packet,
			 struct virtio_net_hdr *hdr)
{
	int err = 0;

	/* Field by field: a call of memset() costs more than all this. */
	hdr->flags = 0;
	hdr->gso_type = VIRTIO_NET_HDR_GSO_NONE;
	hdr->hdr_len = cpu_to_le16(0);
	hdr->gso_size = cpu_to_le16(0);
	hdr->csum_start = cpu_to_le16(0);
	hdr->csum_offset = cpu_to_le16(0);
	if (likely(format->header > VIRTIO_NET_HDR_LEGACY))
		hdr->num_buffers = cpu_to_le16(0);
	if (unlikely(format->header == VIRTIO_NET_HDR_HASH)) {
		hdr->hash_value = cpu_to_le32(0);
		hdr->hash_report = cpu_to_le16(0);
		hdr->padding_reserved = cpu_to_le16(0);
	}
	if (packet->checksum == PACKET_CHECKSUM_PARTIAL)
		err = write_checksum(format, packet, hdr);
	if (unlikely(packet->segmentation != PACKET_GSO_NONE))
		return err ? err : write_segmentation(format, packet, hdr);
	if (packet->total > format->frame_max)
		return -EINVAL;
	return err;
}
