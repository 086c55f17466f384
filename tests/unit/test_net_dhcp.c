/* SPDX-License-Identifier: BSD-2-Clause */
/* The DHCP client, against a server that is made of frames. */
#include "../../kernel/net/boot.h"
#include "../../kernel/net/dhcp.h"
#include "../../kernel/net/dhcp_message.h"
#include "net_rig.h"
#include <kernel/param.h>
#include <kernel/vsprintf.h>

#define TRANSACTION 0xabad1dea
#define LEASED	    0x0a000055U /* 10.0.0.85 */

/* A reply in the making. */
static struct {
	struct dhcp_header header;
	u8 options[300];
} reply;
static size_t reply_length;

static void option(u8 code, const void *data, u8 length)
{
	u8 *at = (u8 *)&reply + reply_length;

	at[0] = code;
	at[1] = length;
	memcpy(at + 2, data, length);
	reply_length += 2U + length;
}

static void begin(u8 type, u32 transaction)
{
	memset(&reply, 0, sizeof(reply));
	reply.header.op = DHCP_OP_REPLY;
	reply.header.hardware_type = 1;
	reply.header.hardware_length = 6;
	reply.header.transaction = cpu_to_be32(transaction);
	reply.header.yours = cpu_to_be32(LEASED);
	memcpy(reply.header.hardware, own_hardware, 6);
	reply.header.magic = cpu_to_be32(DHCP_MAGIC);
	reply_length = sizeof(reply.header);
	option(DHCP_OPTION_TYPE, &type, 1);
}

/* What a sound server says. */
static void make_reply(u8 type, u32 transaction)
{
	begin(type, transaction);
	option(DHCP_OPTION_SERVER, "\x0a\0\0\1", 4);
	option(DHCP_OPTION_MASK, "\xff\xff\xff\0", 4);
	option(DHCP_OPTION_ROUTER, "\x0a\0\0\1", 4);
	option(DHCP_OPTION_DNS, "\x0a\0\0\1\x0a\0\0\3", 8);
	option(DHCP_OPTION_LEASE, "\0\0\x0e\x10", 4); /* an hour */
}

static int read_reply(struct dhcp_reply *out)
{
	u8 *copy = malloc(reply_length);
	int err;

	memcpy(copy, &reply, reply_length);
	err = dhcp_read(copy, reply_length, TRANSACTION, own_hardware, out);
	free(copy);
	return err;
}

TEST(replies_are_read)
{
	struct dhcp_reply r;

	make_reply(DHCP_ACK, TRANSACTION);
	CHECK_EQ(read_reply(&r), 0);
	CHECK_EQ(r.type, DHCP_ACK);
	CHECK_EQ(r.address, LEASED);
	CHECK_EQ(r.mask, 0xffffff00);
	CHECK_EQ(r.router, PEER_ADDRESS);
	CHECK_EQ(r.dns_count, 2);
	CHECK_EQ(r.dns[1], 0x0a000003);
	CHECK_EQ(r.lease_s, 3600);
	CHECK_EQ(r.renew_s, 1800);
	CHECK_EQ(r.rebind_s, 3150);
	/* Options end where they say so, whatever follows. */
	option(DHCP_OPTION_END, NULL, 0);
	((u8 *)&reply)[reply_length - 1] = 99;
	CHECK_EQ(read_reply(&r), 0);
}

TEST(replies_that_are_cut_or_for_others_are_refused)
{
	struct dhcp_reply r;
	size_t whole;

	make_reply(DHCP_ACK, TRANSACTION);
	whole = reply_length;
	/* Where an option ends, what came before it stands. */
	for (reply_length = 0; reply_length < whole; reply_length++)
		(void)read_reply(&r);
	reply_length = whole - 1;
	CHECK_EQ(read_reply(&r), -EBADMSG);
	reply_length = sizeof(reply.header) - 1;
	CHECK_EQ(read_reply(&r), -EBADMSG);
	make_reply(DHCP_ACK, TRANSACTION + 1);
	CHECK_EQ(read_reply(&r), -EBADMSG);
	make_reply(DHCP_ACK, TRANSACTION);
	reply.header.hardware[5] ^= 1;
	CHECK_EQ(read_reply(&r), -EBADMSG);
	make_reply(DHCP_ACK, TRANSACTION);
	reply.header.op = DHCP_OP_REQUEST;
	CHECK_EQ(read_reply(&r), -EBADMSG);
	make_reply(DHCP_DISCOVER, TRANSACTION);
	CHECK_EQ(read_reply(&r), -EBADMSG);
}

