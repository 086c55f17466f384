/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network devices and packets: the contract between drivers, which move
 * Ethernet frames, and the stack above them (kernel/net/).
 *
 * A device has queue pairs. Each has a thread, its poller, which the driver
 * wakes from its interrupt; the poller has the driver hand up what was
 * received and give back what was sent, a budget's worth at a time, and lets
 * interrupts come again when there was less. So a busy device costs no
 * interrupts. Queues are used by any CPU; senders choose the pair of theirs.
 */
#pragma once

#include <kernel/device.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>

struct net_device;

#define ETH_ADDRESS_LENGTH 6
#define ETH_HEADER_LENGTH  14
#define NET_NAME_MAX	   16
#define NET_PAIRS_MAX	   64
#define NET_MTU_MIN	   68	 /* RFC 791 */
#define NET_MTU_MAX	   65535 /* of the payload of a frame */
#define NET_MTU_DEFAULT	   1500

/* Room that every packet to be sent has before its frame. */
#define PACKET_HEADROOM 64
/* Fragments behind a packet's head: 64 KiB in pages, and one page torn. */
#define PACKET_FRAGMENTS_MAX 17

enum packet_checksum {
	PACKET_CHECKSUM_NONE,	  /* received: nobody looked; sent: complete */
	PACKET_CHECKSUM_PARTIAL,  /* from start on it is to be put at offset */
	PACKET_CHECKSUM_VERIFIED, /* received: found right by the device */
};

/* What a packet larger than a frame is to be cut into, or was made of. */
enum packet_segmentation {
	PACKET_GSO_NONE,
	PACKET_GSO_TCPV4,
	PACKET_GSO_TCPV6,
	PACKET_GSO_UDP,	   /* IP fragments (UFO) */
	PACKET_GSO_UDP_L4, /* datagrams (USO) */
};

struct packet_fragment {
	void *data; /* in the direct map */
	u32 length;
};

/*
 * One frame, or with segmentation several. The head is memory of the packet;
 * the frame begins at `data`, somewhere in it, and goes on in the fragments.
 * Who has a packet owns it, until it is handed on or freed.
 */
struct packet {
	struct packet *next; /* whose queue it is in */
	struct net_device *device;
	u8 *head, *end;	 /* the head's memory */
	u8 *data;	 /* of the frame */
	u32 length;	 /* in the head, from data on */
	u32 total;	 /* and with the fragments */
	u8 checksum;	 /* enum packet_checksum */
	u8 segmentation; /* enum packet_segmentation */
	bool ecn;	 /* with a TCP segmentation: CWR is set */
	u8 fragments;
	u16 checksum_start, checksum_offset; /* from data; offset from start */
	u16 segment_size;		     /* payload of each */
	u16 header_length;		     /* of all headers, from data */
	u16 pair;			     /* it came from */
	u32 hash;			     /* of its flow, or 0 */
	struct packet_fragment fragment[PACKET_FRAGMENTS_MAX];
	/* Gives the memory of everything back; may be called anywhere. */
	void (*release)(struct packet *packet);
	void *owner; /* release()'s */
	/* The stack's while it has the packet: whom it came from. */
	u32 source;
	u16 source_port;
};

/* What a device can do: the stack uses what both know. */
enum net_feature {
	NET_TX_CHECKSUM = BIT(0), /* completes partial ones */
	NET_RX_CHECKSUM = BIT(1), /* verifies, or passes partial ones */
	NET_TSO4 = BIT(2),
	NET_TSO6 = BIT(3),
	NET_UFO = BIT(4),
	NET_USO = BIT(5),
	NET_FRAGMENTS = BIT(6),	  /* sends packets with fragments */
	NET_LARGE_RX = BIT(7),	  /* receives packets with segmentation */
	NET_VLAN_FILTER = BIT(8), /* drops VLANs that were not asked for */
	NET_LOOPBACK = BIT(9),	  /* what is sent comes back: "lo" */
};

struct net_counters {
	u64 packets, bytes;
	u64 dropped; /* no memory, no room, or refused */
	u64 errors;  /* the device's or the peer's fault */
};

/*
 * A pair of queues, and its poller. Drivers see device, index, cpu, data and
 * the transmit lock; they may count errors, which the stack cannot see.
 */
struct net_pair {
	struct net_device *device;
	unsigned index;
	unsigned cpu; /* its poller's: where interrupts are best taken */
	void *data;   /* the driver's */
	/*
	 * transmit() is called with it held. A driver whose poll() works on
	 * the same ring takes it there too. In threads only: interrupt
	 * handlers never need it.
	 */
	struct spinlock transmit_lock;
	struct net_counters rx; /* the poller's */
	struct net_counters tx; /* under the transmit lock */
	/* The stack's from here on. Under the transmit lock: */
	bool open;
	unsigned queued; /* packets for which transmit() had no room */
	struct packet *queue, *queue_last;
	/* The poller's. */
	bool woken;
	bool stopping;
	struct wait_queue wake;
	struct thread *poller;
};

