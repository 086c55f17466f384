/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands about which queue a received packet goes to, what the device hashes
 * (virtio 1.3, 5.1.6.5.5 to 5.1.6.5.7), and how often it interrupts
 * (5.1.6.5.9).
 */
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "virtio_net.h"

/* Policy: a table that long is even enough for NET_PAIRS_MAX queues. */
#define RSS_TABLE_MAX 128

/* Policy, per queue: both delays are short against a round trip. */
#define COALESCE_RX_PACKETS 16
#define COALESCE_RX_USECS   20
#define COALESCE_TX_PACKETS 64
#define COALESCE_TX_USECS   100

/*
 * Toeplitz key that gives both directions of a flow the same hash, so that
 * they meet on one CPU: a pattern that repeats after 16 bits (Woo and Park
 * 2012).
 */
static const u8 rss_key[VIRTIO_NET_RSS_KEY_MIN] = {
	0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
	0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
	0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
	0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
};

/* A power of two, as the mask wants it. */
static unsigned table_length(const struct virtnet *vn)
{
	unsigned length = RSS_TABLE_MAX;

	while (length > vn->rss_table)
		length /= 2;
	return length;
}

static int set_rss(struct virtnet *vn, unsigned pairs)
{
	unsigned length = table_length(vn);
	le16 table[RSS_TABLE_MAX];
	struct virtio_net_rss_config config = {
		.hash_types = cpu_to_le32(vn->hash_types),
		.indirection_table_mask = cpu_to_le16((u16)(length - 1)),
		.unclassified_queue = cpu_to_le16(0),
	};
	struct virtio_net_rss_tail tail = {
		.max_tx_vq = cpu_to_le16((u16)pairs),
		.hash_key_length = sizeof(rss_key),
	};
	u8 key[sizeof(rss_key)];
	struct virtio_segment parts[] = {
		{ &config, sizeof(config) },
		{ table, length * (u32)sizeof(*table) },
		{ &tail, sizeof(tail) },
		{ key, sizeof(key) },
	};

	memcpy(key, rss_key, sizeof(key));
	for (unsigned i = 0; i < length; i++)
		table[i] = cpu_to_le16((u16)(i % pairs));
	return virtnet_command(vn, VIRTIO_NET_CTRL_MQ,
			       VIRTIO_NET_CTRL_MQ_RSS_CONFIG, parts,
			       ARRAY_SIZE(parts));
}

static int set_hashes(struct virtnet *vn)
{
	struct virtio_net_hash_config config = {
		.hash_types = cpu_to_le32(vn->hash_types),
		.hash_key_length = sizeof(rss_key),
	};
	u8 key[sizeof(rss_key)];
	struct virtio_segment parts[] = {
		{ &config, sizeof(config) },
		{ key, sizeof(key) },
	};

	memcpy(key, rss_key, sizeof(key));
	return virtnet_command(vn, VIRTIO_NET_CTRL_MQ,
			       VIRTIO_NET_CTRL_MQ_HASH_CONFIG, parts,
			       ARRAY_SIZE(parts));
}

static int set_pairs(struct virtnet *vn, unsigned pairs)
{
	le16 count = cpu_to_le16((u16)pairs);
	struct virtio_segment part = { &count, sizeof(count) };

	return virtnet_command(vn, VIRTIO_NET_CTRL_MQ,
			       VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET, &part, 1);
}

/* The last command counts (5.1.6.5.5): with RSS it says all. */
int virtnet_steer(struct virtnet *vn, unsigned pairs)
{
	int err = 0;

	if (virtnet_has(vn, VIRTIO_NET_F_RSS))
		return set_rss(vn, pairs);
	if (virtnet_has(vn, VIRTIO_NET_F_HASH_REPORT))
		err = set_hashes(vn);
	if (!err && virtnet_has(vn, VIRTIO_NET_F_MQ))
		err = set_pairs(vn, pairs);
	return err;
}

static struct virtio_net_ctrl_coal coalescing(bool rx)
{
	return (struct virtio_net_ctrl_coal){
		.max_packets = cpu_to_le32(rx ? COALESCE_RX_PACKETS
					      : COALESCE_TX_PACKETS),
		.max_usecs =
			cpu_to_le32(rx ? COALESCE_RX_USECS : COALESCE_TX_USECS),
	};
}

static int coalesce_all(struct virtnet *vn, bool rx)
{
	struct virtio_net_ctrl_coal coal = coalescing(rx);
	struct virtio_segment part = { &coal, sizeof(coal) };

	return virtnet_command(vn, VIRTIO_NET_CTRL_NOTF_COAL,
			       rx ? VIRTIO_NET_CTRL_NOTF_COAL_RX_SET
				  : VIRTIO_NET_CTRL_NOTF_COAL_TX_SET,
			       &part, 1);
}

static int coalesce_queue(struct virtnet *vn, unsigned index, bool rx)
{
	struct virtio_net_ctrl_coal_vq coal = {
		.vq_index = cpu_to_le16((u16)index),
		.coal = coalescing(rx),
	};
	struct virtio_segment part = { &coal, sizeof(coal) };

	return virtnet_command(vn, VIRTIO_NET_CTRL_NOTF_COAL,
			       VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET, &part, 1);
}

/* It is only a wish: what was refused was reported. */
void virtnet_coalesce(struct virtnet *vn, unsigned pairs)
{
	int err = 0;

	if (virtnet_has(vn, VIRTIO_NET_F_NOTF_COAL)) {
		if (!coalesce_all(vn, true))
			coalesce_all(vn, false);
		return;
	}
	if (!virtnet_has(vn, VIRTIO_NET_F_VQ_NOTF_COAL))
		return;
	for (unsigned i = 0; i < pairs && !err; i++) {
		err = coalesce_queue(vn, VIRTIO_NET_RX_QUEUE(i), true);
		if (!err)
			err = coalesce_queue(vn, VIRTIO_NET_TX_QUEUE(i), false);
	}
}
