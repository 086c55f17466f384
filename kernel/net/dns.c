/* SPDX-License-Identifier: BSD-2-Clause */
/* The resolver: one question at a time, to servers that look further. */
#include "dns.h"
#include "dns_message.h"
#include "stack.h"
#include "text.h"
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/udp.h>

/* Policy. */
#define ROUNDS	  2
#define ANSWER_NS (1500 * NSEC_PER_MSEC)

/* The n-th server of all interfaces, or 0. */
static u32 server_of(unsigned n)
{
	u32 found = 0;

	mutex_lock(&net_config);
	for (struct net_device *net = net_first(); net && !found;
	     net = net->next) {
		const struct net_interface *interface = net->interface;

		if (n < interface->dns_count)
			found = interface->dns[n];
		else
			n -= interface->dns_count;
	}
	mutex_unlock(&net_config);
	return found;
}

/* The first sound answer. What is none is not waited less for. */
static int wait_answer(struct udp_socket *socket, u16 id, const char *name,
		       u32 *address)
{
	u64 until = time_ns() + ANSWER_NS;
	u8 message[DNS_MESSAGE_MAX];
	int err;

	do {
		long length = udp_receive(socket, NULL, message,
					  sizeof(message), until);

		if (length < 0)
			return (int)length;
		err = dns_read_answer(message,
				      MIN((size_t)length, sizeof(message)), id,
				      name, address);
	} while (err == -EBADMSG && time_ns() < until);
	return err == -EBADMSG ? -ETIMEDOUT : err;
}

/* A socket of its own: nobody else's answers come to its port. */
static int ask(u32 server, const char *name, u32 *address)
{
	struct udp_endpoint peer = { server, DNS_PORT };
	u8 message[DNS_MESSAGE_MAX];
	u16 id = (u16)random_u32();
	int length = dns_write_query(id, name, message), err;
	struct udp_socket *socket;

	if (length < 0)
		return length;
	socket = udp_open();
	if (!socket)
		return -ENOMEM;
	err = udp_connect(socket, &peer);
	if (!err)
		err = udp_send(socket, NULL, message, (size_t)length);
	if (!err)
		err = wait_answer(socket, id, name, address);
	udp_close(socket);
	return err;
}

int dns_resolve(const char *name, u32 *address)
{
	int err = -ENODATA;
	u32 server;

	if (!ipv4_parse(name, address))
		return 0;
	/* RFC 6761, 6.3: nobody else is asked. */
	if (!strcmp(name, "localhost")) {
		*address = IPV4_LOOPBACK;
		return 0;
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned n = 0; (server = server_of(n)); n++) {
			err = ask(server, name, address);
			if (!err || err == -ENOENT || err == -EINVAL)
				return err;
		}
	}
	return err;
}
