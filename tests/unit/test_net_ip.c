/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4, ICMP and UDP, from frames to sockets and back. */
#include "net_rig.h"

TEST(damaged_frames_are_dropped_for_their_reason)
{
	struct udp_socket *socket = socket_at(PORT);
	u64 before[NET_DROPS];
	unsigned length;
	char data[4];

	up(0);
	for (unsigned i = 0; i < NET_DROPS; i++)
		before[i] = net_drop_count(i);
	length = frame_udp(&frame, PORT, "hello", 5);
	for (unsigned cut = 0; cut < length; cut++)
		fake_inject(&fake, &frame, cut);
	CHECK_EQ(net_drop_count(NET_DROP_SHORT),
		 before[NET_DROP_SHORT] + length);
	frame.payload[8] ^= 1;
	fake_inject(&fake, &frame, length);
	frame.payload[8] ^= 1;
	frame.ip.ttl ^= 1;
	fake_inject(&fake, &frame, length);
	frame.ip.ttl ^= 1;
	CHECK_EQ(net_drop_count(NET_DROP_CHECKSUM),
		 before[NET_DROP_CHECKSUM] + 2);
	frame.ip.version_length = 0x65;
	fake_inject(&fake, &frame, length);
	frame.ip.version_length = 0x44;
	fake_inject(&fake, &frame, length);
	CHECK_EQ(net_drop_count(NET_DROP_HEADER), before[NET_DROP_HEADER] + 2);
	/* UDP's length against IP's. */
	(void)frame_udp(&frame, PORT, "hello", 5);
	frame.udp.length = cpu_to_be16(14);
	fake_inject(&fake, &frame, length);
	frame.udp.length = cpu_to_be16(7);
	fake_inject(&fake, &frame, length);
	CHECK_EQ(net_drop_count(NET_DROP_SHORT),
		 before[NET_DROP_SHORT] + length + 2);
	CHECK_EQ(udp_receive(socket, NULL, data, sizeof(data), 0), -ETIMEDOUT);
	CHECK_EQ(fake.sent_count, 0);
	udp_close(socket);
	down();
}

TEST(impossible_senders_and_others_frames_are_dropped)
{
	static const u32 martians[] = { 0,	    0x7f000001,	 0xe0000001,
					0xffffffff, OWN_ADDRESS, 0x0a0000ff };
	struct udp_socket *socket = socket_at(PORT);
	u64 before = net_drop_count(NET_DROP_MARTIAN), other;
	unsigned length;
	char data[4];

	up(0);
	length = frame_udp(&frame, PORT, "hello", 5);
	for (unsigned i = 0; i < ARRAY_SIZE(martians); i++) {
		frame.ip.source = cpu_to_be32(martians[i]);
		frame_seal_ip(&frame);
		frame_seal_udp(&frame, 13);
		fake_inject(&fake, &frame, length);
	}
	CHECK_EQ(net_drop_count(NET_DROP_MARTIAN), before + 6);
	other = net_drop_count(NET_DROP_OTHER);
	(void)frame_udp(&frame, PORT, "hello", 5);
	frame.ip.destination = cpu_to_be32(OWN_ADDRESS + 1);
	frame_seal_ip(&frame);
	fake_inject(&fake, &frame, length);
	(void)frame_udp(&frame, PORT, "hello", 5);
	frame.ethernet.destination[5] ^= 1;
	fake_inject(&fake, &frame, length);
	CHECK_EQ(net_drop_count(NET_DROP_OTHER), other + 2);
	CHECK_EQ(udp_receive(socket, NULL, data, sizeof(data), 0), -ETIMEDOUT);
	udp_close(socket);
	down();
}

TEST(a_closed_port_is_told_of_but_not_too_often)
{
	u64 rate = net_drop_count(NET_DROP_RATE);
	const struct ipv4_header *quoted;

	up(0);
	know_peer();
	for (unsigned i = 0; i < 100; i++)
		fake_inject(&fake, &frame, frame_udp(&frame, PORT, "x", 1));
	CHECK_EQ(fake.sent_count, 20);
	CHECK_EQ(net_drop_count(NET_DROP_RATE), rate + 80);
	CHECK_EQ(sent(0)->icmp.type, ICMP_UNREACHABLE);
	CHECK_EQ(sent(0)->icmp.code, ICMP_UNREACHABLE_PORT);
	quoted = (const void *)(sent(0)->payload + 8);
	CHECK_EQ(be32_to_cpu(quoted->source), PEER_ADDRESS);
	fake_net_pass(NSEC_PER_SEC);
	fake_inject(&fake, &frame, frame_udp(&frame, PORT, "x", 1));
	CHECK_EQ(fake.sent_count, 21);
	down();
}

