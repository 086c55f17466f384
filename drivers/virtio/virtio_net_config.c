/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a network device says about itself (virtio 1.3, 5.1.3 and 5.1.4), as
 * far as it can be true.
 */
#include <kernel/byteorder.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include "virtio_net.h"

#define FIELD_AT(field) offsetof(struct virtio_net_config, field)

/* A feature, and those of which one is needed for it (5.1.3.1). */
static const struct need {
	u8 bit, one, other;
} needs[] = {
	{ VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_GUEST_CSUM, 0 },
	{ VIRTIO_NET_F_GUEST_TSO6, VIRTIO_NET_F_GUEST_CSUM, 0 },
	{ VIRTIO_NET_F_GUEST_ECN, VIRTIO_NET_F_GUEST_TSO4,
	  VIRTIO_NET_F_GUEST_TSO6 },
	{ VIRTIO_NET_F_GUEST_UFO, VIRTIO_NET_F_GUEST_CSUM, 0 },
	{ VIRTIO_NET_F_GUEST_USO4, VIRTIO_NET_F_GUEST_CSUM, 0 },
	{ VIRTIO_NET_F_GUEST_USO6, VIRTIO_NET_F_GUEST_CSUM, 0 },
	{ VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_CSUM, 0 },
	{ VIRTIO_NET_F_HOST_TSO6, VIRTIO_NET_F_CSUM, 0 },
	{ VIRTIO_NET_F_HOST_ECN, VIRTIO_NET_F_HOST_TSO4,
	  VIRTIO_NET_F_HOST_TSO6 },
	{ VIRTIO_NET_F_HOST_UFO, VIRTIO_NET_F_CSUM, 0 },
	{ VIRTIO_NET_F_HOST_USO, VIRTIO_NET_F_CSUM, 0 },
	{ VIRTIO_NET_F_CTRL_GUEST_OFFLOADS, VIRTIO_NET_F_CTRL_VQ, 0 },
	/* Without any of them QEMU refuses the command, whatever it says. */
	{ VIRTIO_NET_F_CTRL_GUEST_OFFLOADS, VIRTIO_NET_F_GUEST_CSUM, 0 },
	{ VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_CTRL_VQ, 0 },
	{ VIRTIO_NET_F_CTRL_VLAN, VIRTIO_NET_F_CTRL_VQ, 0 },
	{ VIRTIO_NET_F_GUEST_ANNOUNCE, VIRTIO_NET_F_CTRL_VQ, 0 },
	{ VIRTIO_NET_F_MQ, VIRTIO_NET_F_CTRL_VQ, 0 },
	/* Without the other no command of its class may be sent (5.1.6.5.2). */
	{ VIRTIO_NET_F_CTRL_MAC_ADDR, VIRTIO_NET_F_CTRL_RX, 0 },
	{ VIRTIO_NET_F_RSS, VIRTIO_NET_F_CTRL_VQ, 0 },
	{ VIRTIO_NET_F_HASH_REPORT, VIRTIO_NET_F_CTRL_VQ, 0 },
	{ VIRTIO_NET_F_NOTF_COAL, VIRTIO_NET_F_CTRL_VQ, 0 },
	{ VIRTIO_NET_F_VQ_NOTF_COAL, VIRTIO_NET_F_CTRL_VQ, 0 },
	/* The legacy framing (5.1.6.12) leaves no buffer in one piece. */
	{ VIRTIO_NET_F_MRG_RXBUF, VIRTIO_F_VERSION_1, VIRTIO_F_ANY_LAYOUT },
};

/* As an alternative 0 is none: nothing has VIRTIO_NET_F_CSUM for one. */
static bool is_met(u64 features, const struct need *need)
{
	return features & BIT64(need->one) ||
	       (need->other && features & BIT64(need->other));
}

/* In the order of the table: what is needed comes before who needs it. */
u64 virtnet_prune_features(u64 features)
{
	for (unsigned i = 0; i < ARRAY_SIZE(needs); i++)
		if (!is_met(features, &needs[i]))
			features &= ~BIT64(needs[i].bit);
	return features;
}

static bool has_large_rx(u64 features)
{
	return features &
	       (BIT64(VIRTIO_NET_F_GUEST_TSO4) |
		BIT64(VIRTIO_NET_F_GUEST_TSO6) | BIT64(VIRTIO_NET_F_GUEST_UFO) |
		BIT64(VIRTIO_NET_F_GUEST_USO4) |
		BIT64(VIRTIO_NET_F_GUEST_USO6));
}

