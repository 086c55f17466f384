/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network device's driver, inside: virtio 1.3, 5.1.
 *
 *	virtio_net.c		features, binding, opening
 *	virtio_net_config.c	what the device says about itself
 *	virtio_net_ctrl.c	one command at a time
 *	virtio_net_filter.c	commands: addresses, filters, offloads
 *	virtio_net_steer.c	commands: pairs of queues, hashes, coalescing
 *	virtio_net_header.c	what is before each packet
 *	virtio_net_pool.c	memory that is received into
 *	virtio_net_rx.c		receiving
 *	virtio_net_tx.c		sending
 *
 * Who may do what: a receive queue is its poller's while the device is open,
 * a transmit queue its holder's of the pair's transmit lock, the control
 * queue its holder's of ctrl.lock. Opening, stopping and the end of a broken
 * device exclude each other by vn->lock.
 */
#pragma once

#include <abi/virtio/net.h>
#include <drivers/virtio.h>
#include <kernel/completion.h>
#include <kernel/mm/page.h>
#include <kernel/mutex.h>
#include <kernel/net.h>
#include <kernel/timer.h>

/* Policy: descriptors of a queue; memory to receive into is its pages. */
#define VIRTNET_QUEUE_MAX 256
/* Policy: pages of a receive queue whose buffers have several. */
#define VIRTNET_BIG_PAGES_MAX 512
/* Policy: how long a device may take for what is done at once. */
#define VIRTNET_COMMAND_TIMEOUT_MS 5000
#define VIRTNET_DRAIN_TIMEOUT_MS   3000
/* Policy: when there was no memory to receive into. */
#define VIRTNET_RETRY_MS 10

/* A frame, and what its tags may add (IEEE 802.1Q). */
#define VIRTNET_VLAN_TAG 4

/* What of the negotiation each packet depends on. */
struct virtnet_format {
	u8 header;	/* bytes of it */
	bool mergeable; /* frames go over several buffers */
	bool separate;	/* the header needs a descriptor of its own */
	bool large;	/* packets with segmentation are received */
	u32 frame_max;	/* bytes of a frame that is no large packet */
	u64 features;	/* bits 0 to 63 */
};

static inline bool virtnet_can(const struct virtnet_format *format,
			       unsigned bit)
{
	return format->features & BIT64(bit);
}

/**
 * Bits 0 to 63 of @features without those that need others (5.1.3.1), or that
 * this driver could not follow the specification with.
 */
u64 virtnet_prune_features(u64 features);
/** What follows from @features; @mtu is the device's limit, or 0. */
struct virtnet_format virtnet_make_format(u64 features, bool legacy,
					  unsigned mtu);

/* Receive memory (virtio_net_pool.c). */

/*
 * One page. The header is written right before where the frame begins; what
 * of a frame did not fit follows in other pages, from the place of the header
 * on.
 */
struct rx_buffer {
	struct packet packet; /* of a frame that begins here */
	struct rx_pool *pool;
	struct rx_buffer *next; /* of the same frame, or of a list */
	struct rx_buffer *last; /* of the same frame; in its first */
};

/* An IP header behind the frame's is aligned to 4. */
#define RX_FRAME_AT \
 (ALIGN_UP(sizeof(struct rx_buffer) + VIRTIO_NET_HDR_HASH, (size_t)4) + 2)
/* Bytes from there to the page's end. */
#define RX_ROOM ((u32)(PAGE_SIZE - RX_FRAME_AT))
/* Pages of one frame: what a packet can describe. */
#define RX_PAGES_MAX (1 + PACKET_FRAGMENTS_MAX)

_Static_assert(RX_PAGES_MAX *RX_ROOM >= VIRTIO_NET_LARGE_FRAME,
	       "the largest packet (5.1.6.3) fits");
_Static_assert(PACKET_HEADROOM >= VIRTIO_NET_HDR_HASH,
	       "headers are written before the frame");

static inline u8 *rx_buffer_frame(struct rx_buffer *buffer)
{
	return (u8 *)buffer + RX_FRAME_AT;
}

/*
 * Pages that the stack is done with come back from any CPU. The pool is there
 * until it was closed and all have.
 */
struct rx_pool {
	struct rx_buffer *free; /* the poller's own */
	unsigned free_count;
	unsigned keep;		    /* policy: no more free ones than this */
	struct rx_buffer *returned; /* atomic */
	unsigned references;	    /* pages, and its owner; atomic */
};

struct rx_pool *rx_pool_create(unsigned keep);
/** No more is taken. Pages that are out find out when they come back. */
void rx_pool_close(struct rx_pool *pool);
/** A page, or NULL: no memory. The poller. */
struct rx_buffer *rx_pool_take(struct rx_pool *pool);
/** Give @buffer and all that follow it back. The poller. */
void rx_pool_put(struct rx_pool *pool, struct rx_buffer *buffer);
/** packet.release(): any context. */
void rx_pool_release(struct packet *packet);

/* Pairs. */

struct virtnet_rx {
	struct virtqueue *vq;
	struct rx_pool *pool;
	unsigned pages;	 /* of each posted buffer */
	unsigned target; /* buffers to be posted */
	unsigned batch;	 /* policy: that many at once */
	bool armed;	 /* its callback is enabled */
	/* A frame whose buffers are coming. */
	struct rx_buffer *frame;
	unsigned missing; /* buffers */
	bool bad;	  /* it will be dropped */
	struct virtio_net_hdr header;
	struct timer retry;
	struct virtqueue_stats before; /* it was opened */
};