TEST(a_connected_socket_hears_of_a_closed_port)
{
	struct udp_socket *socket = udp_open();
	struct udp_endpoint local;
	char data[4];
	unsigned length;

	up(0);
	know_peer();
	CHECK_EQ(udp_connect(socket, &peer), 0);
	udp_get_local(socket, &local);
	CHECK(local.port >= 49152);
	CHECK_EQ(udp_send(socket, NULL, "x", 1), 0);
	length = fake.sent[0].length - FRAME_IP;
	/* What was sent comes back in an error. */
	memcpy(frame.payload + 8, fake.sent[0].bytes + FRAME_IP, length);
	(void)frame_ip(&frame, PEER_ADDRESS, OWN_ADDRESS, IPV4_PROTOCOL_ICMP,
		       8 + length);
	frame.icmp = (struct icmp_header){ .type = ICMP_UNREACHABLE,
					   .code = ICMP_UNREACHABLE_PORT };
	frame.icmp.checksum =
		checksum_finish(checksum_add(0, &frame.icmp, 8 + length));
	fake_inject(&fake, &frame, FRAME_UDP + 8 + length);
	CHECK_EQ(udp_receive(socket, NULL, data, sizeof(data), 0),
		 -ECONNREFUSED);
	CHECK_EQ(udp_receive(socket, NULL, data, sizeof(data), 0), -ETIMEDOUT);
	udp_close(socket);
	down();
}

TEST(echoes_are_answered)
{
	unsigned length = FRAME_UDP + 8 + 100;

	up(0);
	know_peer();
	for (unsigned i = 0; i < 100; i++)
		frame.payload[8 + i] = (u8)i;
	(void)frame_ip(&frame, PEER_ADDRESS, OWN_ADDRESS, IPV4_PROTOCOL_ICMP,
		       108);
	frame.icmp = (struct icmp_header){ .type = ICMP_ECHO_REQUEST,
					   .identifier = cpu_to_be16(5),
					   .sequence = cpu_to_be16(6) };
	frame.icmp.checksum =
		checksum_finish(checksum_add(0, &frame.icmp, 108));
	fake_inject(&fake, &frame, length);
	CHECK_EQ(fake.sent_count, 1);
	CHECK_EQ(fake.sent[0].length, length);
	CHECK_EQ(sent(0)->icmp.type, ICMP_ECHO_REPLY);
	CHECK_EQ(be16_to_cpu(sent(0)->icmp.sequence), 6);
	CHECK_MEM(sent(0)->payload + 8, frame.payload + 8, 100);
	CHECK_EQ(checksum_fold(checksum_add(0, &sent(0)->icmp, 108)), 0xffff);
	/* To all of the network: not answered. */
	frame.ip.destination = cpu_to_be32(0x0a0000ff);
	frame_seal_ip(&frame);
	fake_inject(&fake, &frame, length);
	frame.ip.destination = cpu_to_be32(OWN_ADDRESS);
	frame_seal_ip(&frame);
	frame.icmp.sequence = 0;
	fake_inject(&fake, &frame, length);
	CHECK_EQ(fake.sent_count, 1);
	down();
}

static unsigned heard;

static void hear(struct icmp_listener *listener, const struct icmp_echo *echo)
{
	heard++;
	CHECK_EQ(echo->sequence, 3);
	CHECK_EQ(echo->length, 4);
	CHECK_MEM(echo->data, "ping", 4);
}