TEST(addresses_that_no_machine_has_are_refused)
{
	static const u32 wrong[] = { 0,		 0x7f000001, 0xe0000001,
				     0xffffffff, 0x0a000000, 0x0a0000ff };
	struct dhcp_reply r;

	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		make_reply(DHCP_OFFER, TRANSACTION);
		reply.header.yours = cpu_to_be32(wrong[i]);
		CHECK_EQ(read_reply(&r), -EBADMSG);
	}
	/* A mask with holes is none. */
	make_reply(DHCP_OFFER, TRANSACTION);
	option(DHCP_OPTION_MASK, "\xff\0\xff\0", 4);
	CHECK_EQ(read_reply(&r), 0);
	CHECK_EQ(r.mask, 0xffffff00);
	/* Times that contradict each other. */
	make_reply(DHCP_OFFER, TRANSACTION);
	option(DHCP_OPTION_LEASE, "\0\0\0\1", 4);
	option(DHCP_OPTION_RENEW, "\xff\xff\0\0", 4);
	option(DHCP_OPTION_REBIND, "\0\0\0\1", 4);
	CHECK_EQ(read_reply(&r), 0);
	CHECK_EQ(r.lease_s, DHCP_LEASE_MIN_S);
	CHECK(r.renew_s < r.rebind_s && r.rebind_s < r.lease_s);
	make_reply(DHCP_OFFER, TRANSACTION);
	option(DHCP_OPTION_LEASE, "\0\0\0\0", 4);
	CHECK_EQ(read_reply(&r), -EBADMSG);
}

TEST(options_in_other_fields_are_read)
{
	struct dhcp_reply r;

	make_reply(DHCP_OFFER, TRANSACTION);
	option(DHCP_OPTION_OVERLOAD, "\3", 1);
	memcpy(reply.header.file, "\3\4\x0a\0\0\7\xff", 7);
	memset(reply.header.server_name, 0, 64);
	CHECK_EQ(read_reply(&r), 0);
	CHECK_EQ(r.router, 0x0a000007);
	/* They end with the field. */
	memset(reply.header.server_name, 0, 64);
	reply.header.server_name[63] = 3;
	CHECK_EQ(read_reply(&r), -EBADMSG);
	reply.header.server_name[62] = 3;
	reply.header.server_name[63] = 4;
	CHECK_EQ(read_reply(&r), -EBADMSG);
}

/* The server. */
static struct {
	unsigned lost;	  /* messages that do not arrive */
	unsigned twice;	  /* replies that arrive so often more */
	bool refuse;	  /* the next request */
	bool silent;	  /* to requests that renew */
	unsigned seen[8]; /* messages, by type */
	bool unicast;	  /* the last request was */
} server;

static void send_reply(u8 type, u32 transaction, u32 destination)
{
	unsigned length;

	make_reply(type, transaction);
	length = frame_udp(&frame, DHCP_CLIENT_PORT, &reply,
			   (unsigned)reply_length);
	frame.ip.destination = cpu_to_be32(destination);
	memset(frame.ethernet.destination, 0xff, 6);
	frame_seal_ip(&frame);
	frame_seal_udp(&frame, 8 + (unsigned)reply_length);
	for (unsigned i = 0; i <= server.twice; i++)
		fake_inject(&fake, &frame, length);
}

static void take_message(const struct frame *f)
{
	const struct dhcp_header *header = (const void *)(f->payload + 8);
	u32 transaction = be32_to_cpu(header->transaction);
	bool renews = be32_to_cpu(header->client);
	/* The first option is the type. */
	u8 type = f->payload[8 + sizeof(*header) + 2];

	server.seen[type & 7]++;
	server.unicast = !(f->ethernet.destination[0] & 1);
	if (server.lost) {
		server.lost--;
		return;
	}
	if (type == DHCP_DISCOVER)
		send_reply(DHCP_OFFER, transaction, IPV4_BROADCAST);
	if (type != DHCP_REQUEST || (renews && server.silent))
		return;
	send_reply(server.refuse ? DHCP_NAK : DHCP_ACK, transaction,
		   renews ? LEASED : IPV4_BROADCAST);
	server.refuse = false;
}

/* Take what the client has sent. */
static void serve(void)
{
	static struct frame message;

	for (unsigned i = 0; i < fake.sent_count; i++) {
		unsigned length = fake.sent[i].length;

		memcpy(&message, fake.sent[i].bytes, length);
		if (be16_to_cpu(message.ethernet.type) == ETHERTYPE_IPV4 &&
		    be16_to_cpu(message.udp.destination) == DHCP_SERVER_PORT)
			take_message(&message);
	}
	fake_clear_sent(&fake);
	know_peer();
}

/* Let @seconds pass for the client and the server. */
static void run(unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 4; i++) {
		fake_client_run();
		serve();
		fake_client_run();
		serve();
		fake_net_pass(NSEC_PER_SEC / 4);
	}
}

static void client_up(void)
{
	memset(&server, 0, sizeof(server));
	fake_netdev_init(&fake);
	CHECK_EQ(net_device_register(&fake.net), 0);
	CHECK_EQ(dhcp_start(&fake.net), 0);
	CHECK_EQ(dhcp_start(&fake.net), 0);
}

static void client_down(void)
{
	fake_client_should_end = true;
	dhcp_stop(&fake.net);
	fake_client_should_end = false;
	CHECK(!fake.net.interface->dhcp);
	serve();
	CHECK_EQ(fake.net.interface->address, 0);
	down();
}

static u32 leased(void)
{
	return fake.net.interface->address;
}

