/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets: bound, found when a datagram comes, and their queues. A socket is
 * in the bucket of its port; the bucket's lock is also that of the queues of
 * its sockets, so a datagram takes one lock on its way in.
 */
#include "udp.h"
#include "checksum.h"
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/string.h>

#define BUCKETS 64

/* Ports that are given out (RFC 6335, 6). */
#define PORT_FIRST 49152U
#define PORT_COUNT 16384U

static struct bucket {
	struct spinlock lock;
	struct udp_socket *first;
} buckets[BUCKETS];

static inline struct bucket *bucket_of(u16 port)
{
	return &buckets[port % BUCKETS];
}

struct spinlock *udp_bucket_lock(u16 port)
{
	return &bucket_of(port)->lock;
}

struct udp_socket *udp_open(void)
{
	struct udp_socket *socket = kzalloc(sizeof(*socket));

	if (socket)
		socket->identification = (u16)random_u32();
	return socket;
}

/* Those of one address, or of any, exclude each other. */
static bool is_taken(const struct bucket *bucket, u32 address, u16 port,
		     const struct net_device *device)
{
	for (const struct udp_socket *it = bucket->first; it; it = it->next)
		if (it->port == port &&
		    (!it->address || !address || it->address == address) &&
		    (!it->device || !device || it->device == device))
			return true;
	return false;
}

static int bind_port(struct udp_socket *socket, u32 address, u16 port)
{
	struct bucket *bucket = bucket_of(port);
	int err = 0;

	spin_lock(&bucket->lock);
	if (socket->port) {
		err = -EINVAL;
	} else if (is_taken(bucket, address, port, socket->device)) {
		err = -EADDRINUSE;
	} else {
		socket->address = address;
		socket->next = bucket->first;
		bucket->first = socket;
		atomic_write(&socket->port, port);
	}
	spin_unlock(&bucket->lock);
	return err;
}

/* Ports in an order that is not the same each time. */
static int bind_free_port(struct udp_socket *socket, u32 address)
{
	unsigned first = random_u32() % PORT_COUNT;
	int err = -EADDRINUSE;

	for (unsigned i = 0; i < PORT_COUNT && err == -EADDRINUSE; i++)
		err = bind_port(socket, address,
				(u16)(PORT_FIRST + (first + i) % PORT_COUNT));
	return err;
}

static bool is_ours(u32 address)
{
	bool ours;

	preempt_disable();
	ours = !address || is_loopback(address) ||
	       interface_of_address(address);
	preempt_enable();
	return ours;
}

int udp_bind(struct udp_socket *socket, const struct udp_endpoint *local)
{
	if (!is_ours(local->address))
		return -EADDRNOTAVAIL;
	if (!local->port)
		return bind_free_port(socket, local->address);
	return bind_port(socket, local->address, local->port);
}

int udp_bind_any(struct udp_socket *socket)
{
	static const struct udp_endpoint any;
	int err;

	if (atomic_read(&socket->port))
		return 0;
	err = udp_bind(socket, &any);
	/* Somebody else did it meanwhile. */
	return err == -EINVAL ? 0 : err;
}

int udp_connect(struct udp_socket *socket, const struct udp_endpoint *peer)
{
	int err = udp_bind_any(socket);
	struct spinlock *lock = udp_bucket_lock(socket->port);

	if (err)
		return err;
	if (!peer->address || !peer->port)
		return -EDESTADDRREQ;
	spin_lock(lock);
	socket->peer = peer->address;
	socket->peer_port = peer->port;
	spin_unlock(lock);
	return 0;
}

void udp_get_local(const struct udp_socket *socket, struct udp_endpoint *local)
{
	*local = (struct udp_endpoint){ socket->address, socket->port };
}

void udp_set_device(struct udp_socket *socket, struct net_device *net)
{
	WRITE_ONCE(socket->device, net);
	net_changed();
}

static void unbind(struct udp_socket *socket)
{
	struct bucket *bucket = bucket_of(socket->port);
	struct udp_socket **link = &bucket->first;

	spin_lock(&bucket->lock);
	while (*link != socket)
		link = &(*link)->next;
	*link = socket->next;
	spin_unlock(&bucket->lock);
}

static void free_queue(struct packet *packet)
{
	while (packet) {
		struct packet *next = packet->next;

		packet_free(packet);
		packet = next;
	}
}

void udp_close(struct udp_socket *socket)
{
	if (!socket)
		return;
	if (socket->port)
		unbind(socket);
	free_queue(socket->first);
	kfree(socket);
}

/* Under the bucket's lock: to be told once. */
static void set_error(struct udp_socket *socket, int err)
{
	WRITE_ONCE(socket->error, err);
	wake_one(&socket->readers);
}

void udp_cancel(struct udp_socket *socket)
{
	struct spinlock *lock = udp_bucket_lock(socket->port);

	spin_lock(lock);
	set_error(socket, -ECANCELED);
	spin_unlock(lock);
}

void udp_get_stats(struct udp_socket *socket, struct udp_stats *stats)
{
	struct spinlock *lock = udp_bucket_lock(socket->port);

	spin_lock(lock);
	*stats = socket->stats;
	spin_unlock(lock);
}

