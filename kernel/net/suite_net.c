/* SPDX-License-Identifier: BSD-2-Clause */
/* The network stack in the kernel, on the loopback device. */
#include "icmp.h"
#include "stack.h"
#include <kernel/completion.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/udp.h>

#define LIMIT_MS  10000
#define DATAGRAMS 500
#define SENDERS	  4
#define ROUNDS	  5
#define LARGE	  20000

static u64 limit(void)
{
	return time_ns() + LIMIT_MS * NSEC_PER_MSEC;
}

/* A socket on the loopback device, and where it is. */
static struct udp_socket *open_at(struct selftest *t, struct udp_endpoint *at)
{
	struct udp_endpoint local = { IPV4_LOOPBACK, 0 };
	struct udp_socket *socket = udp_open();

	if (!EXPECT(t, socket))
		return NULL;
	if (!EXPECT_EQ(t, udp_bind(socket, &local), 0)) {
		udp_close(socket);
		return NULL;
	}
	udp_get_local(socket, at);
	return socket;
}

static void test_datagram(struct selftest *t)
{
	struct udp_socket *client = udp_open();
	struct udp_endpoint at, from, own;
	struct udp_socket *server = open_at(t, &at);
	char data[8] = "";

	if (!server || !EXPECT(t, client))
		return;
	EXPECT_EQ(t, udp_send(client, &at, "hello", 5), 0);
	EXPECT_EQ(t, udp_receive(server, &from, data, sizeof(data), limit()),
		  5);
	EXPECT(t, !memcmp(data, "hello", 5));
	udp_get_local(client, &own);
	EXPECT_EQ(t, from.port, own.port);
	EXPECT_EQ(t, from.address, IPV4_LOOPBACK);
	EXPECT_EQ(t, udp_send(server, &from, "back", 4), 0);
	EXPECT_EQ(t, udp_receive(client, NULL, data, sizeof(data), limit()), 4);
	EXPECT_EQ(t,
		  udp_receive(client, NULL, data, sizeof(data),
			      time_ns() + NSEC_PER_MSEC),
		  -ETIMEDOUT);
	udp_close(client);
	udp_close(server);
}

static void test_large(struct selftest *t)
{
	struct udp_endpoint at;
	struct udp_socket *socket = open_at(t, &at);
	u8 *data = kmalloc(LARGE), *back = kzalloc(LARGE);

	if (socket && EXPECT(t, data && back)) {
		for (unsigned i = 0; i < LARGE; i++)
			data[i] = (u8)(i * 7 ^ i >> 8);
		EXPECT_EQ(t, udp_send(socket, &at, data, LARGE), 0);
		EXPECT_EQ(t, udp_receive(socket, NULL, back, LARGE, limit()),
			  LARGE);
		EXPECT(t, !memcmp(data, back, LARGE));
		/* Several in one, which are several again. */
		EXPECT_EQ(t, udp_send_segments(socket, &at, data, LARGE, 9000),
			  0);
		EXPECT_EQ(t, udp_receive(socket, NULL, back, LARGE, limit()),
			  9000);
		EXPECT_EQ(t, udp_receive(socket, NULL, back, LARGE, limit()),
			  9000);
		EXPECT_EQ(t, udp_receive(socket, NULL, back, LARGE, limit()),
			  LARGE - 18000);
	}
	kfree(data);
	kfree(back);
	udp_close(socket);
}

static void test_refused(struct selftest *t)
{
	struct udp_endpoint at;
	struct udp_socket *gone = open_at(t, &at), *socket = udp_open();
	char data[4];

	if (!gone || !EXPECT(t, socket))
		return;
	udp_close(gone);
	EXPECT_EQ(t, udp_connect(socket, &at), 0);
	EXPECT_EQ(t, udp_send(socket, NULL, "x", 1), 0);
	EXPECT_EQ(t, udp_receive(socket, NULL, data, sizeof(data), limit()),
		  -ECONNREFUSED);
	udp_close(socket);
}

static struct completion echoed;

static void note_echo(struct icmp_listener *listener __unused,
		      const struct icmp_echo *echo __unused)
{
	complete(&echoed);
}

static void test_echo(struct selftest *t)
{
	struct icmp_listener listener = { .heard = note_echo };

	icmp_listen(&listener);
	EXPECT_EQ(t, icmp_send_echo(&listener, IPV4_LOOPBACK, 1, "data", 4), 0);
	EXPECT(t, completion_wait_until(&echoed, limit()));
	icmp_unlisten(&listener);
}

/* Each sender's datagrams come in order; those that are lost were counted. */
struct sender {
	struct udp_endpoint to;
	struct thread *thread;
	u32 number;
	unsigned failed;
};

static void send_many(void *arg)
{
	struct sender *sender = arg;
	struct udp_socket *socket = udp_open();
	u32 message[2] = { sender->number };

	for (u32 i = 0; socket && i < DATAGRAMS; i++) {
		message[1] = i;
		sender->failed += udp_send(socket, &sender->to, message,
					   sizeof(message)) != 0;
	}
	sender->failed += !socket;
	udp_close(socket);
}

/* How many came, each later than the one before of its sender. */
static unsigned receive_many(struct selftest *t, struct udp_socket *socket)
{
	u32 next[SENDERS] = { 0 }, message[2];
	unsigned n = 0;

	while (udp_receive(socket, NULL, message, sizeof(message),
			   time_ns() + 300 * NSEC_PER_MSEC) == 8) {
		if (!EXPECT(t, message[0] < SENDERS) ||
		    !EXPECT(t, message[1] >= next[message[0]]))
			break;
		next[message[0]] = message[1] + 1;
		n++;
	}
	return n;
}

