/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DHCP client (RFC 2131, 4.4): a thread for each device that has one. It
 * waits in udp_receive(), for messages and for its times alike; udp_cancel()
 * ends it.
 */
#define pr_fmt(fmt) "dhcp: " fmt

#include "dhcp.h"
#include "dhcp_message.h"
#include "text.h"
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/udp.h>

/* Policy: when to ask again, at first and at last (RFC 2131 begins with 4). */
#define RETRY_FIRST_NS NSEC_PER_SEC
#define RETRY_LAST_NS  (64 * NSEC_PER_SEC)
/* How often what was offered is asked for. */
#define REQUESTS_MAX 3
/* RFC 2131, 4.4.5: not more often than that when renewing. */
#define RENEW_RETRY_S 60U

struct dhcp_client {
	struct net_device *net;
	struct udp_socket *socket;
	struct thread *thread;
	bool stopping;
	bool bound; /* to what is in `lease` */
	u32 transaction;
	u64 began_ns;
	u64 leased_ns;
	struct dhcp_reply lease;
	u8 message[DHCP_MESSAGE_MAX];
};

static void send(struct dhcp_client *client, struct dhcp_request *request,
		 u32 server)
{
	struct udp_endpoint to = { server ? server : IPV4_BROADCAST,
				   DHCP_SERVER_PORT };
	u64 seconds = (time_ns() - client->began_ns) / NSEC_PER_SEC;
	size_t length;

	request->transaction = client->transaction;
	request->seconds = (u16)MIN(seconds, (u64)UINT16_MAX);
	request->hardware = client->net->address;
	length = dhcp_write(request, client->message);
	/* What is lost is asked for again. */
	(void)udp_send(client->socket, &to, client->message, length);
}

/*
 * The next sound reply of one of @types (bits), until @until_ns. 0,
 * -ETIMEDOUT, or -ECANCELED: end.
 */
static int receive(struct dhcp_client *client, unsigned types, u64 until_ns,
		   struct dhcp_reply *reply)
{
	long length;

	for (;;) {
		length = udp_receive(client->socket, NULL, client->message,
				     sizeof(client->message), until_ns);
		if (READ_ONCE(client->stopping))
			return -ECANCELED;
		if (length == -ETIMEDOUT)
			return -ETIMEDOUT;
		if (length > (long)sizeof(client->message))
			length = sizeof(client->message);
		if (length > 0 &&
		    !dhcp_read(client->message, (size_t)length,
			       client->transaction, client->net->address,
			       reply) &&
		    (types & BIT(reply->type)))
			return 0;
		/* What comes may be others' for ever. */
		if (time_ns() >= until_ns)
			return -ETIMEDOUT;
	}
}

static u64 with_jitter(u64 ns)
{
	return time_ns() + ns + random_u64() % (ns / 4);
}

static void add_default_route(struct net_device *net,
			      const struct dhcp_reply *lease)
{
	struct route route = { .gateway = lease->router, .device = net };
	struct route to_router = { .destination = lease->router,
				   .mask = UINT32_MAX,
				   .device = net };

	if (!lease->router)
		return;
	/* Some clouds give out a network of one, and a router outside. */
	if ((lease->router ^ lease->address) & lease->mask)
		(void)route_add(&to_router);
	(void)route_add(&route);
}

static void apply(struct dhcp_client *client)
{
	const struct dhcp_reply *lease = &client->lease;
	struct net_interface *interface = client->net->interface;

	mutex_lock(&net_config);
	(void)interface_set_address(client->net, lease->address,
				    mask_prefix(lease->mask));
	add_default_route(client->net, lease);
	for (unsigned i = 0; i < lease->dns_count; i++)
		interface->dns[i] = lease->dns[i];
	interface->dns_count = lease->dns_count;
	interface->any_destination = false;
	mutex_unlock(&net_config);
	client->bound = true;
}

