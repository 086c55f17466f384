/* SPDX-License-Identifier: BSD-2-Clause */
/* The header before each packet, as devices should and should not write it. */
#include "unit.h"
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "../../drivers/virtio/virtio_net.h"

#define ALL_FEATURES                                                \
 (BIT64(VIRTIO_NET_F_CSUM) | BIT64(VIRTIO_NET_F_GUEST_CSUM) |       \
  BIT64(VIRTIO_NET_F_GUEST_TSO4) | BIT64(VIRTIO_NET_F_GUEST_TSO6) | \
  BIT64(VIRTIO_NET_F_GUEST_ECN) | BIT64(VIRTIO_NET_F_GUEST_UFO) |   \
  BIT64(VIRTIO_NET_F_HOST_TSO4) | BIT64(VIRTIO_NET_F_HOST_TSO6) |   \
  BIT64(VIRTIO_NET_F_HOST_ECN) | BIT64(VIRTIO_NET_F_HOST_UFO) |     \
  BIT64(VIRTIO_NET_F_GUEST_USO4) | BIT64(VIRTIO_NET_F_HOST_USO) |   \
  BIT64(VIRTIO_NET_F_HASH_REPORT))

#define HEAD	  200
#define TCP_START 34
#define FRAME_MAX 1518

static u8 frame[HEAD];

static struct virtnet_format format(u64 features)
{
	return (struct virtnet_format){
		.header = features & BIT64(VIRTIO_NET_F_HASH_REPORT)
				  ? VIRTIO_NET_HDR_HASH
				  : VIRTIO_NET_HDR_MODERN,
		.frame_max = FRAME_MAX,
		.features = features,
	};
}

/* A frame with a TCP header of 20 bytes behind an IPv4 one. */
static struct packet received(void)
{
	memset(frame, 0, sizeof(frame));
	frame[TCP_START + 12] = 0x50;
	return (struct packet){
		.data = frame, .length = HEAD, .total = HEAD, .hash = 1
	};
}

/* A large packet that makes sense. */
static struct virtio_net_hdr large(u8 type)
{
	return (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = type,
		.gso_size = cpu_to_le16(100),
		.csum_start = cpu_to_le16(TCP_START),
		.csum_offset = cpu_to_le16(
			(type & 0x7f) == VIRTIO_NET_HDR_GSO_TCPV4 ||
					(type & 0x7f) ==
						VIRTIO_NET_HDR_GSO_TCPV6
				? 16
				: 6),
	};
}

static int read(u64 features, const struct virtio_net_hdr *hdr,
		struct packet *packet)
{
	struct virtnet_format f = format(features);

	return virtnet_read_header(&f, hdr, packet);
}

/* virtio 1.3, drivernormative 5.1.6.4.2: Processing of Incoming Packets */
TEST(plain_packet_says_nothing)
{
	struct virtio_net_hdr hdr = { 0 };
	struct packet packet = received();

	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), 0);
	CHECK_EQ(packet.checksum, PACKET_CHECKSUM_NONE);
	CHECK_EQ(packet.segmentation, PACKET_GSO_NONE);
	CHECK_EQ(packet.hash, 0);
}

/* virtio 1.3, drivernormative 5.1.6.4.2 */
TEST(unknown_flags_are_ignored)
{
	struct virtio_net_hdr hdr = { .flags = 0xfc };
	struct packet packet = received();

	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), 0);
	CHECK_EQ(packet.checksum, PACKET_CHECKSUM_NONE);
}

TEST(verified_checksum_is_believed_only_if_negotiated)
{
	struct virtio_net_hdr hdr = { .flags = VIRTIO_NET_HDR_F_DATA_VALID };
	struct packet packet = received();

	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), 0);
	CHECK_EQ(packet.checksum, PACKET_CHECKSUM_VERIFIED);
	packet = received();
	CHECK_EQ(read(0, &hdr, &packet), 0);
	CHECK_EQ(packet.checksum, PACKET_CHECKSUM_NONE);
}

TEST(checksum_field_is_inside_of_the_head)
{
	struct virtio_net_hdr hdr = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM };
	struct packet packet;
	static const struct {
		u16 start, offset;
		int err;
	} cases[] = {
		{ 34, 16, 0 },
		{ 14, HEAD - 16, 0 },
		{ 14, HEAD - 15, -EBADMSG },
		{ HEAD - 2, 0, 0 },
		{ HEAD - 1, 0, -EBADMSG },
		{ 13, 0, -EBADMSG },
		{ 0xffff, 0xffff, -EBADMSG },
		{ 0xffff, 0x43, -EBADMSG },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		hdr.csum_start = cpu_to_le16(cases[i].start);
		hdr.csum_offset = cpu_to_le16(cases[i].offset);
		packet = received();
		/* What is in fragments is not looked at. */
		packet.total += 1000;
		CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), cases[i].err);
	}
}

