/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network device: virtio 1.3, 5.1. The legacy interface has all fields in
 * the guest's byte order, which is little-endian on all that we run on.
 */
#pragma once

#include <kernel/types.h>

/* Virtqueues (5.1.2): receiveq1, transmitq1, ..., and behind all controlq. */
#define VIRTIO_NET_RX_QUEUE(pair) (2 * (pair))
#define VIRTIO_NET_TX_QUEUE(pair) (2 * (pair) + 1)

/* Feature bits (5.1.3). */
#define VIRTIO_NET_F_CSUM		 0
#define VIRTIO_NET_F_GUEST_CSUM		 1
#define VIRTIO_NET_F_CTRL_GUEST_OFFLOADS 2
#define VIRTIO_NET_F_MTU		 3
#define VIRTIO_NET_F_MAC		 5
#define VIRTIO_NET_F_GSO		 6 /* legacy (5.1.3.2) */
#define VIRTIO_NET_F_GUEST_TSO4		 7
#define VIRTIO_NET_F_GUEST_TSO6		 8
#define VIRTIO_NET_F_GUEST_ECN		 9
#define VIRTIO_NET_F_GUEST_UFO		 10
#define VIRTIO_NET_F_HOST_TSO4		 11
#define VIRTIO_NET_F_HOST_TSO6		 12
#define VIRTIO_NET_F_HOST_ECN		 13
#define VIRTIO_NET_F_HOST_UFO		 14
#define VIRTIO_NET_F_MRG_RXBUF		 15
#define VIRTIO_NET_F_STATUS		 16
#define VIRTIO_NET_F_CTRL_VQ		 17
#define VIRTIO_NET_F_CTRL_RX		 18
#define VIRTIO_NET_F_CTRL_VLAN		 19
#define VIRTIO_NET_F_CTRL_RX_EXTRA	 20
#define VIRTIO_NET_F_GUEST_ANNOUNCE	 21
#define VIRTIO_NET_F_MQ			 22
#define VIRTIO_NET_F_CTRL_MAC_ADDR	 23
#define VIRTIO_NET_F_VQ_NOTF_COAL	 52
#define VIRTIO_NET_F_NOTF_COAL		 53
#define VIRTIO_NET_F_GUEST_USO4		 54
#define VIRTIO_NET_F_GUEST_USO6		 55
#define VIRTIO_NET_F_HOST_USO		 56
#define VIRTIO_NET_F_HASH_REPORT	 57
#define VIRTIO_NET_F_GUEST_HDRLEN	 59
#define VIRTIO_NET_F_RSS		 60
#define VIRTIO_NET_F_SPEED_DUPLEX	 63

/* Device configuration (5.1.4); what is not negotiated is not there. */
struct virtio_net_config {
	u8 mac[6];
	le16 status;
	le16 max_virtqueue_pairs;
	le16 mtu;
	le32 speed;
	u8 duplex;
	u8 rss_max_key_size;
	le16 rss_max_indirection_table_length;
	le32 supported_hash_types;
};
_Static_assert(sizeof(struct virtio_net_config) == 24, "5.1.4");
_Static_assert(offsetof(struct virtio_net_config, speed) == 12, "5.1.4");
_Static_assert(offsetof(struct virtio_net_config, supported_hash_types) == 20,
	       "5.1.4");

#define VIRTIO_NET_S_LINK_UP  1
#define VIRTIO_NET_S_ANNOUNCE 2

#define VIRTIO_NET_PAIRS_MAX	 0x8000 /* of max_virtqueue_pairs */
#define VIRTIO_NET_MTU_MIN	 68
#define VIRTIO_NET_SPEED_MAX	 0x7fffffff /* above: unknown */
#define VIRTIO_NET_RSS_KEY_MIN	 40	    /* of rss_max_key_size */
#define VIRTIO_NET_RSS_TABLE_MIN 128 /* of rss_max_indirection_table_length */

/* What is before every packet (5.1.6). Anywhere in memory: packed. */
struct virtio_net_hdr {
	u8 flags;
	u8 gso_type;
	le16 hdr_len;
	le16 gso_size;
	le16 csum_start;
	le16 csum_offset;
	le16 num_buffers; /* legacy: with VIRTIO_NET_F_MRG_RXBUF only */
	/* With VIRTIO_NET_F_HASH_REPORT only. */
	le32 hash_value;
	le16 hash_report;
	le16 padding_reserved;
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_net_hdr) == 20, "5.1.6");
_Static_assert(offsetof(struct virtio_net_hdr, num_buffers) == 10, "5.1.6");
_Static_assert(offsetof(struct virtio_net_hdr, hash_value) == 12, "5.1.6");

#define VIRTIO_NET_HDR_LEGACY 10
#define VIRTIO_NET_HDR_MODERN 12
#define VIRTIO_NET_HDR_HASH   20

#define VIRTIO_NET_HDR_F_NEEDS_CSUM 1
#define VIRTIO_NET_HDR_F_DATA_VALID 2

