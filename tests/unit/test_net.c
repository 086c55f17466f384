/* SPDX-License-Identifier: BSD-2-Clause */
/* The network stack on a device made for it: devices, neighbours, sockets. */
#include "net_rig.h"

TEST(devices_are_named_in_turn_and_refused_when_unsound)
{
	static struct fake_netdev other, third;

	up(0);
	CHECK_STR(fake.net.name, "eth0");
	fake_netdev_init(&other);
	CHECK_EQ(net_device_register(&other.net), 0);
	CHECK_STR(other.net.name, "eth1");
	fake_netdev_init(&third);
	strscpy(third.net.name, "eth0", NET_NAME_MAX);
	CHECK_EQ(net_device_register(&third.net), -EEXIST);
	third.net.pairs_max = 0;
	CHECK_EQ(net_device_register(&third.net), -EINVAL);
	third.net.pairs_max = 1;
	third.net.mtu = NET_MTU_MIN - 1;
	CHECK_EQ(net_device_register(&third.net), -EINVAL);
	net_device_unregister(&other.net);
	CHECK(!net_find("eth1"));
	down();
}

TEST(neighbours_are_asked_and_packets_wait_for_the_answer)
{
	struct udp_socket *socket = socket_at(PORT);

	up(NET_TX_CHECKSUM);
	CHECK_EQ(udp_send(socket, &peer, "one", 3), 0);
	CHECK_EQ(udp_send(socket, &peer, "two", 3), 0);
	CHECK_EQ(fake.sent_count, 1);
	CHECK_EQ(be16_to_cpu(sent(0)->ethernet.type), ETHERTYPE_ARP);
	CHECK_EQ(be16_to_cpu(sent(0)->arp.operation), ARP_REQUEST);
	CHECK_EQ(sent(0)->ethernet.destination[0], 0xff);
	fake_inject(&fake, &frame,
		    frame_arp(&frame, ARP_REPLY, PEER_ADDRESS, OWN_ADDRESS));
	CHECK_EQ(fake.sent_count, 3);
	CHECK_MEM(sent(1)->ethernet.destination, peer_hardware, 6);
	CHECK_MEM(sent(1)->payload + 8, "one", 3);
	CHECK_MEM(sent(2)->payload + 8, "two", 3);
	CHECK_EQ(fake.sent[1].packet.checksum, PACKET_CHECKSUM_PARTIAL);
	CHECK_EQ(fake.sent[1].packet.checksum_start, 34);
	CHECK_EQ(udp_send(socket, &peer, "three", 5), 0);
	CHECK_EQ(fake.sent_count, 4);
	udp_close(socket);
	down();
}

TEST(a_neighbour_that_is_silent_is_given_up)
{
	struct udp_socket *socket = socket_at(PORT);
	u64 lost = net_drop_count(NET_DROP_NEIGHBOUR);
	struct neighbour_info info;

	up(0);
	CHECK_EQ(udp_send(socket, &peer, "one", 3), 0);
	fake_net_pass(10 * NSEC_PER_SEC);
	CHECK_EQ(fake.sent_count, 3); /* requests */
	CHECK(!neighbour_get(0, &info));
	CHECK_EQ(net_drop_count(NET_DROP_NEIGHBOUR), lost + 1);
	udp_close(socket);
	down();
}

TEST(a_neighbour_is_asked_again_when_used_after_long)
{
	struct udp_socket *socket = socket_at(PORT);
	struct neighbour_info info;

	up(0);
	know_peer();
	CHECK_EQ(udp_send(socket, &peer, "x", 1), 0);
	fake_net_pass(100 * NSEC_PER_SEC);
	CHECK(neighbour_get(0, &info));
	CHECK_EQ(info.state, NEIGHBOUR_STALE);
	fake_clear_sent(&fake);
	CHECK_EQ(udp_send(socket, &peer, "x", 1), 0);
	CHECK_EQ(fake.sent_count, 1); /* meanwhile it is used */
	fake_net_pass(2 * NSEC_PER_SEC);
	CHECK_EQ(be16_to_cpu(sent(1)->ethernet.type), ETHERTYPE_ARP);
	fake_inject(&fake, &frame,
		    frame_arp(&frame, ARP_REPLY, PEER_ADDRESS, OWN_ADDRESS));
	CHECK(neighbour_get(0, &info));
	CHECK_EQ(info.state, NEIGHBOUR_REACHABLE);
	udp_close(socket);
	down();
}