struct virtnet_format virtnet_make_format(u64 features, bool legacy,
					  unsigned mtu)
{
	struct virtnet_format format = {
		.mergeable = features & BIT64(VIRTIO_NET_F_MRG_RXBUF),
		.separate = legacy && !(features & BIT64(VIRTIO_F_ANY_LAYOUT)),
		.large = has_large_rx(features),
		.header = VIRTIO_NET_HDR_MODERN,
		.features = features,
	};

	if (features & BIT64(VIRTIO_NET_F_HASH_REPORT))
		format.header = VIRTIO_NET_HDR_HASH;
	else if (legacy && !format.mergeable)
		format.header = VIRTIO_NET_HDR_LEGACY;
	if (!mtu)
		mtu = format.mergeable || format.large ? NET_MTU_MAX
						       : NET_MTU_DEFAULT;
	format.frame_max = mtu + ETH_HEADER_LENGTH + VIRTNET_VLAN_TAG;
	return format;
}

static void refuse(struct virtio_device *vdev, struct virtio_features *features,
		   unsigned bit, const char *what, unsigned found)
{
	pr_warn("%s: %s is %u, which it cannot be: feature %u not used",
		vdev->dev.name, what, found, bit);
	virtio_feature_clear(features, bit);
}

static void validate_pairs(struct virtio_device *vdev,
			   struct virtio_features *features)
{
	static const u8 bits[] = { VIRTIO_NET_F_MQ, VIRTIO_NET_F_RSS };
	u16 pairs = virtio_config16(vdev, FIELD_AT(max_virtqueue_pairs));

	if (pairs && pairs <= VIRTIO_NET_PAIRS_MAX)
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(bits); i++)
		if (virtio_feature_test(features, bits[i]))
			refuse(vdev, features, bits[i], "max_virtqueue_pairs",
			       pairs);
}

static void validate_hash(struct virtio_device *vdev,
			  struct virtio_features *features, unsigned bit)
{
	u8 key = virtio_config8(vdev, FIELD_AT(rss_max_key_size));
	u32 types = virtio_config32(vdev, FIELD_AT(supported_hash_types));

	if (!virtio_feature_test(features, bit))
		return;
	if (key < VIRTIO_NET_RSS_KEY_MIN)
		refuse(vdev, features, bit, "rss_max_key_size", key);
	else if (!(types & VIRTIO_NET_HASH_TYPES_KNOWN))
		refuse(vdev, features, bit, "supported_hash_types", types);
}

static void validate_rss(struct virtio_device *vdev,
			 struct virtio_features *features)
{
	u16 length =
		virtio_config16(vdev,
				FIELD_AT(rss_max_indirection_table_length));

	validate_hash(vdev, features, VIRTIO_NET_F_HASH_REPORT);
	validate_hash(vdev, features, VIRTIO_NET_F_RSS);
	if (virtio_feature_test(features, VIRTIO_NET_F_RSS) &&
	    length < VIRTIO_NET_RSS_TABLE_MIN)
		refuse(vdev, features, VIRTIO_NET_F_RSS,
		       "rss_max_indirection_table_length", length);
}

int virtnet_validate(struct virtio_device *vdev,
		     struct virtio_features *features)
{
	u16 mtu;

	features->word[0] = virtnet_prune_features(features->word[0]);
	if (virtio_feature_test(features, VIRTIO_NET_F_MTU)) {
		mtu = virtio_config16(vdev, FIELD_AT(mtu));
		if (mtu < VIRTIO_NET_MTU_MIN)
			refuse(vdev, features, VIRTIO_NET_F_MTU, "mtu", mtu);
	}
	if (virtio_feature_test(features, VIRTIO_NET_F_MQ) ||
	    virtio_feature_test(features, VIRTIO_NET_F_RSS))
		validate_pairs(vdev, features);
	if (virtio_feature_test(features, VIRTIO_NET_F_HASH_REPORT) ||
	    virtio_feature_test(features, VIRTIO_NET_F_RSS))
		validate_rss(vdev, features);
	return 0;
}

unsigned virtnet_device_pairs(struct virtio_device *vdev)
{
	u16 pairs;

	if (!virtio_has(vdev, VIRTIO_NET_F_MQ) &&
	    !virtio_has(vdev, VIRTIO_NET_F_RSS))
		return 1;
	/* It may say something else than before. */
	pairs = virtio_config16(vdev, FIELD_AT(max_virtqueue_pairs));
	return MAX(1U, MIN((unsigned)pairs, VIRTIO_NET_PAIRS_MAX));
}