#define VIRTIO_NET_HDR_GSO_NONE	  0
#define VIRTIO_NET_HDR_GSO_TCPV4  1
#define VIRTIO_NET_HDR_GSO_UDP	  3
#define VIRTIO_NET_HDR_GSO_TCPV6  4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#define VIRTIO_NET_HDR_GSO_ECN	  0x80 /* beside a TCP one */

/* The longest frame with segmentation (5.1.6.3): Ethernet and 64 KiB IPv6. */
#define VIRTIO_NET_LARGE_FRAME 65589

/* hash_types (5.1.6.4.3.1), and what is reported of each (5.1.6.4.4). */
#define VIRTIO_NET_HASH_TYPE_IPV4  0x001
#define VIRTIO_NET_HASH_TYPE_TCPV4 0x002
#define VIRTIO_NET_HASH_TYPE_UDPV4 0x004
#define VIRTIO_NET_HASH_TYPE_IPV6  0x008
#define VIRTIO_NET_HASH_TYPE_TCPV6 0x010
#define VIRTIO_NET_HASH_TYPE_UDPV6 0x020
#define VIRTIO_NET_HASH_TYPES_KNOWN                        \
 (VIRTIO_NET_HASH_TYPE_IPV4 | VIRTIO_NET_HASH_TYPE_TCPV4 | \
  VIRTIO_NET_HASH_TYPE_UDPV4 | VIRTIO_NET_HASH_TYPE_IPV6 | \
  VIRTIO_NET_HASH_TYPE_TCPV6 | VIRTIO_NET_HASH_TYPE_UDPV6)
#define VIRTIO_NET_HASH_REPORT_NONE 0
#define VIRTIO_NET_HASH_REPORT_MAX  9 /* type 1 << (9 - 1) */

/* Commands (5.1.6.5): class and command, data, and the device's answer. */
struct virtio_net_ctrl_hdr {
	u8 class;
	u8 command;
};
_Static_assert(sizeof(struct virtio_net_ctrl_hdr) == 2, "5.1.6.5");

#define VIRTIO_NET_OK  0
#define VIRTIO_NET_ERR 1

#define VIRTIO_NET_CTRL_RX	    0 /* one byte: on or off */
#define VIRTIO_NET_CTRL_RX_PROMISC  0
#define VIRTIO_NET_CTRL_RX_ALLMULTI 1

/*
 * Two tables (5.1.6.5.2), of unicast and of multicast addresses, each an le32
 * with their number and the addresses.
 */
#define VIRTIO_NET_CTRL_MAC	      1
#define VIRTIO_NET_CTRL_MAC_TABLE_SET 0
#define VIRTIO_NET_CTRL_MAC_ADDR_SET  1 /* six bytes */

#define VIRTIO_NET_CTRL_VLAN	 2 /* le16 */
#define VIRTIO_NET_CTRL_VLAN_ADD 0
#define VIRTIO_NET_CTRL_VLAN_DEL 1

#define VIRTIO_NET_CTRL_ANNOUNCE     3
#define VIRTIO_NET_CTRL_ANNOUNCE_ACK 0

#define VIRTIO_NET_CTRL_MQ		4
#define VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET 0 /* le16 */
#define VIRTIO_NET_CTRL_MQ_RSS_CONFIG	1
#define VIRTIO_NET_CTRL_MQ_HASH_CONFIG	2

/* RSS_CONFIG (5.1.6.5.7.1) begins like this; entries of le16 follow, ... */
struct virtio_net_rss_config {
	le32 hash_types;
	le16 indirection_table_mask; /* their number - 1 */
	le16 unclassified_queue;     /* a queue: its receive queue's index/2 */
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_net_rss_config) == 8, "5.1.6.5.7.1");

/* ... and behind these, this and the key. */
struct virtio_net_rss_tail {
	le16 max_tx_vq;
	u8 hash_key_length;
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_net_rss_tail) == 3, "5.1.6.5.7.1");

/* HASH_CONFIG (5.1.6.5.6.4), and behind it the key. */
struct virtio_net_hash_config {
	le32 hash_types;
	le16 reserved[4];
	u8 hash_key_length;
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_net_hash_config) == 13, "5.1.6.5.6.4");

#define VIRTIO_NET_CTRL_GUEST_OFFLOADS	   5
#define VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET 0 /* le64: feature bits */

#define VIRTIO_NET_CTRL_NOTF_COAL	 6
#define VIRTIO_NET_CTRL_NOTF_COAL_TX_SET 0
#define VIRTIO_NET_CTRL_NOTF_COAL_RX_SET 1
#define VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET 2

struct virtio_net_ctrl_coal {
	le32 max_packets;
	le32 max_usecs;
};
_Static_assert(sizeof(struct virtio_net_ctrl_coal) == 8, "5.1.6.5.9");

struct virtio_net_ctrl_coal_vq {
	le16 vq_index;
	le16 reserved;
	struct virtio_net_ctrl_coal coal;
};
_Static_assert(sizeof(struct virtio_net_ctrl_coal_vq) == 12, "5.1.6.5.9");