TEST(floods_of_arp_do_not_fill_memory)
{
	struct neighbour_info info;
	unsigned n = 0;

	up(0);
	/* Requests for us make us remember, up to a limit. */
	for (u32 i = 3; i < 255; i++)
		for (u32 net = 0; net < 8; net++)
			fake_inject(&fake, &frame,
				    frame_arp(&frame, ARP_REQUEST,
					      (0x0a000000 + (net << 8)) | i,
					      OWN_ADDRESS));
	while (neighbour_get(n, &info))
		n++;
	CHECK(n >= 200 && n <= 256);
	/* Replies that nobody asked for do not. */
	neighbour_forget(&fake.net);
	fake_inject(&fake, &frame,
		    frame_arp(&frame, ARP_REPLY, PEER_ADDRESS, OWN_ADDRESS));
	CHECK(!neighbour_get(0, &info));
	down();
}

TEST(requests_for_us_are_answered_and_others_not)
{
	u64 refused;

	up(0);
	fake_inject(&fake, &frame,
		    frame_arp(&frame, ARP_REQUEST, PEER_ADDRESS, OWN_ADDRESS));
	CHECK_EQ(fake.sent_count, 1);
	CHECK_EQ(be16_to_cpu(sent(0)->arp.operation), ARP_REPLY);
	CHECK_MEM(sent(0)->arp.sender_hardware, own_hardware, 6);
	fake_inject(&fake, &frame,
		    frame_arp(&frame, ARP_REQUEST, PEER_ADDRESS,
			      OWN_ADDRESS + 1));
	CHECK_EQ(fake.sent_count, 1);
	refused = net_drop_count(NET_DROP_ARP);
	/* One who says he is us. */
	fake_inject(&fake, &frame,
		    frame_arp(&frame, ARP_REPLY, OWN_ADDRESS, OWN_ADDRESS));
	(void)frame_arp(&frame, ARP_REQUEST, PEER_ADDRESS, OWN_ADDRESS);
	frame.arp.hardware_length = 200;
	fake_inject(&fake, &frame, 42);
	CHECK_EQ(net_drop_count(NET_DROP_ARP), refused + 2);
	CHECK_EQ(fake.sent_count, 1);
	down();
}

TEST(an_address_is_announced)
{
	up(0);
	net_set_link(&fake.net, false, false);
	net_set_link(&fake.net, true, true);
	fake_net_run();
	CHECK_EQ(fake.sent_count, 1);
	CHECK_MEM(sent(0)->arp.sender_protocol, "\x0a\0\0\2", 4);
	CHECK_MEM(sent(0)->arp.target_protocol, "\x0a\0\0\2", 4);
	down();
}

TEST(datagrams_reach_their_socket)
{
	struct udp_socket *socket = socket_at(PORT);
	struct udp_endpoint from;
	char data[16];

	up(0);
	fake_inject(&fake, &frame, frame_udp(&frame, PORT, "hello", 5));
	CHECK_EQ(udp_receive(socket, &from, data, sizeof(data), 0), 5);
	CHECK_MEM(data, "hello", 5);
	CHECK_EQ(from.address, PEER_ADDRESS);
	CHECK_EQ(from.port, 7);
	/* Cut to what there is room for; its length is told. */
	fake_inject(&fake, &frame, frame_udp(&frame, PORT, "hello", 5));
	CHECK_EQ(udp_receive(socket, NULL, data, 2, 0), 5);
	/* Padding of short frames is none of it. */
	fake_inject(&fake, &frame, frame_udp(&frame, PORT, "x", 1) + 17);
	CHECK_EQ(udp_receive(socket, NULL, data, sizeof(data), 0), 1);
	CHECK_EQ(udp_receive(socket, NULL, data, sizeof(data), 0), -ETIMEDOUT);
	udp_close(socket);
	down();
}

TEST(a_queue_is_bounded)
{
	struct udp_socket *socket = socket_at(PORT);
	struct udp_stats stats;
	static u8 data[1400];
	unsigned n = 0;

	up(0);
	for (unsigned i = 0; i < 2000; i++)
		fake_inject(&fake, &frame,
			    frame_udp(&frame, PORT, data, sizeof(data)));
	udp_get_stats(socket, &stats);
	CHECK(stats.dropped > 1000);
	CHECK_EQ(stats.received + stats.dropped, 2000);
	while (udp_receive(socket, NULL, data, sizeof(data), 0) > 0)
		n++;
	CHECK_EQ(n, stats.received);
	CHECK(n > 256);
	fake_inject(&fake, &frame, frame_udp(&frame, PORT, data, 1));
	/* What is left in it goes with it, and with the device. */
	udp_close(socket);
	down();
}

TEST(what_a_device_received_goes_with_it)
{
	struct udp_socket *socket = socket_at(PORT);
	char data[4];

	up(0);
	fake_inject(&fake, &frame, frame_udp(&frame, PORT, "x", 1));
	down();
	CHECK_EQ(udp_receive(socket, NULL, data, sizeof(data), 0), -ETIMEDOUT);
	CHECK_EQ(udp_send(socket, &peer, "x", 1), -ENETUNREACH);
	udp_close(socket);
}