TEST(echoes_are_sent_and_their_answers_heard)
{
	struct icmp_listener listener = { .heard = hear };

	up(0);
	know_peer();
	icmp_listen(&listener);
	CHECK_EQ(icmp_send_echo(&listener, PEER_ADDRESS, 3, "ping", 4), 0);
	(void)frame_ip(&frame, PEER_ADDRESS, OWN_ADDRESS, IPV4_PROTOCOL_ICMP,
		       12);
	memcpy(frame.payload, sent(0)->payload, 12);
	frame.icmp.type = ICMP_ECHO_REPLY;
	frame.icmp.checksum = 0;
	frame.icmp.checksum = checksum_finish(checksum_add(0, &frame.icmp, 12));
	fake_inject(&fake, &frame, FRAME_UDP + 12);
	CHECK_EQ(heard, 1);
	icmp_unlisten(&listener);
	fake_inject(&fake, &frame, FRAME_UDP + 12);
	CHECK_EQ(heard, 1);
	CHECK_EQ(icmp_send_echo(&listener, 0x08080808, 3, "ping", 4),
		 -ENETUNREACH);
	down();
}

/* The frame's checksum as the device sent it is right. */
static bool is_right(const struct fake_frame *it)
{
	const struct frame *f = (const void *)it->bytes;
	unsigned bytes = it->length - FRAME_UDP;
	u64 sum = checksum_pseudo(be32_to_cpu(f->ip.source),
				  be32_to_cpu(f->ip.destination),
				  IPV4_PROTOCOL_UDP, (u16)bytes);

	return checksum_fold(checksum_add(0, &f->ip, 20)) == 0xffff &&
	       checksum_fold(checksum_add(sum, &f->udp, bytes)) == 0xffff;
}

TEST(checksums_are_completed_for_devices_that_do_not)
{
	struct udp_socket *socket = socket_at(PORT);
	char data[101];

	up(0);
	know_peer();
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (unsigned length = 0; length <= sizeof(data); length++) {
		CHECK_EQ(udp_send(socket, &peer, data, length), 0);
		CHECK(is_right(&fake.sent[length]));
		CHECK_EQ(fake.sent[length].packet.checksum,
			 PACKET_CHECKSUM_NONE);
	}
	udp_close(socket);
	down();
}

TEST(segments_are_cut_by_software_or_left_to_the_device)
{
	struct udp_socket *socket = socket_at(PORT);
	static u8 data[5000];

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (u8)(i * 13);
	up(0);
	know_peer();
	CHECK_EQ(udp_send_segments(socket, &peer, data, 5000, 1000), 0);
	CHECK_EQ(fake.sent_count, 5);
	for (unsigned i = 0; i < fake.sent_count; i++) {
		CHECK_EQ(fake.sent[i].length, FRAME_UDP + 8 + 1000);
		CHECK(is_right(&fake.sent[i]));
		CHECK_MEM(sent(i)->payload + 8, data + i * 1000, 1000);
	}
	CHECK_EQ(udp_send_segments(socket, &peer, data, 5000, 2000), -EMSGSIZE);
	down();
	up(NET_TX_CHECKSUM | NET_USO);
	know_peer();
	CHECK_EQ(udp_send_segments(socket, &peer, data, 5000, 1000), 0);
	CHECK_EQ(fake.sent_count, 1);
	CHECK_EQ(fake.sent[0].packet.segmentation, PACKET_GSO_UDP_L4);
	CHECK_EQ(fake.sent[0].packet.segment_size, 1000);
	CHECK_EQ(fake.sent[0].packet.header_length, 42);
	udp_close(socket);
	down();
}

/* Give all frames that were sent back, with the addresses exchanged. */
static void reflect(unsigned from, int step, unsigned count)
{
	for (unsigned i = 0; i < count; i++, from += (unsigned)step) {
		unsigned length = fake.sent[from].length;

		memcpy(&frame, fake.sent[from].bytes, length);
		frame_ethernet(&frame, ETHERTYPE_IPV4);
		frame.ip.source = cpu_to_be32(PEER_ADDRESS);
		frame.ip.destination = cpu_to_be32(OWN_ADDRESS);
		frame_seal_ip(&frame);
		fake_inject(&fake, &frame, length);
	}
}

/* What was sent to the peer's port is for this one. */
static void send_large(struct udp_socket *socket, const u8 *data, size_t length)
{
	struct udp_endpoint to = { PEER_ADDRESS, PORT };

	fake_clear_sent(&fake);
	CHECK_EQ(udp_send(socket, &to, data, length), 0);
}