/* The offsets of a header without the flag are not used (5.1.6.4.2). */
TEST(offsets_without_the_flag_are_not_looked_at)
{
	struct virtio_net_hdr hdr = { .csum_start = cpu_to_le16(0xffff) };
	struct packet packet = received();

	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), 0);
}

TEST(large_packets_of_each_kind)
{
	static const struct {
		u8 type, kind, headers;
	} cases[] = {
		{ VIRTIO_NET_HDR_GSO_TCPV4, PACKET_GSO_TCPV4, TCP_START + 20 },
		{ VIRTIO_NET_HDR_GSO_TCPV6, PACKET_GSO_TCPV6, TCP_START + 20 },
		{ VIRTIO_NET_HDR_GSO_UDP, PACKET_GSO_UDP, TCP_START + 8 },
		{ VIRTIO_NET_HDR_GSO_UDP_L4, PACKET_GSO_UDP_L4, TCP_START + 8 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct virtio_net_hdr hdr = large(cases[i].type);
		struct packet packet = received();

		packet.total = VIRTIO_NET_LARGE_FRAME;
		CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), 0);
		CHECK_EQ(packet.segmentation, cases[i].kind);
		CHECK_EQ(packet.header_length, cases[i].headers);
		CHECK_EQ(packet.segment_size, 100);
		packet = received();
		CHECK_EQ(read(BIT64(VIRTIO_NET_F_GUEST_CSUM), &hdr, &packet),
			 -EBADMSG);
		packet = received();
		packet.total = VIRTIO_NET_LARGE_FRAME + 1;
		CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), -EBADMSG);
	}
}

TEST(either_kind_of_uso_will_do)
{
	struct virtio_net_hdr hdr = large(VIRTIO_NET_HDR_GSO_UDP_L4);
	struct packet packet = received();

	CHECK_EQ(read(BIT64(VIRTIO_NET_F_GUEST_CSUM) |
			      BIT64(VIRTIO_NET_F_GUEST_USO6),
		      &hdr, &packet),
		 0);
}

/* As 5.1.6.4.1 has devices do it, or not at all. */
/* virtio 1.3, drivernormative 5.1.6.4.2 */
TEST(large_packets_need_checksum_size_and_headers)
{
	struct virtio_net_hdr hdr = large(VIRTIO_NET_HDR_GSO_TCPV4);
	struct packet packet = received();

	hdr.flags = 0;
	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), -EBADMSG);
	hdr = large(VIRTIO_NET_HDR_GSO_TCPV4);
	hdr.gso_size = cpu_to_le16(0);
	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), -EBADMSG);
	hdr = large(VIRTIO_NET_HDR_GSO_TCPV4);
	hdr.csum_offset = cpu_to_le16(6);
	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), -EBADMSG);
	hdr = large(VIRTIO_NET_HDR_GSO_TCPV4);
	frame[TCP_START + 12] = 0x40;
	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), -EBADMSG);
	packet = received();
	packet.length = TCP_START + 19;
	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), -EBADMSG);
	packet = received();
	frame[TCP_START + 12] = 0xf0;
	packet.length = TCP_START + 59;
	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), -EBADMSG);
	packet.length++;
	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), 0);
}

/* virtio 1.3, drivernormative 5.1.6.4.2 */
TEST(unknown_and_tunnelled_types_are_refused)
{
	static const u8 types[] = { 2, 6, 0x7f, 0x21, 0x41, 0x61, 0xa1, 0x80 };

	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		struct virtio_net_hdr hdr = large(types[i]);
		struct packet packet = received();

		CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), -EBADMSG);
	}
}

TEST(congestion_bit_is_for_tcp)
{
	struct virtio_net_hdr hdr =
		large(VIRTIO_NET_HDR_GSO_TCPV6 | VIRTIO_NET_HDR_GSO_ECN);
	struct packet packet = received();

	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), 0);
	CHECK(packet.ecn);
	hdr = large(VIRTIO_NET_HDR_GSO_UDP | VIRTIO_NET_HDR_GSO_ECN);
	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), -EBADMSG);
}

TEST(longer_than_a_frame_is_refused)
{
	struct virtio_net_hdr hdr = { 0 };
	struct packet packet = received();

	packet.total = FRAME_MAX;
	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), 0);
	packet.total++;
	CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), -EBADMSG);
}