TEST(a_lease_is_got_and_given_back)
{
	u32 mask;
	struct route_result route;

	client_up();
	run(1);
	CHECK_EQ(leased(), LEASED);
	CHECK_EQ(server.seen[DHCP_DISCOVER], 1);
	CHECK_EQ(server.seen[DHCP_REQUEST], 1);
	CHECK_EQ(fake.net.interface->dns_count, 2);
	CHECK_EQ(route_lookup(0x08080808, &route), 0);
	CHECK_EQ(route.next_hop, PEER_ADDRESS);
	CHECK_EQ(dhcp_wait(fake.net.name, 0, &mask), LEASED);
	client_down();
	CHECK_EQ(server.seen[DHCP_RELEASE], 1);
	CHECK(!route_get(0, &(struct route){ 0 }));
}

TEST(lost_and_repeated_messages_are_borne)
{
	client_up();
	server.lost = 3;
	server.twice = 2;
	run(1);
	CHECK_EQ(leased(), 0);
	run(60);
	CHECK_EQ(leased(), LEASED);
	CHECK(server.seen[DHCP_DISCOVER] >= 2);
	CHECK_EQ(server.seen[DHCP_DISCOVER] + server.seen[DHCP_REQUEST], 5);
	client_down();
}

TEST(a_refused_request_begins_anew)
{
	client_up();
	server.refuse = true;
	run(5);
	CHECK_EQ(leased(), LEASED);
	CHECK_EQ(server.seen[DHCP_DISCOVER], 2);
	client_down();
}

TEST(a_lease_is_renewed_with_its_server_in_time)
{
	client_up();
	run(1700);
	CHECK_EQ(server.seen[DHCP_REQUEST], 1);
	run(200);
	CHECK_EQ(server.seen[DHCP_REQUEST], 2);
	CHECK(server.unicast);
	run(1800);
	CHECK_EQ(server.seen[DHCP_REQUEST], 3);
	CHECK_EQ(leased(), LEASED);
	CHECK_EQ(server.seen[DHCP_DISCOVER], 1);
	client_down();
}

TEST(a_lease_that_nobody_renews_ends)
{
	client_up();
	run(1);
	server.silent = true;
	run(3400);
	/* In the end everybody is asked. */
	CHECK(!server.unicast);
	CHECK(server.seen[DHCP_REQUEST] > 3 && server.seen[DHCP_REQUEST] < 40);
	CHECK_EQ(leased(), LEASED);
	CHECK_EQ(server.seen[DHCP_DISCOVER], 1);
	server.lost = 1;
	run(201);
	CHECK(server.seen[DHCP_DISCOVER] >= 2);
	CHECK_EQ(leased(), LEASED);
	client_down();
}

static int configure(const char *value)
{
	char words[200];

	CHECK(snprintf(words, sizeof(words), "ip=%s", value) > 0);
	return param_parse_one(words);
}

TEST(the_boot_parameter_is_linuxs)
{
	struct route_result route;

	CHECK_EQ(configure(
			 "10.0.0.2::10.0.0.1:255.255.255.0::eth0:off:10.0.0.3"),
		 0);
	fake_netdev_init(&fake);
	CHECK_EQ(net_device_register(&fake.net), 0);
	fake_net_run();
	CHECK_EQ(leased(), OWN_ADDRESS);
	CHECK_EQ(fake.net.interface->mask, 0xffffff00);
	CHECK_EQ(fake.net.interface->dns[0], 0x0a000003);
	CHECK_EQ(route_lookup(0x08080808, &route), 0);
	CHECK_EQ(route.next_hop, PEER_ADDRESS);
	down();
	/* Of another device. */
	CHECK_EQ(configure("10.0.0.2::10.0.0.1:255.255.255.0::eth1:off"), 0);
	fake_netdev_init(&fake);
	CHECK_EQ(net_device_register(&fake.net), 0);
	fake_net_run();
	CHECK_EQ(leased(), 0);
	CHECK(!fake.opened);
	down();
	CHECK_EQ(configure("eth0:dhcp"), 0);
	fake_netdev_init(&fake);
	CHECK_EQ(net_device_register(&fake.net), 0);
	fake_net_run();
	CHECK(fake.net.interface->dhcp != NULL);
	run(1);
	CHECK_EQ(leased(), LEASED);
	client_down();
	CHECK_EQ(configure("off"), 0);
}

TEST(nonsense_in_the_boot_parameter_is_refused)
{
	static const char *const wrong[] = {
		"",
		"nonsense",
		"10.0.0.300",
		"10.0.0.2:::255.0.255.0",
		"10.0.0.2::::::perhaps",
		"10.0.0.2:::::eth0-with-a-name-that-is-too-long:off",
		"1:2:3:4:5:6:7:8:9:10:11",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++)
		CHECK_EQ(configure(wrong[i]), 1);
	fake_netdev_init(&fake);
	CHECK_EQ(net_device_register(&fake.net), 0);
	fake_net_run();
	CHECK(!fake.opened);
	down();
}