TEST(large_datagrams_go_in_fragments_and_come_together_again)
{
	struct udp_socket *socket = socket_at(PORT);
	static u8 data[UDP_PAYLOAD_MAX], back[UDP_PAYLOAD_MAX];
	unsigned n;

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (u8)(i * 13 ^ i >> 8);
	up(0);
	know_peer();
	send_large(socket, data, 4000);
	CHECK_EQ(fake.sent_count, 3);
	/* In order, backwards, and with one of them twice. */
	reflect(0, 1, 3);
	CHECK_EQ(udp_receive(socket, NULL, back, sizeof(back), 0), 4000);
	CHECK_MEM(back, data, 4000);
	reflect(2, -1, 2);
	reflect(1, 0, 1);
	CHECK_EQ(reassembly_count(), 1);
	reflect(0, 0, 1);
	CHECK_EQ(udp_receive(socket, NULL, back, sizeof(back), 0), 4000);
	CHECK_MEM(back, data, 4000);
	CHECK_EQ(reassembly_count(), 0);
	send_large(socket, data, UDP_PAYLOAD_MAX);
	n = fake.sent_count;
	CHECK_EQ(n, 45);
	reflect(n - 1, -1, n);
	CHECK_EQ(udp_receive(socket, NULL, back, sizeof(back), 0),
		 UDP_PAYLOAD_MAX);
	CHECK_MEM(back, data, sizeof(data));
	CHECK_EQ(udp_send(socket, &peer, data, UDP_PAYLOAD_MAX + 1), -EMSGSIZE);
	udp_close(socket);
	down();
}

TEST(fragments_that_cannot_be_are_dropped)
{
	u64 lost = net_drop_count(NET_DROP_FRAGMENT);

	up(0);
	inject_fragment(1, 0, 16, true);
	inject_fragment(1, 8, 16, true); /* overlaps: both go */
	CHECK_EQ(net_drop_count(NET_DROP_FRAGMENT), lost + 2);
	inject_fragment(2, 0, 15, true);     /* no multiple of 8 */
	inject_fragment(3, 65528, 64, true); /* beyond the end */
	inject_fragment(3, 65528, 64, false);
	CHECK_EQ(net_drop_count(NET_DROP_FRAGMENT), lost + 5);
	CHECK_EQ(reassembly_count(), 0);
	inject_fragment(4, 64, 8, false);
	inject_fragment(4, 128, 8, true); /* behind the last */
	inject_fragment(5, 64, 8, false);
	inject_fragment(5, 72, 8, false); /* a second last */
	CHECK_EQ(net_drop_count(NET_DROP_FRAGMENT), lost + 9);
	CHECK_EQ(reassembly_count(), 0);
	down();
}

TEST(datagrams_that_never_end_are_few_and_forgotten)
{
	up(0);
	for (u16 id = 0; id < 1000; id++)
		inject_fragment(id, 0, 1400, true);
	CHECK(reassembly_count() <= 33);
	/* One of very many pieces. */
	for (unsigned i = 0; i < 1000; i++)
		inject_fragment(1, i * 16, 8, true);
	CHECK(reassembly_count() <= 33);
	fake_net_pass(20 * NSEC_PER_SEC);
	CHECK_EQ(reassembly_count(), 0);
	inject_fragment(1, 0, 1400, true);
	CHECK_EQ(reassembly_count(), 1);
	down();
	CHECK_EQ(reassembly_count(), 0);
}

TEST(packets_of_several_datagrams_are_read_one_by_one)
{
	struct udp_socket *socket = socket_at(PORT);
	u8 payload[100], data[100];
	struct packet *packet;
	unsigned length;

	for (unsigned i = 0; i < sizeof(payload); i++)
		payload[i] = (u8)i;
	up(NET_LARGE_RX);
	length = frame_udp(&frame, PORT, payload, 100);
	packet = fake_packet(&frame, FRAME_UDP + 8 + 10);
	fake_fragment(packet, payload + 10, 50);
	fake_fragment(packet, payload + 60, 40);
	packet->segmentation = PACKET_GSO_UDP_L4;
	packet->segment_size = 40;
	packet->checksum = PACKET_CHECKSUM_PARTIAL;
	CHECK_EQ(packet->total, length);
	fake_receive(&fake, packet);
	fake_net_run();
	CHECK_EQ(udp_receive(socket, NULL, data, 100, 0), 40);
	CHECK_MEM(data, payload, 40);
	CHECK_EQ(udp_receive(socket, NULL, data, 100, 0), 40);
	CHECK_MEM(data, payload + 40, 40);
	CHECK_EQ(udp_receive(socket, NULL, data, 100, 0), 20);
	CHECK_MEM(data, payload + 80, 20);
	CHECK_EQ(udp_receive(socket, NULL, data, 100, 0), -ETIMEDOUT);
	udp_close(socket);
	down();
}

