/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UDP over IPv4 (RFC 768). Addresses and ports are numbers in host order. For
 * threads that may sleep; several may use one socket at a time.
 */
#pragma once

#include <kernel/sched.h>
#include <kernel/types.h>

/* The most that fits into one IP packet. */
#define UDP_PAYLOAD_MAX (65535 - 20 - 8)

/* Policy: what a socket keeps until it is asked for; the rest is dropped. */
#define UDP_QUEUE_BYTES (1024 * 1024) /* of memory, not of payload */

/* Policy: how long a sender waits for a device that is busy. */
#define UDP_SEND_TIMEOUT_MS 1000

struct udp_socket;
struct net_device;

struct udp_endpoint {
	u32 address; /* 0: any of this machine's */
	u16 port;    /* 0: one that is free */
};

/** A new socket, or NULL: no memory. */
struct udp_socket *udp_open(void);
/** End it. Nobody else uses it any more. */
void udp_close(struct udp_socket *socket);

/**
 * Receive what is sent to @local. Once for each socket; udp_send() does it for
 * one that is not bound. 0; -EINVAL (bound already), -EADDRINUSE or
 * -EADDRNOTAVAIL (not an address of this machine).
 */
int udp_bind(struct udp_socket *socket, const struct udp_endpoint *local);

/**
 * From now on receive from @peer only, and send to it where no other address
 * is given. 0, or as udp_bind().
 */
int udp_connect(struct udp_socket *socket, const struct udp_endpoint *peer);

/** Where it is bound to. */
void udp_get_local(const struct udp_socket *socket, struct udp_endpoint *local);

/**
 * Send @length bytes as one datagram to @to (NULL: the peer), in fragments if
 * it is longer than the device's frames. 0, which says that it is on its way
 * or waits for the neighbour's address; -EMSGSIZE (above UDP_PAYLOAD_MAX),
 * -EDESTADDRREQ, -ENETUNREACH, -ENETDOWN, -ENOBUFS (the device was too busy
 * for UDP_SEND_TIMEOUT_MS), -ENOMEM, -EINVAL, or as udp_bind().
 */
int udp_send(struct udp_socket *socket, const struct udp_endpoint *to,
	     const void *data, size_t length);

/**
 * Send @length bytes in datagrams of @segment bytes each, the last one shorter
 * if it must be: as so many udp_send(), but worked out once. @segment must fit
 * into a frame: else -EMSGSIZE.
 */
int udp_send_segments(struct udp_socket *socket, const struct udp_endpoint *to,
		      const void *data, size_t length, size_t segment);

/**
 * Wait for a datagram until time_ns() has reached @until_ns, and copy up to
 * @size bytes of it to @data; what does not fit is lost. Its length, which may
 * be more than @size; -ETIMEDOUT; -ECONNREFUSED (the peer said that nobody is
 * there, once for each time); -ECANCELED; -EINVAL (not bound). *@from, unless
 * NULL, is whom it came from.
 */
long udp_receive(struct udp_socket *socket, struct udp_endpoint *from,
		 void *data, size_t size, u64 until_ns);

/** Let it send and receive by @net alone, whatever routes say. NULL: by any. */
void udp_set_device(struct udp_socket *socket, struct net_device *net);

/** Have one udp_receive(), now or the next time, return -ECANCELED. */
void udp_cancel(struct udp_socket *socket);

struct udp_stats {
	u64 received; /* datagrams that udp_receive() has or will get */
	u64 dropped;  /* for want of room */
};
void udp_get_stats(struct udp_socket *socket, struct udp_stats *stats);