static void unapply(struct dhcp_client *client)
{
	struct net_interface *interface = client->net->interface;

	if (!client->bound)
		return;
	client->bound = false;
	mutex_lock(&net_config);
	interface->dns_count = 0;
	(void)interface_set_address(client->net, 0, 0);
	route_remove_device(client->net);
	mutex_unlock(&net_config);
}

static void report(const struct dhcp_client *client)
{
	const struct dhcp_reply *lease = &client->lease;
	char address[IPV4_TEXT_MAX], server[IPV4_TEXT_MAX];

	pr_info("%s: %s/%u from %s, for %u s\n", client->net->name,
		ipv4_text(lease->address, address), mask_prefix(lease->mask),
		ipv4_text(lease->server, server), lease->lease_s);
}

/* Ask until somebody offers something: in client->lease. 0 or -ECANCELED. */
static int discover(struct dhcp_client *client)
{
	struct dhcp_request request = { .type = DHCP_DISCOVER };
	u64 wait = RETRY_FIRST_NS;
	int err;

	client->net->interface->any_destination = true;
	client->transaction = random_u32();
	client->began_ns = time_ns();
	for (;;) {
		send(client, &request, 0);
		err = receive(client, BIT(DHCP_OFFER), with_jitter(wait),
			      &client->lease);
		if (err != -ETIMEDOUT)
			return err;
		wait = MIN(wait * 2, RETRY_LAST_NS);
	}
}

/* A reply to a request; another server's is none. */
static int receive_answer(struct dhcp_client *client, u64 until_ns,
			  struct dhcp_reply *reply)
{
	u32 server = client->lease.server;
	int err;

	do {
		err = receive(client, BIT(DHCP_ACK) | BIT(DHCP_NAK), until_ns,
			      reply);
	} while (!err && reply->server && reply->server != server);
	return err;
}

/* Take what was offered. 0; -EAGAIN: begin again; -ECANCELED. */
static int take_offer(struct dhcp_client *client)
{
	struct dhcp_request request = { .type = DHCP_REQUEST,
					.requested = client->lease.address,
					.server = client->lease.server };
	struct dhcp_reply reply;
	int err = -ETIMEDOUT;

	for (unsigned i = 0; i < REQUESTS_MAX && err == -ETIMEDOUT; i++) {
		client->leased_ns = time_ns();
		send(client, &request, 0);
		err = receive_answer(client, with_jitter(RETRY_FIRST_NS << i),
				     &reply);
	}
	if (err == -ECANCELED)
		return err;
	if (err || reply.type != DHCP_ACK)
		return -EAGAIN;
	client->lease = reply;
	return 0;
}

static u64 lease_time(const struct dhcp_client *client, u32 seconds)
{
	return client->leased_ns + seconds * NSEC_PER_SEC;
}

/* Half of what is left until @until_ns, but not too soon. */
static u64 next_try(u64 until_ns)
{
	u64 now = time_ns();
	u64 left = until_ns > now ? until_ns - now : 0;

	return MIN(until_ns, now + MAX(left / 2, RENEW_RETRY_S * NSEC_PER_SEC));
}

/*
 * Ask for more time until @until_ns, of @server (0: of any). 0: it was given;
 * -ETIMEDOUT; -EAGAIN: it was refused; -ECANCELED.
 */
static int extend(struct dhcp_client *client, u32 server, u64 until_ns)
{
	struct dhcp_request request = { .type = DHCP_REQUEST,
					.client = client->lease.address };
	struct dhcp_reply reply;
	u64 asked;
	int err;

	while (time_ns() < until_ns) {
		client->transaction = random_u32();
		asked = time_ns();
		send(client, &request, server);
		err = receive(client, BIT(DHCP_ACK) | BIT(DHCP_NAK),
			      next_try(until_ns), &reply);
		if (err == -ETIMEDOUT)
			continue;
		if (err)
			return err;
		if (reply.type != DHCP_ACK ||
		    reply.address != client->lease.address)
			return -EAGAIN;
		client->lease = reply;
		client->leased_ns = asked;
		return 0;
	}
	return -ETIMEDOUT;
}