/* Exits and interrupts that moving packets took. */
struct net_costs {
	u64 notifications; /* the device was told */
	u64 interrupts;	   /* it interrupted */
};

enum net_filter_mode {
	NET_RX_PROMISCUOUS = BIT(0),
	NET_RX_ALL_MULTICAST = BIT(1),
};

struct net_filter {
	unsigned modes; /* enum net_filter_mode */
	unsigned multicasts;
	const u8 (*multicast)[ETH_ADDRESS_LENGTH];
};

struct net_device_ops {
	/*
	 * Start and stop moving packets. open() in a thread: 0 or -errno. On
	 * return of stop() no packet of the stack's is with the driver.
	 */
	int (*open)(struct net_device *net);
	void (*stop)(struct net_device *net);
	/*
	 * Send @packet: the driver's until it is sent or lost, then released.
	 * 0; -ENOSPC, and it stays the caller's: no room until
	 * net_transmit_ready(). Under the pair's transmit lock, any context but
	 * NMI; @more says that another call follows at once, so that the device
	 * may be told of both together; or flush(), if there is no other.
	 */
	int (*transmit)(struct net_pair *pair, struct packet *packet,
			bool more);
	/*
	 * In the poller: hand up to @budget received packets to net_receive(),
	 * and release what was sent. How many were received; less than @budget
	 * means that there is no more now.
	 */
	unsigned (*poll)(struct net_pair *pair, unsigned budget);
	/*
	 * In the poller, after a poll of less than its budget: let the device
	 * interrupt. False if something came in between: poll again.
	 */
	bool (*arm)(struct net_pair *pair);
	/* In threads; each may be NULL: it cannot. 0 or -errno. */
	int (*set_address)(struct net_device *net, const u8 *address);
	int (*set_mtu)(struct net_device *net, unsigned mtu);
	int (*set_filter)(struct net_device *net,
			  const struct net_filter *filter);
	int (*set_vlan)(struct net_device *net, u16 vlan, bool wanted);
	int (*set_offloads)(struct net_device *net, u32 rx_features);
	/*
	 * Tell the device of what transmit() was given with @more: there is no
	 * further packet after all. Called as transmit() is. NULL: @more is
	 * always false.
	 */
	void (*flush)(struct net_pair *pair);
	/*
	 * What @pair's queues have cost since they were opened, for `ip -s
	 * link` and `bench net`. In threads.
	 */
	void (*get_costs)(struct net_pair *pair, struct net_costs *costs);
};

/*
 * The driver sets name ("" for "eth<n>"), ops, parent, address, mtu, mtu_max,
 * features and pairs_max, with all else 0; the rest is the stack's.
 */
struct net_device {
	char name[NET_NAME_MAX];
	const struct net_device_ops *ops;
	struct device *parent; /* or NULL */
	void *data;	       /* the driver's */
	u8 address[ETH_ADDRESS_LENGTH];
	u16 mtu, mtu_max;
	u32 features; /* enum net_feature */
	bool link;    /* net_set_link() */
	u32 speed;    /* Mbit/s, or 0: unknown */
	unsigned pairs_max, pairs;
	struct net_pair *pair;		 /* `pairs_max` of them */
	struct net_interface *interface; /* the stack's, as what follows */
	unsigned users;			 /* who have it from net_get() */
	bool leaving;			 /* and nobody new may */
	struct net_device *next;
};

/**
 * Add @net, whose memory is the driver's. Opening is the stack's decision and
 * comes later. 0, -EEXIST, -EINVAL or -ENOMEM. In threads.
 */
int net_device_register(struct net_device *net);
/** Take it away, stopped: nothing of it is used on return. In threads. */
void net_device_unregister(struct net_device *net);

/** The link came or went; with @announce its neighbours should be told. Any. */
void net_set_link(struct net_device *net, bool up, bool announce);

/** There is something to poll on @pair. Any context. */
void net_wake(struct net_pair *pair);
/** After -ENOSPC of transmit(): there is room again. Any context. */
void net_transmit_ready(struct net_pair *pair);

/**
 * A frame was received: @packet is the stack's. From poll(), in its pair's
 * poller.
 */
void net_receive(struct net_pair *pair, struct packet *packet);

/**
 * A packet for a frame of up to @length bytes, all in its head, with
 * PACKET_HEADROOM in front. NULL when there is no memory. Any context but NMI.
 */
struct packet *packet_alloc(unsigned length);
/* packet_alloc() takes lengths up to this one out of a cache of the CPU's. */
#define PACKET_CACHED_MAX 1600
static inline void packet_free(struct packet *packet)
{
	packet->release(packet);
}
