/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP's sockets, between the way in, the way out and what they are. */
#pragma once

#include "stack.h"
#include <kernel/udp.h>

#define UDP_HEADERS \
 (IP_ROOM + sizeof(struct ipv4_header) + sizeof(struct udp_header))

/*
 * What all packets to one place begin with, worked out once, so that sending
 * one more is copying this. It holds while nothing has changed, which the
 * generation tells, and for one length of payload.
 */
struct udp_path {
	u32 generation;
	u32 destination;
	u16 port;
	bool resolved; /* the header is complete: else ask neighbour_send() */
	u32 length;    /* of the payload, in the header now */
	u32 room;      /* payload of one frame */
	u32 ip_sum;    /* IP's header but identification */
	u32 next_hop;
	struct net_device *device;
	struct {
		struct ethernet_header ethernet;
		struct ipv4_header ip;
		struct udp_header udp;
	} header;
};
_Static_assert(offsetof(struct udp_path, header) % 8 == 0, "copied by words");

struct udp_socket {
	struct udp_socket *next; /* in its bucket */
	u32 address;		 /* bound to; 0: any */
	u16 port;		 /* 0: not bound */
	u16 peer_port;
	u32 peer; /* connected; 0: to nobody */
	struct net_device *device;

	/* Received. Under the bucket's lock. */
	struct packet *first, *last;
	u32 queued_bytes; /* of memory */
	int error;	  /* to be told once */
	unsigned waiting; /* readers */
	struct udp_stats stats;
	struct wait_queue readers;

	/* To be sent. Under `lock`. */
	struct spinlock lock;
	u16 identification;
	struct udp_path path;
};

/** The lock of all sockets with @port's bucket. */
struct spinlock *udp_bucket_lock(u16 port);

/** Bind to any free port, unless it is bound. */
int udp_bind_any(struct udp_socket *socket);

/** Fill in @path to @destination. 0 or -errno. The socket's lock is held. */
int udp_path_find(struct udp_socket *socket, u32 destination, u16 port);
/** The header is to be for @length bytes from now on. */
void udp_path_set_length(struct udp_path *path, u32 length);
