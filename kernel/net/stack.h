/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the protocols of the stack share. IPv4 addresses are numbers in host
 * order. Everything that handles packets runs with preemption disabled (see
 * netdev.h), does not sleep, and is not for interrupts.
 */
#pragma once

#include <abi/net/ethernet.h>
#include <abi/net/ipv4.h>
#include <kernel/byteorder.h>
#include <kernel/random.h>
#include <kernel/work.h>
#include "netdev.h"
#include "packet.h"

#define IPV4_BROADCAST 0xffffffffU
#define IPV4_LOOPBACK  0x7f000001U

/* Where Ethernet's payload begins in packets that the stack makes. */
#define IP_ROOM ETH_HEADER_LENGTH

/* Why a packet went no further: `nstat` shows how many. */
enum net_drop {
	NET_DROP_SHORT,	    /* cut off, or lengths that contradict */
	NET_DROP_OTHER,	    /* addressed to somebody else */
	NET_DROP_PROTOCOL,  /* not one of ours */
	NET_DROP_VLAN,	    /* with a tag that nobody wants */
	NET_DROP_HEADER,    /* an IP header that is none */
	NET_DROP_CHECKSUM,  /* IP's, ICMP's or UDP's */
	NET_DROP_MARTIAN,   /* from an address that cannot send */
	NET_DROP_FRAGMENT,  /* overlapping, too many, too late */
	NET_DROP_PORT,	    /* no socket */
	NET_DROP_QUEUE,	    /* the socket's queue is full */
	NET_DROP_ARP,	    /* nonsense, or ours claimed by another */
	NET_DROP_NEIGHBOUR, /* nobody said where to send it */
	NET_DROP_MEMORY,
	NET_DROP_RATE, /* an error message too many */
	NET_DROPS,
};

/** Free @packet and count it. */
void net_drop(struct packet *packet, enum net_drop why);
/** Count only. */
void net_count(enum net_drop why);
/** How many of them, since boot. */
u64 net_drop_count(enum net_drop why);

#define DNS_SERVERS_MAX 3

struct dhcp_client;

/* What the stack knows about a device. Changed under net_config. */
struct net_interface {
	u32 address; /* 0: none */
	u32 mask;    /* of its network */
	u32 dns[DNS_SERVERS_MAX];
	unsigned dns_count;
	bool loopback;
	bool any_destination; /* DHCP runs: take UDP to any address */
	struct dhcp_client *dhcp;
	/* A VLAN's: */
	struct net_device *parent;
	u16 vlan;
	struct net_device *device;
	struct work announce; /* tell the neighbours of the address */
	struct work boot;     /* do what ip= says */
};

static inline u32 prefix_mask(unsigned prefix)
{
	return prefix ? UINT32_MAX << (32 - prefix) : 0;
}

static inline bool is_multicast(u32 address)
{
	return address >> 28 == 0xe;
}

static inline bool is_loopback(u32 address)
{
	return address >> 24 == 127;
}

/** True if @address is the broadcast address of @interface's network. */
bool interface_is_broadcast(const struct net_interface *interface, u32 address);

/** The device that has @address, or NULL. */
struct net_device *interface_of_address(u32 address);

/**
 * Give @net @address (0: none) in a network of @prefix bits: routes to it come
 * and go with it. 0, -ENOMEM or -ENOSPC (no room for the route). Under
 * net_config.
 */
int interface_set_address(struct net_device *net, u32 address, unsigned prefix);

/** For @net: 0 or -ENOMEM. */
int interface_create(struct net_device *net);
/** Nothing of it is used any more. */
void interface_destroy(struct net_device *net);
/** @net is to go: it is not used for anything new. Under net_config. */
void interface_leave(struct net_device *net);

/* Routes (route.c). */

struct route {
	u32 destination, mask;
	u32 gateway; /* 0: the destination itself is the neighbour */
	u32 metric;  /* among equals the smallest counts */
	struct net_device *device;
};

#define ROUTES_MAX 32

/* What to do with a packet. */
struct route_result {
	struct net_device *device;
	u32 source;   /* the address to send from */
	u32 next_hop; /* the neighbour to send to */
	bool broadcast;
};

/** How to reach @destination. 0, -ENETUNREACH or -ENETDOWN. */
int route_lookup(u32 destination, struct route_result *result);
/** 0, -EEXIST or -ENOSPC. Under net_config. */
int route_add(const struct route *route);
/** The first that agrees in all but metric and, if 0, gateway. Or -ENOENT. */
int route_remove(const struct route *route);
/** All of @net. */
void route_remove_device(const struct net_device *net);
/** The @n-th, or false. */
bool route_get(unsigned n, struct route *route);