TEST(hashes_of_known_kinds_are_reported)
{
	struct virtio_net_hdr hdr = { .hash_value = cpu_to_le32(0xabcd1234) };
	struct packet packet = received();

	for (unsigned i = 0; i <= 0xff; i++) {
		hdr.hash_report = cpu_to_le16((u16)i);
		CHECK_EQ(read(ALL_FEATURES, &hdr, &packet), 0);
		CHECK_EQ(packet.hash, i >= 1 && i <= VIRTIO_NET_HASH_REPORT_MAX
					      ? 0xabcd1234
					      : 0);
	}
	hdr.hash_report = cpu_to_le16(1);
	CHECK_EQ(read(0, &hdr, &packet), 0);
	CHECK_EQ(packet.hash, 0);
}

static int write(u64 features, const struct packet *packet,
		 struct virtio_net_hdr *hdr)
{
	struct virtnet_format f = format(features);

	memset(hdr, 0xff, sizeof(*hdr));
	return virtnet_write_header(&f, packet, hdr);
}

/* virtio 1.3, drivernormative 5.1.6.2.1 */
TEST(plain_packet_is_sent_with_an_empty_header)
{
	static const struct virtio_net_hdr empty;
	struct packet packet = received();
	struct virtio_net_hdr hdr;

	CHECK_EQ(write(0, &packet, &hdr), 0);
	CHECK_MEM(&hdr, &empty, VIRTIO_NET_HDR_MODERN);
	CHECK_EQ(le16_to_cpu(hdr.hash_report), 0xffff);
	CHECK_EQ(write(ALL_FEATURES, &packet, &hdr), 0);
	CHECK_MEM(&hdr, &empty, VIRTIO_NET_HDR_HASH);
}

/* virtio 1.3, drivernormative 5.1.6.2.1 */
TEST(partial_checksum_is_sent_only_if_negotiated)
{
	struct packet packet = received();
	struct virtio_net_hdr hdr;

	packet.checksum = PACKET_CHECKSUM_PARTIAL;
	packet.checksum_start = TCP_START;
	packet.checksum_offset = 16;
	CHECK_EQ(write(ALL_FEATURES, &packet, &hdr), 0);
	CHECK_EQ(hdr.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	CHECK_EQ(le16_to_cpu(hdr.csum_start), TCP_START);
	CHECK_EQ(le16_to_cpu(hdr.csum_offset), 16);
	CHECK_EQ(le16_to_cpu(hdr.num_buffers), 0);
	CHECK_EQ(write(0, &packet, &hdr), -EINVAL);
	packet.checksum_offset = HEAD;
	CHECK_EQ(write(ALL_FEATURES, &packet, &hdr), -EINVAL);
}

/* virtio 1.3, drivernormative 5.1.6.2.1 */
TEST(large_packet_is_sent_only_if_negotiated)
{
	struct packet packet = received();
	struct virtio_net_hdr hdr;

	packet.segmentation = PACKET_GSO_TCPV4;
	packet.segment_size = 1460;
	packet.checksum = PACKET_CHECKSUM_PARTIAL;
	packet.checksum_start = TCP_START;
	packet.checksum_offset = 16;
	packet.total = 60000;
	packet.ecn = true;
	CHECK_EQ(write(ALL_FEATURES, &packet, &hdr), 0);
	CHECK_EQ(hdr.gso_type,
		 VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN);
	CHECK_EQ(hdr.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	CHECK_EQ(le16_to_cpu(hdr.gso_size), 1460);
	CHECK_EQ(le16_to_cpu(hdr.hdr_len), TCP_START + 20);
	CHECK_EQ(write(ALL_FEATURES & ~BIT64(VIRTIO_NET_F_HOST_ECN), &packet,
		       &hdr),
		 -EINVAL);
	packet.ecn = false;
	CHECK_EQ(write(ALL_FEATURES & ~BIT64(VIRTIO_NET_F_HOST_TSO4), &packet,
		       &hdr),
		 -EINVAL);
	packet.segment_size = 0;
	CHECK_EQ(write(ALL_FEATURES, &packet, &hdr), -EINVAL);
	packet.segment_size = 1460;
	packet.checksum = PACKET_CHECKSUM_NONE;
	CHECK_EQ(write(ALL_FEATURES, &packet, &hdr), -EINVAL);
}

TEST(frame_beyond_the_mtu_is_not_sent)
{
	struct packet packet = received();
	struct virtio_net_hdr hdr;

	packet.total = FRAME_MAX + 1;
	CHECK_EQ(write(ALL_FEATURES, &packet, &hdr), -EINVAL);
}
