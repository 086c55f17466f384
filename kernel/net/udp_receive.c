/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking datagrams out of a socket. */
#include "udp.h"
#include <kernel/errno.h>
#include <kernel/time.h>

/* What udp_receive() was asked for. */
struct request {
	struct udp_endpoint *from;
	void *data;
	size_t size;
};

/* Copy the datagram of @length bytes from @offset on. */
static void copy_out(const struct packet *packet, unsigned offset,
		     unsigned length, const struct request *request)
{
	unsigned bytes = (unsigned)MIN(length, request->size);

	if (request->from)
		*request->from = (struct udp_endpoint){ packet->source,
							packet->source_port };
	(void)packet_copy(packet, offset, request->data, bytes);
}

/* The next of those that came as one. True if it was the last. */
static bool copy_segment(struct packet *packet, const struct request *request,
			 long *length)
{
	/* Nothing else needs these any more: how many bytes are gone. */
	unsigned done = packet->hash;
	unsigned bytes = MIN(packet->segment_size, packet->total - done);

	copy_out(packet, done, bytes, request);
	*length = bytes;
	packet->hash = done + bytes;
	return packet->hash >= packet->total;
}

static bool has_segments(const struct packet *packet)
{
	return packet->segmentation == PACKET_GSO_UDP_L4 &&
	       packet->segment_size;
}

static void unqueue(struct udp_socket *socket, struct packet *packet)
{
	socket->first = packet->next;
	socket->queued_bytes -= packet_memory(packet);
}

/*
 * Under the bucket's lock: a packet to be copied and freed, or NULL; *@result
 * then is udp_receive()'s, or -EAGAIN: nothing there.
 */
static struct packet *take(struct udp_socket *socket,
			   const struct request *request, long *result,
			   struct packet **finished)
{
	struct packet *packet = socket->first;

	*result = -EAGAIN;
	if (unlikely(!packet)) {
		if (socket->error)
			*result = socket->error;
		socket->error = 0;
		return NULL;
	}
	if (unlikely(has_segments(packet))) {
		if (copy_segment(packet, request, result)) {
			unqueue(socket, packet);
			*finished = packet;
		}
		return NULL;
	}
	unqueue(socket, packet);
	return packet;
}

/*
 * Preemption is disabled until the packet is freed, which may be its driver's:
 * see net_synchronize().
 */
static long try_receive(struct udp_socket *socket,
			const struct request *request)
{
	struct spinlock *lock = udp_bucket_lock(socket->port);
	struct packet *packet, *finished = NULL;
	long result;

	preempt_disable();
	spin_lock(lock);
	packet = take(socket, request, &result, &finished);
	spin_unlock(lock);
	if (likely(packet)) {
		result = packet->total;
		copy_out(packet, 0, packet->total, request);
		packet_free(packet);
	}
	if (finished)
		packet_free(finished);
	preempt_enable();
	return result;
}

static void count_reader(struct udp_socket *socket, int change)
{
	struct spinlock *lock = udp_bucket_lock(socket->port);

	spin_lock(lock);
	socket->waiting += (unsigned)change;
	spin_unlock(lock);
}

static __noinline long wait_and_receive(struct udp_socket *socket,
					const struct request *request,
					u64 until_ns)
{
	long result;

	count_reader(socket, 1);
	do {
		result = try_receive(socket, request);
	} while (result == -EAGAIN &&
		 wait_event_until(&socket->readers,
				  READ_ONCE(socket->first) ||
					  READ_ONCE(socket->error),
				  until_ns));
	count_reader(socket, -1);
	return result == -EAGAIN ? -ETIMEDOUT : result;
}

long udp_receive(struct udp_socket *socket, struct udp_endpoint *from,
		 void *data, size_t size, u64 until_ns)
{
	struct request request = { from, data, size };
	long result;

	if (!socket->port)
		return -EINVAL;
	result = try_receive(socket, &request);
	if (result == -EAGAIN)
		result = wait_and_receive(socket, &request, until_ns);
	return result;
}