/* Individual, not for a group (IEEE 802, 8.2), and not all zero. */
static bool is_address(const u8 *address)
{
	static const u8 none[ETH_ADDRESS_LENGTH];

	return !(address[0] & 1) && memcmp(address, none, sizeof(none));
}

/* One that is administered locally (5.1.4.2), different each time. */
static void make_address(u8 *address)
{
	random_get(address, ETH_ADDRESS_LENGTH);
	address[0] = (u8)((address[0] & ~1U) | 2);
}

static void read_address(struct virtnet *vn)
{
	u8 *address = vn->net.address;

	if (virtnet_has(vn, VIRTIO_NET_F_MAC)) {
		if (!virtio_read_config(vn->vdev, FIELD_AT(mac), address,
					ETH_ADDRESS_LENGTH) &&
		    is_address(address))
			return;
		pr_warn("%s: its address is none: another one is made up",
			vn->vdev->dev.name);
	}
	make_address(address);
	vn->own_address = true;
}

static u32 net_features(const struct virtnet_format *format)
{
	static const struct {
		u8 bit;
		u16 feature;
	} map[] = {
		{ VIRTIO_NET_F_CSUM, NET_TX_CHECKSUM },
		{ VIRTIO_NET_F_GUEST_CSUM, NET_RX_CHECKSUM },
		{ VIRTIO_NET_F_HOST_TSO4, NET_TSO4 },
		{ VIRTIO_NET_F_HOST_TSO6, NET_TSO6 },
		{ VIRTIO_NET_F_HOST_UFO, NET_UFO },
		{ VIRTIO_NET_F_HOST_USO, NET_USO },
		{ VIRTIO_NET_F_CTRL_VLAN, NET_VLAN_FILTER },
	};
	u32 features = NET_FRAGMENTS | (format->large ? NET_LARGE_RX : 0U);

	for (unsigned i = 0; i < ARRAY_SIZE(map); i++)
		if (virtnet_can(format, map[i].bit))
			features |= map[i].feature;
	return features;
}

static void read_rss(struct virtnet *vn)
{
	if (!virtnet_has(vn, VIRTIO_NET_F_RSS) &&
	    !virtnet_has(vn, VIRTIO_NET_F_HASH_REPORT))
		return;
	vn->hash_types =
		virtio_config32(vn->vdev, FIELD_AT(supported_hash_types)) &
		VIRTIO_NET_HASH_TYPES_KNOWN;
	vn->rss_table =
		virtio_config16(vn->vdev,
				FIELD_AT(rss_max_indirection_table_length));
}

void virtnet_read_identity(struct virtnet *vn)
{
	unsigned mtu = 0;

	if (virtio_has(vn->vdev, VIRTIO_NET_F_MTU))
		mtu = virtio_config16(vn->vdev, FIELD_AT(mtu));
	vn->format = virtnet_make_format(vn->vdev->features.word[0],
					 vn->vdev->legacy, mtu);
	vn->net.mtu_max = (u16)(vn->format.frame_max - ETH_HEADER_LENGTH -
				VIRTNET_VLAN_TAG);
	vn->net.mtu = MIN(vn->net.mtu_max, (u16)NET_MTU_DEFAULT);
	vn->net.features = net_features(&vn->format);
	read_address(vn);
	read_rss(vn);
}

static u32 read_speed(struct virtnet *vn)
{
	u32 speed;

	if (!virtnet_has(vn, VIRTIO_NET_F_SPEED_DUPLEX))
		return 0;
	speed = virtio_config32(vn->vdev, FIELD_AT(speed));
	return speed <= VIRTIO_NET_SPEED_MAX ? speed : 0;
}

bool virtnet_read_status(struct virtnet *vn, bool *up)
{
	u16 status = VIRTIO_NET_S_LINK_UP;
	le16 said;

	vn->net.speed = read_speed(vn);
	/* A status that does not hold still is as it was. */
	if (virtnet_has(vn, VIRTIO_NET_F_STATUS)) {
		if (virtio_read_config(vn->vdev, FIELD_AT(status), &said,
				       sizeof(said)))
			said = cpu_to_le16(vn->net.link ? status : 0);
		status = le16_to_cpu(said);
	}
	*up = status & VIRTIO_NET_S_LINK_UP;
	return status & VIRTIO_NET_S_ANNOUNCE &&
	       virtnet_has(vn, VIRTIO_NET_F_GUEST_ANNOUNCE);
}