static void test_many_senders(struct selftest *t)
{
	struct sender senders[SENDERS] = { 0 };
	struct udp_endpoint at;
	struct udp_socket *socket = open_at(t, &at);
	struct udp_stats stats;
	unsigned failed = 0, came;

	if (!socket)
		return;
	for (unsigned i = 0; i < SENDERS; i++) {
		senders[i].to = at;
		senders[i].number = i;
		senders[i].thread =
			thread_create("sender", send_many, &senders[i], NULL);
	}
	came = receive_many(t, socket);
	for (unsigned i = 0; i < SENDERS; i++) {
		if (EXPECT(t, senders[i].thread))
			thread_join(senders[i].thread);
		failed += senders[i].failed;
	}
	came += receive_many(t, socket);
	udp_get_stats(socket, &stats);
	EXPECT_EQ(t, failed, 0);
	EXPECT_EQ(t, came, stats.received);
	EXPECT_EQ(t, stats.received + stats.dropped, SENDERS * DATAGRAMS);
	selftest_note(t, "%u of %u arrived", came, SENDERS * DATAGRAMS);
	udp_close(socket);
}

static void cancel_soon(void *arg)
{
	thread_sleep_ns(2 * NSEC_PER_MSEC);
	udp_cancel(arg);
}

static void test_cancel(struct selftest *t)
{
	struct udp_endpoint at;
	struct udp_socket *socket = open_at(t, &at);
	struct thread *thread;
	char data[4];

	if (!socket)
		return;
	thread = thread_create("cancel", cancel_soon, socket, NULL);
	if (EXPECT(t, thread)) {
		EXPECT_EQ(t,
			  udp_receive(socket, NULL, data, sizeof(data),
				      limit()),
			  -ECANCELED);
		thread_join(thread);
	}
	udp_close(socket);
}

static void test_packets(struct selftest *t)
{
	struct packet *first = NULL;
	unsigned count = 0;

	for (unsigned i = 0; i < 1000; i++) {
		struct packet *packet = packet_alloc(i * 3);

		if (!EXPECT(t, packet))
			break;
		memset(packet->data, (int)i, i * 3);
		packet_cut(packet, i * 3);
		EXPECT(t, packet->data - packet->head >= PACKET_HEADROOM);
		packet->next = first;
		first = packet;
		count++;
	}
	while (first) {
		struct packet *next = first->next;

		count--;
		EXPECT_EQ(t, first->total, count * 3);
		if (count)
			EXPECT_EQ(t, first->data[count * 3 - 1], (u8)count);
		packet_free(first);
		first = next;
	}
	packet_trim();
}

/* A device that comes and goes while others look for it. */
static int none_open(struct net_device *net)
{
	net_set_link(net, true, false);
	return 0;
}

static void none_stop(struct net_device *net __unused)
{
}

static int none_transmit(struct net_pair *pair __unused, struct packet *packet,
			 bool more __unused)
{
	packet_free(packet);
	return 0;
}

static unsigned none_poll(struct net_pair *pair __unused,
			  unsigned budget __unused)
{
	return 0;
}

static bool none_arm(struct net_pair *pair __unused)
{
	return true;
}

static const struct net_device_ops none_ops = {
	.open = none_open,
	.stop = none_stop,
	.transmit = none_transmit,
	.poll = none_poll,
	.arm = none_arm,
};

#define NONE_ADDRESS 0xc0000202U /* 192.0.2.2, for documents (RFC 5737) */

static void send_while_it_lasts(void *arg)
{
	const bool *stop = arg;
	struct udp_endpoint to = { NONE_ADDRESS | 0xff, 9 };
	struct udp_socket *socket = udp_open();

	/* Without a timer nobody takes the CPU from it. */
	for (; socket && !READ_ONCE(*stop); thread_yield())
		(void)udp_send(socket, &to, "x", 1);
	udp_close(socket);
}

static void come_and_go(struct selftest *t, struct net_device *net)
{
	*net = (struct net_device){ .name = "none0",
				    .ops = &none_ops,
				    .mtu = NET_MTU_DEFAULT,
				    .mtu_max = NET_MTU_DEFAULT,
				    .features = NET_TX_CHECKSUM,
				    .pairs_max = 2 };
	if (!EXPECT_EQ(t, net_device_register(net), 0))
		return;
	mutex_lock(&net_config);
	EXPECT_EQ(t, net_open(net), 0);
	EXPECT_EQ(t, interface_set_address(net, NONE_ADDRESS, 24), 0);
	mutex_unlock(&net_config);
	thread_sleep_ns(NSEC_PER_MSEC);
	net_device_unregister(net);
	/* Nobody may look at it any more. */
	memset(net, 0xa5, sizeof(*net));
}

static void test_come_and_go(struct selftest *t)
{
	struct net_device *net = kmalloc(sizeof(*net));
	struct thread *thread;
	bool stop = false;

	thread = thread_create("sender", send_while_it_lasts, &stop, NULL);
	if (EXPECT(t, net && thread))
		for (unsigned i = 0; i < ROUNDS; i++)
			come_and_go(t, net);
	WRITE_ONCE(stop, true);
	if (thread)
		thread_join(thread);
	kfree(net);
}

static const struct selftest_case net_cases[] = {
	{ .name = "packets", .run = test_packets },
	{ .name = "datagram-there-and-back", .run = test_datagram },
	{ .name = "large-datagrams", .run = test_large },
	{ .name = "closed-port-refuses", .run = test_refused },
	{ .name = "echo", .run = test_echo },
	{ .name = "many-senders", .run = test_many_senders },
	{ .name = "receive-can-be-cancelled", .run = test_cancel },
	{ .name = "device-comes-and-goes", .run = test_come_and_go },
	{},
};
SELFTEST_SUITE(net, "net", net_cases, 0);