TEST(headers_in_fragments_are_found)
{
	struct udp_socket *socket = socket_at(PORT);
	struct packet *packet;
	unsigned length;
	u8 data[8];

	up(0);
	length = frame_udp(&frame, PORT, "abcdef", 6);
	for (unsigned cut = 0; cut < length; cut++) {
		packet = fake_packet(&frame, cut);
		fake_fragment(packet, (u8 *)&frame + cut, length - cut);
		fake_receive(&fake, packet);
		fake_net_run();
		CHECK_EQ(udp_receive(socket, NULL, data, 8, 0), 6);
		CHECK_MEM(data, "abcdef", 6);
	}
	udp_close(socket);
	down();
}

TEST(checksums_are_those_of_rfc_1071)
{
	static const u8 example[] = { 0x00, 0x01, 0xf2, 0x03,
				      0xf4, 0xf5, 0xf6, 0xf7 };
	u8 bytes[300];

	/* ddf2 in network order. */
	CHECK_EQ(checksum_fold(checksum_add(0, example, 8)), 0xf2dd);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (u8)(i * 31 + 1);
	for (unsigned from = 0; from < 9; from++) {
		for (unsigned n = 0; n < 200; n++) {
			u32 slow = 0;

			for (unsigned i = 0; i < n; i++)
				slow += (u32)bytes[from + i] << (i % 2 * 8);
			slow = (slow & 0xffff) + (slow >> 16);
			slow = (slow & 0xffff) + (slow >> 16);
			CHECK_EQ(checksum_fold(
					 checksum_add(0, bytes + from, n)),
				 slow);
		}
	}
}

TEST(large_datagrams_wait_for_the_neighbour_too)
{
	struct udp_socket *socket = socket_at(PORT);
	static u8 data[4000];

	up(NET_TX_CHECKSUM);
	CHECK_EQ(udp_send(socket, &peer, data, sizeof(data)), 0);
	CHECK_EQ(udp_send_segments(socket, &peer, data, 4000, 1000), 0);
	CHECK_EQ(fake.sent_count, 1);
	fake_clear_sent(&fake);
	fake_inject(&fake, &frame,
		    frame_arp(&frame, ARP_REPLY, PEER_ADDRESS, OWN_ADDRESS));
	CHECK_EQ(fake.sent_count, 3 + 4);
	CHECK_EQ(fake.sent[0].length, FRAME_IP + 20 + 1480);
	CHECK_EQ(fake.sent[3].length, FRAME_UDP + 8 + 1000);
	CHECK_EQ(fake.sent[3].packet.checksum_start, FRAME_UDP);
	udp_close(socket);
	down();
}

TEST(only_udp_is_left_to_the_device_to_fragment)
{
	struct udp_socket *socket = socket_at(PORT);
	struct icmp_listener listener = { .heard = hear };
	static u8 data[4000];

	up(NET_TX_CHECKSUM | NET_UFO);
	know_peer();
	CHECK_EQ(udp_send(socket, &peer, data, sizeof(data)), 0);
	CHECK_EQ(fake.sent_count, 1);
	CHECK_EQ(fake.sent[0].packet.segmentation, PACKET_GSO_UDP);
	CHECK_EQ(fake.sent[0].packet.segment_size, 1480);
	icmp_listen(&listener);
	CHECK_EQ(icmp_send_echo(&listener, PEER_ADDRESS, 1, data, 4000), 0);
	CHECK_EQ(fake.sent_count, 1 + 3);
	icmp_unlisten(&listener);
	udp_close(socket);
	down();
}