/* Keep the lease. -EAGAIN: it is lost; -ECANCELED. */
static int keep(struct dhcp_client *client)
{
	struct dhcp_reply *lease = &client->lease, ignored;
	int err;

	do {
		bool ends = lease->lease_s != DHCP_LEASE_NEVER;

		err = receive(client, 0,
			      ends ? lease_time(client, lease->renew_s)
				   : WAIT_FOREVER,
			      &ignored);
		if (err == -ETIMEDOUT)
			err = extend(client, lease->server,
				     lease_time(client, lease->rebind_s));
		if (err == -ETIMEDOUT)
			err = extend(client, 0,
				     lease_time(client, lease->lease_s));
	} while (!err);
	return err == -ECANCELED ? err : -EAGAIN;
}

static void run(void *arg)
{
	struct dhcp_client *client = arg;
	int err;

	do {
		err = discover(client);
		if (!err)
			err = take_offer(client);
		if (err)
			continue;
		apply(client);
		report(client);
		err = keep(client);
		if (err == -EAGAIN) {
			pr_warn("%s: the lease ended\n", client->net->name);
			unapply(client);
		}
	} while (err != -ECANCELED);
}

/* Nobody answers to this one. */
static void give_back(struct dhcp_client *client)
{
	struct dhcp_request request = { .type = DHCP_RELEASE,
					.client = client->lease.address,
					.server = client->lease.server };

	if (!client->bound)
		return;
	client->transaction = random_u32();
	send(client, &request, client->lease.server);
}

static void destroy(struct dhcp_client *client)
{
	udp_close(client->socket);
	kfree(client);
}

static struct dhcp_client *create(struct net_device *net)
{
	struct udp_endpoint local = { 0, DHCP_CLIENT_PORT };
	struct dhcp_client *client = kzalloc(sizeof(*client));

	if (!client)
		return NULL;
	client->net = net;
	client->socket = udp_open();
	if (client->socket) {
		udp_set_device(client->socket, net);
		if (!udp_bind(client->socket, &local))
			return client;
	}
	destroy(client);
	return NULL;
}

static int start_locked(struct net_device *net)
{
	struct dhcp_client *client;
	int err = net_open(net);

	if (err || net->interface->dhcp)
		return err;
	client = create(net);
	if (!client)
		return -ENOMEM;
	client->thread = thread_create("dhcp", run, client, NULL);
	if (!client->thread) {
		destroy(client);
		return -ENOMEM;
	}
	net->interface->dhcp = client;
	return 0;
}

int dhcp_start(struct net_device *net)
{
	int err;

	if (net->interface->loopback)
		return -EINVAL;
	mutex_lock(&net_config);
	err = start_locked(net);
	mutex_unlock(&net_config);
	return err;
}

void dhcp_stop(struct net_device *net)
{
	struct dhcp_client *client;

	mutex_lock(&net_config);
	client = net->interface->dhcp;
	net->interface->dhcp = NULL;
	mutex_unlock(&net_config);
	if (!client)
		return;
	WRITE_ONCE(client->stopping, true);
	udp_cancel(client->socket);
	thread_join(client->thread);
	give_back(client);
	unapply(client);
	net->interface->any_destination = false;
	destroy(client);
}

/* The device may go meanwhile. */
static bool look(const char *name, u32 *address, u32 *mask)
{
	const struct net_device *net;

	mutex_lock(&net_config);
	net = net_find(name);
	*address = net ? net->interface->address : 0;
	*mask = net ? net->interface->mask : 0;
	mutex_unlock(&net_config);
	return net;
}

u32 dhcp_wait(const char *name, u64 until_ns, u32 *mask)
{
	u32 address;

	while (look(name, &address, mask) && !address && time_ns() < until_ns)
		thread_sleep_ns(10 * NSEC_PER_MSEC);
	return address;
}