/* Under the bucket's lock. */
static struct udp_socket *find(const struct bucket *bucket, u16 port,
			       u32 source, u16 source_port,
			       const struct ipv4_info *info,
			       const struct net_device *net)
{
	struct udp_socket *it;

	for (it = bucket->first; it; it = it->next) {
		if (it->port != port)
			continue;
		if (it->address && it->address != info->destination)
			continue;
		if (it->peer &&
		    (it->peer != source || it->peer_port != source_port))
			continue;
		if (!it->device || it->device == net)
			return it;
	}
	return NULL;
}

/* True if @packet is the socket's now. */
static bool enqueue(struct udp_socket *socket, struct packet *packet)
{
	u32 bytes = packet_memory(packet);

	if (socket->queued_bytes + bytes > UDP_QUEUE_BYTES) {
		socket->stats.dropped++;
		return false;
	}
	packet->next = NULL;
	packet->hash = 0; /* from here on: how much of it was read */
	if (socket->first)
		socket->last->next = packet;
	else
		socket->first = packet;
	socket->last = packet;
	socket->queued_bytes += bytes;
	socket->stats.received++;
	return true;
}

/* A checksum that nobody has looked at. The packet is the caller's. */
static bool checksum_is_right(const struct packet *packet,
			      const struct ipv4_info *info)
{
	u64 sum = checksum_pseudo(info->source, info->destination,
				  IPV4_PROTOCOL_UDP, (u16)packet->total);

	return checksum_fold(checksum_add(sum, packet->data, packet->length)) ==
	       0xffff;
}

/*
 * The packet with a datagram that is whole and right, or NULL: dropped. It may
 * be another one, where info->header does not matter any more.
 */
static struct packet *check(struct packet *packet, const struct ipv4_info *info)
{
	const struct udp_header *header = (const void *)packet->data;
	u16 length;

	if (packet->length < sizeof(*header)) {
		net_drop(packet, NET_DROP_SHORT);
		return NULL;
	}
	length = be16_to_cpu(header->length);
	if (length < sizeof(*header) || length > packet->total) {
		net_drop(packet, NET_DROP_SHORT);
		return NULL;
	}
	/* One that stands for several says how long each is, or all are. */
	if (packet->segmentation != PACKET_GSO_UDP_L4)
		packet_trim_to(packet, length);
	if (packet->checksum != PACKET_CHECKSUM_NONE || !header->checksum)
		return packet;
	packet = packet_linear(packet);
	if (!packet)
		net_count(NET_DROP_MEMORY);
	else if (!checksum_is_right(packet, info)) {
		net_drop(packet, NET_DROP_CHECKSUM);
		return NULL;
	}
	return packet;
}

static void refuse(struct packet *packet, const struct ipv4_info *info)
{
	icmp_send_unreachable(packet, info, ICMP_UNREACHABLE_PORT);
	net_drop(packet, NET_DROP_PORT);
}

void udp_deliver(struct packet *packet, const struct ipv4_info *info)
{
	const struct packet *came = packet;
	const struct udp_header *header;
	struct udp_socket *socket;
	struct bucket *bucket;
	bool taken = false, wake = false;

	packet = check(packet, info);
	if (unlikely(!packet))
		return;
	header = (const void *)packet->data;
	packet->source = info->source;
	packet->source_port = be16_to_cpu(header->source);
	bucket = bucket_of(be16_to_cpu(header->destination));
	spin_lock(&bucket->lock);
	socket = find(bucket, be16_to_cpu(header->destination), info->source,
		      packet->source_port, info, packet->device);
	if (likely(socket)) {
		packet_pull(packet, sizeof(*header));
		taken = enqueue(socket, packet);
		wake = taken && socket->waiting;
		if (wake)
			wake_one(&socket->readers);
	}
	spin_unlock(&bucket->lock);
	/* Of a copy the header is gone that would be quoted. */
	if (unlikely(!socket) && packet != came)
		net_drop(packet, NET_DROP_PORT);
	else if (unlikely(!socket))
		refuse(packet, info);
	else if (unlikely(!taken))
		net_drop(packet, NET_DROP_QUEUE);
}

void udp_unreachable(u16 port, u32 peer, u16 peer_port)
{
	struct bucket *bucket = bucket_of(port);

	spin_lock(&bucket->lock);
	for (struct udp_socket *it = bucket->first; it; it = it->next) {
		if (it->port != port || it->peer != peer ||
		    it->peer_port != peer_port)
			continue;
		set_error(it, -ECONNREFUSED);
	}
	spin_unlock(&bucket->lock);
}

static struct packet *forget(struct udp_socket *socket,
			     const struct net_device *net)
{
	struct packet *gone = NULL, **link = &socket->first, *it;

	socket->last = NULL;
	while ((it = *link)) {
		if (it->device != net) {
			socket->last = it;
			link = &it->next;
			continue;
		}
		*link = it->next;
		socket->queued_bytes -= packet_memory(it);
		it->next = gone;
		gone = it;
	}
	return gone;
}

void udp_forget(const struct net_device *net)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		struct bucket *bucket = &buckets[i];

		spin_lock(&bucket->lock);
		for (struct udp_socket *it = bucket->first; it; it = it->next) {
			free_queue(forget(it, net));
			if (it->device == net)
				it->device = NULL;
		}
		spin_unlock(&bucket->lock);
	}
}
