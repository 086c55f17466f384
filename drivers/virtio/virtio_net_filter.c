/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands about what the device passes on (virtio 1.3, 5.1.6.5.1 to
 * 5.1.6.5.4, 5.1.6.5.8).
 */
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "virtio_net.h"

/* Policy: more addresses than this, and all of their kind are received. */
#define FILTER_ADDRESSES_MAX 64
#define VLANS		     4096

/* One byte, on or off. */
static int set_mode(struct virtnet *vn, u8 command, bool on)
{
	u8 byte = on;
	struct virtio_segment part = { &byte, sizeof(byte) };

	return virtnet_command(vn, VIRTIO_NET_CTRL_RX, command, &part, 1);
}

static int set_table(struct virtnet *vn, const struct net_filter *filter,
		     unsigned multicasts)
{
	le32 none = cpu_to_le32(0);
	struct {
		le32 entries;
		u8 macs[FILTER_ADDRESSES_MAX][ETH_ADDRESS_LENGTH];
	} table = { .entries = cpu_to_le32(multicasts) };
	unsigned bytes = multicasts * ETH_ADDRESS_LENGTH;
	struct virtio_segment parts[] = {
		{ &none, sizeof(none) },
		{ &table, (u32)sizeof(table.entries) + bytes },
	};

	if (bytes)
		memcpy(table.macs, filter->multicast, bytes);
	return virtnet_command(vn, VIRTIO_NET_CTRL_MAC,
			       VIRTIO_NET_CTRL_MAC_TABLE_SET, parts,
			       ARRAY_SIZE(parts));
}

int virtnet_set_filter(struct net_device *net, const struct net_filter *filter)
{
	struct virtnet *vn = to_virtnet(net);
	bool many = filter->multicasts > FILTER_ADDRESSES_MAX;
	bool all = many || filter->modes & NET_RX_ALL_MULTICAST;
	int err;

	if (!virtnet_has(vn, VIRTIO_NET_F_CTRL_RX))
		return -EOPNOTSUPP;
	err = set_mode(vn, VIRTIO_NET_CTRL_RX_PROMISC,
		       filter->modes & NET_RX_PROMISCUOUS);
	if (!err)
		err = set_mode(vn, VIRTIO_NET_CTRL_RX_ALLMULTI, all);
	if (!err)
		err = set_table(vn, filter, many ? 0 : filter->multicasts);
	return err;
}

/* The legacy interface lets it be written (5.1.4.3), byte by byte. */
static void write_address(struct virtnet *vn, const u8 *address)
{
	for (unsigned i = 0; i < ETH_ADDRESS_LENGTH; i++)
		virtio_write_config(vn->vdev,
				    offsetof(struct virtio_net_config, mac) + i,
				    address + i, 1);
}

int virtnet_set_address(struct net_device *net, const u8 *address)
{
	struct virtnet *vn = to_virtnet(net);
	u8 copy[ETH_ADDRESS_LENGTH];
	struct virtio_segment part = { copy, sizeof(copy) };

	if (virtnet_has(vn, VIRTIO_NET_F_CTRL_MAC_ADDR)) {
		memcpy(copy, address, sizeof(copy));
		return virtnet_command(vn, VIRTIO_NET_CTRL_MAC,
				       VIRTIO_NET_CTRL_MAC_ADDR_SET, &part, 1);
	}
	if (!vn->vdev->legacy || !virtnet_has(vn, VIRTIO_NET_F_MAC))
		return -EOPNOTSUPP;
	write_address(vn, address);
	return 0;
}

int virtnet_set_vlan(struct net_device *net, u16 vlan, bool wanted)
{
	struct virtnet *vn = to_virtnet(net);
	le16 id = cpu_to_le16(vlan);
	struct virtio_segment part = { &id, sizeof(id) };

	if (!virtnet_has(vn, VIRTIO_NET_F_CTRL_VLAN))
		return -EOPNOTSUPP;
	if (vlan >= VLANS)
		return -EINVAL;
	return virtnet_command(vn, VIRTIO_NET_CTRL_VLAN,
			       wanted ? VIRTIO_NET_CTRL_VLAN_ADD
				      : VIRTIO_NET_CTRL_VLAN_DEL,
			       &part, 1);
}

/* Only what was negotiated may be asked for (5.1.6.5.8.1). */
int virtnet_set_offloads(struct net_device *net, u32 rx_features)
{
	static const u64 large =
		BIT64(VIRTIO_NET_F_GUEST_TSO4) |
		BIT64(VIRTIO_NET_F_GUEST_TSO6) | BIT64(VIRTIO_NET_F_GUEST_ECN) |
		BIT64(VIRTIO_NET_F_GUEST_UFO) | BIT64(VIRTIO_NET_F_GUEST_USO4) |
		BIT64(VIRTIO_NET_F_GUEST_USO6);
	struct virtnet *vn = to_virtnet(net);
	u64 wanted = 0;
	le64 offloads;
	struct virtio_segment part = { &offloads, sizeof(offloads) };

	if (!virtnet_has(vn, VIRTIO_NET_F_CTRL_GUEST_OFFLOADS))
		return -EOPNOTSUPP;
	if (rx_features & NET_RX_CHECKSUM) {
		wanted = BIT64(VIRTIO_NET_F_GUEST_CSUM);
		if (rx_features & NET_LARGE_RX)
			wanted |= large;
	}
	offloads = cpu_to_le64(wanted & vn->format.features);
	return virtnet_command(vn, VIRTIO_NET_CTRL_GUEST_OFFLOADS,
			       VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET, &part, 1);
}

/* Its limit is in mtu_max; that frames are shorter is the sender's doing. */
int virtnet_set_mtu(struct net_device *net, unsigned mtu)
{
	return mtu <= net->mtu_max ? 0 : -EINVAL;
}

int virtnet_announced(struct virtnet *vn)
{
	return virtnet_command(vn, VIRTIO_NET_CTRL_ANNOUNCE,
			       VIRTIO_NET_CTRL_ANNOUNCE_ACK, NULL, 0);
}