TEST(full_rings_queue_then_push_back)
{
	struct udp_socket *socket = socket_at(PORT);
	u64 before;

	up(NET_TX_CHECKSUM);
	know_peer();
	before = fake.net.pair[0].tx.packets;
	fake.room = 1;
	for (unsigned i = 0; i < NET_QUEUE_MAX; i++)
		CHECK_EQ(udp_send(socket, &peer, "x", 1), 0);
	CHECK_EQ(fake.sent_count, 0);
	CHECK_EQ(fake.net.pair[0].queued, NET_QUEUE_MAX);
	/* Nobody makes room: this one waits, in vain. */
	CHECK_EQ(udp_send(socket, &peer, "y", 1), -ENOBUFS);
	fake.room = 0;
	fake_net_run();
	CHECK_EQ(fake.sent_count, NET_QUEUE_MAX);
	CHECK_EQ(fake.net.pair[0].tx.packets - before, NET_QUEUE_MAX);
	/* A device that refuses costs a packet, not the sender's patience. */
	fake.refuse = 1;
	CHECK_EQ(udp_send(socket, &peer, "z", 1), 0);
	CHECK_EQ(fake.net.pair[0].tx.errors, 1);
	udp_close(socket);
	down();
}

static void make_room(void)
{
	fake.room = 0;
}

TEST(a_sender_that_waits_goes_on_when_there_is_room)
{
	struct udp_socket *socket = socket_at(PORT);

	up(NET_TX_CHECKSUM);
	know_peer();
	fake.room = 1;
	for (unsigned i = 0; i < NET_QUEUE_MAX; i++)
		CHECK_EQ(udp_send(socket, &peer, "x", 1), 0);
	fake_meanwhile = make_room;
	CHECK_EQ(udp_send(socket, &peer, "last", 4), 0);
	fake_meanwhile = NULL;
	CHECK_EQ(fake.sent_count, NET_QUEUE_MAX + 1);
	CHECK_MEM(sent(NET_QUEUE_MAX)->payload + 8, "last", 4);
	udp_close(socket);
	down();
}

TEST(a_device_without_link_sends_nothing)
{
	struct udp_socket *socket = socket_at(PORT);

	up(0);
	know_peer();
	net_set_link(&fake.net, false, false);
	CHECK_EQ(udp_send(socket, &peer, "x", 1), -ENETDOWN);
	net_set_link(&fake.net, true, false);
	CHECK_EQ(udp_send(socket, &peer, "x", 1), 0);
	net_close(&fake.net);
	CHECK_EQ(udp_send(socket, &peer, "x", 1), -ENETUNREACH);
	udp_close(socket);
	down();
}

TEST(no_memory_is_an_error_and_nothing_more)
{
	struct udp_socket *socket = socket_at(PORT);
	static u8 data[4000];

	up(0);
	know_peer();
	CHECK_EQ(udp_send(socket, &peer, data, 4), 0);
	packet_trim();
	for (unsigned n = 1; n < 6; n++) {
		fake_allocations_left = n;
		(void)udp_send(socket, &peer, data, sizeof(data));
		(void)udp_send(socket, &peer, data, 4);
		fake_inject(&fake, &frame, frame_udp(&frame, 1, "x", 1));
		inject_fragment(1, 0, 16, true);
		fake_inject(&fake, &frame,
			    frame_arp(&frame, ARP_REQUEST, PEER_ADDRESS + 9,
				      OWN_ADDRESS));
	}
	fake_allocations_left = 0;
	fake_clear_sent(&fake);
	CHECK_EQ(udp_send(socket, &peer, data, 4), 0);
	CHECK_EQ(fake.sent_count, 1);
	udp_close(socket);
	down();
}

TEST(a_device_that_leaves_is_given_to_nobody_and_taken_away_once)
{
	struct net_device *vlan;

	up(0);
	CHECK_EQ(vlan_create(&fake.net, "eth0.5", 5), 0);
	vlan = net_get("eth0.5");
	CHECK(vlan && vlan == net_find("eth0.5"));
	net_put(vlan);
	CHECK_EQ(vlan_remove(fake.net.name), -EINVAL);
	CHECK_EQ(vlan_remove("eth0.6"), -ENODEV);
	CHECK(net_begin_leaving(vlan));
	CHECK(!net_begin_leaving(vlan));
	CHECK(!net_get("eth0.5"));
	CHECK_EQ(vlan_remove("eth0.5"), -ENODEV);
	vlan_destroy(vlan);
	CHECK(!net_find("eth0.5"));
	/* What a device carries goes with it. */
	CHECK_EQ(vlan_create(&fake.net, "eth0.7", 7), 0);
	down();
	CHECK(!net_find("eth0.7"));
}

