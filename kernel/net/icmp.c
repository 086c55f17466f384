/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP (RFC 792): echoes both ways, and what cannot be reached. */
#include "icmp.h"
#include "checksum.h"
#include "stack.h"
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/time.h>

/* Policy: error messages in a second, and at once. */
#define ERRORS_PER_S 100
#define ERRORS_BURST 20

/* Of the packet that an error is about (RFC 1812, 4.3.2.3: as much as fits). */
#define QUOTE_MAX \
 (576 - sizeof(struct ipv4_header) - sizeof(struct icmp_header))

static struct {
	struct spinlock lock;
	struct icmp_listener *first;
} listeners;

static struct {
	struct spinlock lock;
	u64 since_ns; /* when `left` was right */
	unsigned left;
} rate;

/* May one more error be sent? */
static bool rate_allows(void)
{
	u64 now = time_ns(), fresh;
	bool allowed;

	spin_lock(&rate.lock);
	fresh = (now - rate.since_ns) * ERRORS_PER_S / NSEC_PER_SEC;
	if (fresh || !rate.since_ns) {
		rate.left = !rate.since_ns ? ERRORS_BURST
					   : (unsigned)MIN(rate.left + fresh,
							   (u64)ERRORS_BURST);
		rate.since_ns = now;
	}
	allowed = rate.left;
	rate.left -= allowed;
	spin_unlock(&rate.lock);
	return allowed;
}

/* Room for @length bytes behind ICMP's header, which is at packet->data. */
static struct packet *make(u8 type, u8 code, size_t length)
{
	size_t room = IP_ROOM + sizeof(struct ipv4_header);
	struct packet *packet = packet_alloc(
		(unsigned)(room + sizeof(struct icmp_header) + length));
	struct icmp_header *header;

	if (!packet)
		return NULL;
	packet->data += room;
	packet_cut(packet, (unsigned)(sizeof(*header) + length));
	header = (void *)packet->data;
	*header = (struct icmp_header){ .type = type, .code = code };
	return packet;
}

static int send(struct packet *packet, u32 destination)
{
	struct icmp_header *header = (void *)packet->data;

	header->checksum =
		checksum_finish(checksum_add(0, header, packet->length));
	return ipv4_send(packet, destination, IPV4_PROTOCOL_ICMP);
}

static void answer(const struct packet *packet, const struct ipv4_info *info)
{
	const struct icmp_header *asked = (const void *)packet->data;
	unsigned length = packet->length - (unsigned)sizeof(*asked);
	struct packet *reply;
	struct icmp_header *header;

	/* One question must not have a whole network answer. */
	if (info->broadcast)
		return;
	reply = make(ICMP_ECHO_REPLY, 0, length);
	if (!reply) {
		net_count(NET_DROP_MEMORY);
		return;
	}
	header = (void *)reply->data;
	header->identifier = asked->identifier;
	header->sequence = asked->sequence;
	memcpy(header + 1, asked + 1, length);
	(void)send(reply, info->source);
}

static void hear(const struct packet *packet, const struct ipv4_info *info)
{
	const struct icmp_header *header = (const void *)packet->data;
	struct icmp_echo echo = { .source = info->source,
				  .sequence = be16_to_cpu(header->sequence),
				  .ttl = info->header->ttl,
				  .data = header + 1,
				  .length = packet->length - sizeof(*header) };

	spin_lock(&listeners.lock);
	for (struct icmp_listener *it = listeners.first; it; it = it->next)
		if (it->identifier == be16_to_cpu(header->identifier))
			it->heard(it, &echo);
	spin_unlock(&listeners.lock);
}

/* Behind ICMP's header is the beginning of what we are said to have sent. */
static void heed_unreachable(const struct packet *packet)
{
	const struct icmp_header *icmp = (const void *)packet->data;
	const struct ipv4_header *ip = (const void *)(icmp + 1);
	const struct udp_header *udp = (const void *)(ip + 1);

	if (packet->length < sizeof(*icmp) + sizeof(*ip) + sizeof(*udp) ||
	    ip->version_length != IPV4_VERSION_5 ||
	    ip->protocol != IPV4_PROTOCOL_UDP ||
	    !interface_of_address(be32_to_cpu(ip->source)))
		return;
	udp_unreachable(be16_to_cpu(udp->source), be32_to_cpu(ip->destination),
			be16_to_cpu(udp->destination));
}

static void handle(const struct packet *packet, const struct ipv4_info *info)
{
	const struct icmp_header *header = (const void *)packet->data;

	switch (header->type) {
	case ICMP_ECHO_REQUEST: answer(packet, info); break;
	case ICMP_ECHO_REPLY: hear(packet, info); break;
	case ICMP_UNREACHABLE: heed_unreachable(packet); break;
	default: break;
	}
}

void icmp_receive(struct packet *packet, const struct ipv4_info *info)
{
	packet = packet_linear(packet);
	if (!packet) {
		net_count(NET_DROP_MEMORY);
		return;
	}
	if (packet->length < sizeof(struct icmp_header)) {
		net_drop(packet, NET_DROP_SHORT);
		return;
	}
	if (checksum_fold(checksum_add(0, packet->data, packet->length)) !=
	    0xffff) {
		net_drop(packet, NET_DROP_CHECKSUM);
		return;
	}
	handle(packet, info);
	packet_free(packet);
}

void icmp_send_unreachable(const struct packet *packet,
			   const struct ipv4_info *info, u8 code)
{
	const u8 *header = (const u8 *)info->header;
	size_t bytes = (size_t)(packet->data + packet->length - header);
	struct packet *error;

	/* No errors about what went to many (RFC 1122, 3.2.2). */
	if (info->broadcast)
		return;
	if (!rate_allows()) {
		net_count(NET_DROP_RATE);
		return;
	}
	bytes = MIN(bytes, QUOTE_MAX);
	error = make(ICMP_UNREACHABLE, code, bytes);
	if (!error) {
		net_count(NET_DROP_MEMORY);
		return;
	}
	memcpy(error->data + sizeof(struct icmp_header), header, bytes);
	(void)send(error, info->source);
}

void icmp_listen(struct icmp_listener *listener)
{
	listener->identifier = (u16)random_u32();
	spin_lock(&listeners.lock);
	listener->next = listeners.first;
	listeners.first = listener;
	spin_unlock(&listeners.lock);
}

void icmp_unlisten(struct icmp_listener *listener)
{
	struct icmp_listener **link = &listeners.first;

	spin_lock(&listeners.lock);
	while (*link != listener)
		link = &(*link)->next;
	*link = listener->next;
	spin_unlock(&listeners.lock);
}

int icmp_send_echo(const struct icmp_listener *listener, u32 destination,
		   u16 sequence, const void *data, size_t length)
{
	struct packet *packet = make(ICMP_ECHO_REQUEST, 0, length);
	struct icmp_header *header;

	if (!packet)
		return -ENOMEM;
	header = (void *)packet->data;
	header->identifier = cpu_to_be16(listener->identifier);
	header->sequence = cpu_to_be16(sequence);
	memcpy(header + 1, data, length);
	return send(packet, destination);
}
