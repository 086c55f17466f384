/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network devices, inside of the stack.
 *
 * Who only reads the list of devices, or uses one that was found there, does
 * so with preemption disabled: net_synchronize() waits until all who did are
 * done. Changes are made under net_config.
 */
#pragma once

#include <kernel/mutex.h>
#include <kernel/net.h>
#include <kernel/work.h>

/* Protects everything that is configured. Threads only. */
extern struct mutex net_config;

/*
 * Changes whenever a route, an address, a neighbour or a device does: what
 * was worked out before that is to be worked out again.
 */
extern u32 net_generation;

/** Something changed that net_generation stands for. Any context. */
void net_changed(void);

/** The first device; then device->next. In a reader, or under net_config. */
struct net_device *net_first(void);
/** By name, or NULL. The same. */
struct net_device *net_find(const char *name);

/**
 * The device @name, or NULL: there is none, or it is going away. It stays
 * until net_put(), so that is soon. In threads, without net_config.
 */
struct net_device *net_get(const char *name);
void net_put(struct net_device *net);
/**
 * That @net goes away is this caller's doing from now on: net_unregister() is
 * next. False: somebody else is at it. Under net_config.
 */
bool net_begin_leaving(struct net_device *net);

/**
 * All who used what was to be found before, with preemption disabled, are
 * done. In threads, which may sleep.
 */
void net_synchronize(void);

/** net_device_register() for what ip= does not mean. */
int net_register(struct net_device *net);
/** net_device_unregister() after net_begin_leaving(). */
void net_unregister(struct net_device *net);

/** Start @net: it moves packets. 0 or -errno. Under net_config. */
int net_open(struct net_device *net);
/** Stop it: nothing of the stack's is with it on return. The same. */
void net_close(struct net_device *net);
static inline bool net_is_open(const struct net_device *net)
{
	return READ_ONCE(net->pair[0].open);
}

/* Pollers (poller.c). */

int net_poller_start(struct net_pair *pair);
/** Also if there is none. */
void net_poller_stop(struct net_pair *pair);
/** What a poller does each time. True: there may be more. */
bool net_poll(struct net_pair *pair);

/* Sending (transmit.c). */

/* A feature that no device has. */
#define NET_CANNOT BIT(31)

/* Policy: packets that wait for room in a device's ring, for each pair. */
#define NET_QUEUE_MAX 256
/* With no more than these, senders who wait go on. */
#define NET_QUEUE_ROOM (NET_QUEUE_MAX / 2)

/**
 * Send @packet, a whole frame, by @net. 0, and it is gone. Or it stays the
 * caller's: -EAGAIN (too many wait: see net_room_wait()), -ENETDOWN (closed,
 * no link), -ENOMEM, -EINVAL. @more: as net_device_ops.transmit; who said so
 * and has nothing more calls net_transmit_end(). Preemption disabled, or
 * something else that keeps @net; not in interrupts.
 */
int net_transmit(struct net_device *net, struct packet *packet, bool more);
/** The same, and @packet is gone in any case: lost and counted. */
int net_transmit_or_drop(struct net_device *net, struct packet *packet);
/** At least so many packets like @packet will not be refused now. */
unsigned net_transmit_room(struct net_device *net, const struct packet *packet);
/** Nothing follows what was sent with @more. The same context. */
void net_transmit_end(struct net_device *net);

/** Send what waits, as far as there is room. Pollers. */
void net_transmit_queued(struct net_pair *pair);
/** Drop what waits, and count it. */
void net_transmit_drop_queued(struct net_pair *pair);

/** The caller is told of room from now on, until net_room_end(). */
void net_room_begin(void);
void net_room_end(void);
/** To be taken before net_transmit() is tried. */
unsigned net_room_token(void);
/** Wait until there was room since @token. False: not by @until_ns. */
bool net_room_wait(unsigned token, u64 until_ns);

/** A packet was lost before there was a pair to count it on. */
void net_count_dropped(struct net_device *net);