struct virtnet_tx {
	struct virtqueue *vq;
	bool stopped;  /* there was no room: its callback is enabled */
	bool watched;  /* the timer was started */
	bool due;      /* it has run; atomic */
	unsigned seen; /* outstanding when it was started */
	struct timer timer;
	struct virtqueue_stats before; /* it was opened */
};

struct virtnet_pair {
	struct virtnet *vn;
	struct virtnet_rx rx;
	struct virtnet_tx tx;
	/* Protects the following, which interrupts wake. */
	struct spinlock wake_lock;
	struct net_pair *net; /* NULL: closed */
};

/** Wake the poller, if there is one. Any context. */
void virtnet_wake(struct virtnet_pair *pair);

/* The control queue (virtio_net_ctrl.c). */

#define VIRTNET_COMMAND_BYTES 512
#define VIRTNET_COMMAND_PARTS 4

/* Read and written by the device. */
struct virtnet_command {
	struct virtio_net_ctrl_hdr hdr;
	u8 ack;
	u8 data[VIRTNET_COMMAND_BYTES];
};

struct virtnet_ctrl {
	struct virtqueue *vq; /* NULL: the device has none */
	struct mutex lock;
	struct completion done;
	struct virtnet_command *command;
	bool ended;	  /* no more commands */
	unsigned refused; /* answers other than VIRTIO_NET_OK */
};

struct virtnet {
	struct virtio_device *vdev;
	struct net_device net;
	struct virtnet_format format;
	unsigned pairs;	    /* that have queues */
	unsigned rss_table; /* entries it can have */
	u32 hash_types;	    /* of those it knows */
	bool own_address;   /* made up: the device does not know it */
	struct virtnet_ctrl ctrl;
	struct mutex lock;
	bool registered;
	bool failed;		    /* the device was reset for good */
	struct virtnet_pair pair[]; /* `pairs` of them */
};

extern const struct virtio_driver virtio_net_driver;

static inline bool virtnet_has(const struct virtnet *vn, unsigned bit)
{
	return virtnet_can(&vn->format, bit);
}

static inline struct virtnet *to_virtnet(struct net_device *net)
{
	return container_of(net, struct virtnet, net);
}

/* What the device says about itself (virtio_net_config.c). */

/** For virtio_driver.validate(). */
int virtnet_validate(struct virtio_device *vdev,
		     struct virtio_features *features);
/** Pairs that the device has, at least 1: its control queue is behind them. */
unsigned virtnet_device_pairs(struct virtio_device *vdev);
/** Fill in vn->net and the rest that does not change. */
void virtnet_read_identity(struct virtnet *vn);
/** Link and speed as they are now. True: it wants to be announced. */
bool virtnet_read_status(struct virtnet *vn, bool *up);

/* Commands. In threads; 0, -EIO (refused, or broken) or -ETIMEDOUT. */

/** @parts are copied, each into a descriptor of its own. */
int virtnet_command(struct virtnet *vn, u8 class, u8 command,
		    const struct virtio_segment *parts, unsigned count);
void virtnet_command_done(struct virtqueue *vq);
/** Wait for the last command; further ones fail with -EIO. */
void virtnet_command_end(struct virtnet *vn);

int virtnet_set_address(struct net_device *net, const u8 *address);
int virtnet_set_filter(struct net_device *net, const struct net_filter *filter);
int virtnet_set_vlan(struct net_device *net, u16 vlan, bool wanted);
int virtnet_set_offloads(struct net_device *net, u32 rx_features);
int virtnet_set_mtu(struct net_device *net, unsigned mtu);
int virtnet_announced(struct virtnet *vn);

/** Use @pairs of them from now on, and hashes as the device can. */
int virtnet_steer(struct virtnet *vn, unsigned pairs);
/** Have it interrupt less, where it can be told. */
void virtnet_coalesce(struct virtnet *vn, unsigned pairs);

/* Headers (virtio_net_header.c). */

/**
 * Describe in @packet, whose data, length and total are set, what @hdr says.
 * 0, or -EBADMSG: it makes no sense.
 */
int virtnet_read_header(const struct virtnet_format *format,
			const struct virtio_net_hdr *hdr,
			struct packet *packet);
/**
 * Write to the format->header bytes at @hdr what @packet asks for: 0, or
 * -EINVAL when the device cannot do that.
 */
int virtnet_write_header(const struct virtnet_format *format,
			 const struct packet *packet,
			 struct virtio_net_hdr *hdr);

/* Moving packets. */

/** Descriptors of one buffer to receive into. */
u16 virtnet_rx_segments(const struct virtnet_format *format);
/** Make @rx, whose queue exists, ready. 0; -ENOMEM; -EINVAL: a tiny queue. */
int virtnet_rx_init(struct virtnet_pair *pair);
/** Throw away what came in, and post buffers. 0 or -ENOMEM. */
int virtnet_rx_open(struct virtnet_pair *pair);
void virtnet_rx_stop(struct virtnet_pair *pair);
/** Take back all buffers of a device that was reset. */
void virtnet_rx_free(struct virtnet_pair *pair);
unsigned virtnet_rx_poll(struct virtnet_pair *pair, unsigned budget);
bool virtnet_rx_arm(struct virtnet_pair *pair);

/** As net_device_ops. */
int virtnet_transmit(struct net_pair *net, struct packet *packet, bool more);
/** Release what was sent. Under the pair's transmit lock. */
void virtnet_tx_reclaim(struct virtnet_tx *tx);
/** In the poller. */
void virtnet_tx_poll(struct virtnet_pair *pair);
/** Wait until all was sent, or see to it that it ends. */
void virtnet_tx_stop(struct virtnet_pair *pair);
/** Take back all of a device that was reset: it was not sent. */
void virtnet_tx_free(struct virtnet_pair *pair);