TEST(vlans_are_devices_of_their_own)
{
	struct udp_socket *socket = socket_at(PORT);
	struct udp_endpoint to = { 0x0a010001, 7 };
	struct net_device *vlan;
	u8 tagged[100], data[8];
	unsigned length;

	up(0);
	CHECK_EQ(vlan_create(&fake.net, "eth0.5", 5), 0);
	CHECK_EQ(vlan_create(&fake.net, "again", 5), -EEXIST);
	CHECK_EQ(vlan_create(&fake.net, "none", 0), -EINVAL);
	CHECK_EQ(vlan_create(&fake.net, "eth0.4095", 4095), -EINVAL);
	vlan = net_find("eth0.5");
	CHECK(vlan && !net_open(vlan));
	CHECK_EQ(interface_set_address(vlan, 0x0a010002, 24), 0);
	neighbour_heard(vlan, 0x0a010001, peer_hardware, true);
	fake_net_run();
	fake_clear_sent(&fake);
	CHECK_EQ(udp_send(socket, &to, "out", 3), 0);
	CHECK_EQ(fake.sent_count, 1);
	CHECK_MEM(fake.sent[0].bytes + 12, "\x81\0\0\5\x08\0", 6);
	/* And in. */
	length = frame_udp(&frame, PORT, "in", 2);
	frame.ip.source = cpu_to_be32(0x0a010001);
	frame.ip.destination = cpu_to_be32(0x0a010002);
	frame_seal_ip(&frame);
	frame_seal_udp(&frame, 10);
	memcpy(tagged, &frame, 12);
	memcpy(tagged + 12, "\x81\0\x20\5", 4);
	memcpy(tagged + 16, (u8 *)&frame + 12, length - 12);
	fake_inject(&fake, tagged, length + 4);
	CHECK_EQ(udp_receive(socket, NULL, data, 8, 0), 2);
	/* A tag with a priority alone belongs to the device itself. */
	length = frame_udp(&frame, PORT, "in", 2);
	memcpy(tagged, &frame, 12);
	memcpy(tagged + 12, "\x81\0\x20\0", 4);
	memcpy(tagged + 16, (u8 *)&frame + 12, length - 12);
	fake_inject(&fake, tagged, length + 4);
	CHECK_EQ(udp_receive(socket, NULL, data, 8, 0), 2);
	tagged[15] = 6;
	fake_inject(&fake, tagged, length + 4);
	CHECK_EQ(udp_receive(socket, NULL, data, 8, 0), -ETIMEDOUT);
	udp_close(socket);
	/* It goes with the device that carries it. */
	down();
	CHECK(!net_first());
}

TEST(the_longest_route_is_taken)
{
	struct route gateway = { .gateway = PEER_ADDRESS, .device = &fake.net };
	struct route host = { .destination = 0x08080808,
			      .mask = 0xffffffff,
			      .gateway = 0x0a000009,
			      .device = &fake.net };
	struct route_result result;

	up(0);
	CHECK_EQ(route_lookup(0x08080808, &result), -ENETUNREACH);
	CHECK_EQ(route_add(&gateway), 0);
	CHECK_EQ(route_add(&gateway), -EEXIST);
	CHECK_EQ(route_lookup(0x08080808, &result), 0);
	CHECK_EQ(result.next_hop, PEER_ADDRESS);
	CHECK_EQ(result.source, OWN_ADDRESS);
	CHECK_EQ(route_add(&host), 0);
	CHECK_EQ(route_lookup(0x08080808, &result), 0);
	CHECK_EQ(result.next_hop, 0x0a000009);
	CHECK_EQ(route_lookup(0x0a000077, &result), 0);
	CHECK_EQ(result.next_hop, 0x0a000077);
	CHECK_EQ(route_lookup(0x0a0000ff, &result), 0);
	CHECK(result.broadcast);
	CHECK_EQ(route_lookup(0xe0000001, &result), -ENETUNREACH);
	CHECK_EQ(route_remove(&host), 0);
	CHECK_EQ(route_remove(&host), -ENOENT);
	down();
	CHECK(!route_get(0, &gateway));
}

TEST(sockets_share_no_port_of_one_address)
{
	struct udp_socket *one = socket_at(PORT), *two = udp_open();
	struct udp_endpoint local = { 0, PORT };

	CHECK_EQ(udp_bind(two, &local), -EADDRINUSE);
	CHECK_EQ(udp_bind(one, &local), -EINVAL);
	local = (struct udp_endpoint){ 0x01020304, 1 };
	CHECK_EQ(udp_bind(two, &local), -EADDRNOTAVAIL);
	CHECK_EQ(udp_receive(two, NULL, NULL, 0, 0), -EINVAL);
	CHECK_EQ(udp_send(two, NULL, "x", 1), -EDESTADDRREQ);
	udp_close(one);
	local = (struct udp_endpoint){ 0, PORT };
	CHECK_EQ(udp_bind(two, &local), 0);
	udp_close(two);
}