/* Neighbours (neighbour.c, arp.c). */

enum neighbour_state {
	NEIGHBOUR_INCOMPLETE, /* asked for */
	NEIGHBOUR_REACHABLE,  /* heard of lately */
	NEIGHBOUR_STALE,      /* heard of once: to be asked when used */
	NEIGHBOUR_PROBE,      /* asked again, and used meanwhile */
};

struct neighbour_info {
	struct net_device *device;
	u32 address;
	u8 hardware[ETH_ADDRESS_LENGTH];
	u8 state;
};

/**
 * Ethernet's address of @address by @net to @hardware: true. False: it is not
 * known now, see neighbour_send().
 */
bool neighbour_find(struct net_device *net, u32 address, u8 *hardware);
/**
 * Send @packet, which begins with IP's header, to the neighbour @address,
 * asking for it first if need be. 0 and it is gone, or net_transmit()'s
 * errors, and it is the caller's, as it was.
 */
int neighbour_send(struct net_device *net, u32 address, struct packet *packet);
/**
 * @address was heard of. @create: remember it although nobody asked. True if
 * it is known now.
 */
bool neighbour_heard(struct net_device *net, u32 address, const u8 *hardware,
		     bool create);
/** Forget all of @net's. */
void neighbour_forget(const struct net_device *net);
/** The @n-th, or false. */
bool neighbour_get(unsigned n, struct neighbour_info *info);

/** A packet with ARP's message was received. */
void arp_receive(struct net_device *net, struct packet *packet);
/** Ask who has @address; @to NULL: everybody. */
void arp_request(struct net_device *net, u32 address, const u8 *to);
/** Tell everybody who has @net's address. */
void arp_announce(struct net_device *net);

/* Ethernet (ethernet.c). */

/** Put a header before @packet. */
void ethernet_push(struct packet *packet, const struct net_device *net,
		   const u8 *destination, u16 type);

extern const u8 ethernet_broadcast[ETH_ADDRESS_LENGTH];

/* VLANs (vlan.c). */

/** The device for @vlan on @parent, or NULL. */
struct net_device *vlan_find(const struct net_device *parent, u16 vlan);
/** 0 or -errno. Not under net_config. */
int vlan_create(struct net_device *parent, const char *name, u16 vlan);
/** After net_begin_leaving(). Frees it. */
void vlan_destroy(struct net_device *net);
/** The one named @name: 0, -ENODEV, or -EINVAL (it is no VLAN). */
int vlan_remove(const char *name);

/* IPv4 (ipv4.c). */

/* Of a packet that was received, whose payload is at packet->data. */
struct ipv4_info {
	const struct ipv4_header *header; /* in front of the payload */
	u32 source, destination;
	u8 protocol;
	bool broadcast;
};

void ipv4_receive(struct net_device *net, struct packet *packet);

/** The payload of a whole datagram. */
void ipv4_deliver(struct packet *packet, const struct ipv4_info *info);

/**
 * Put IP's header before @packet, whose payload is at packet->data. Its
 * identification is a new one.
 */
struct ipv4_header *ipv4_push(struct packet *packet, u32 source,
			      u32 destination, u8 protocol);
/**
 * Send @packet, the payload, to @destination, in fragments if need be; its
 * checksum is complete. 0 or -errno; @packet is gone.
 */
int ipv4_send(struct packet *packet, u32 destination, u8 protocol);
/** A number for datagrams that may be fragmented. */
u16 ipv4_identification(void);

/**
 * @packet, the payload of one fragment at info->header: kept, until the whole
 * is there. The whole, or NULL.
 */
struct packet *reassembly_add(struct packet *packet, struct ipv4_info *info);
/** Forget what came by @net; NULL: what is too old. */
void reassembly_forget(const struct net_device *net);
/** Datagrams that are incomplete. */
unsigned reassembly_count(void);

/* ICMP (icmp.c). */

void icmp_receive(struct packet *packet, const struct ipv4_info *info);
/** Tell the sender of a packet, as it was received, that it cannot be. */
void icmp_send_unreachable(const struct packet *packet,
			   const struct ipv4_info *info, u8 code);

/* UDP (udp.c). */

void udp_deliver(struct packet *packet, const struct ipv4_info *info);
/**
 * ICMP says that a datagram from port @port of ours to @peer, port @peer_port,
 * did not get there.
 */
void udp_unreachable(u16 port, u32 peer, u16 peer_port);
/** No socket has packets of @net any more. */
void udp_forget(const struct net_device *net);
