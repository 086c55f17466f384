/* SPDX-License-Identifier: BSD-2-Clause */
/* Features: which of them are accepted, and their names (virtio 1.3, 2.2, 6).
 */
#include "internal.h"

/* What the core itself can use, with any device type. */
static const u8 core_features[] = {
	VIRTIO_F_INDIRECT_DESC,	  VIRTIO_F_EVENT_IDX,	VIRTIO_F_VERSION_1,
	VIRTIO_F_ACCESS_PLATFORM, VIRTIO_F_RING_PACKED, VIRTIO_F_IN_ORDER,
	VIRTIO_F_ORDER_PLATFORM,  VIRTIO_F_RING_RESET,	VIRTIO_FEATURES_END,
};

/* A legacy device has bits 0 to 31 only (4.1.5.1.1 and others). */
static const u8 legacy_features[] = {
	VIRTIO_F_ANY_LAYOUT,
	VIRTIO_F_INDIRECT_DESC,
	VIRTIO_F_EVENT_IDX,
	VIRTIO_FEATURES_END,
};

static void add(struct virtio_features *features, const u8 *list, unsigned end)
{
	for (; *list != VIRTIO_FEATURES_END; list++)
		if (*list < end)
			virtio_feature_set(features, *list);
}

void virtio_wanted_features(const struct virtio_device *vdev,
			    const struct virtio_driver *drv,
			    struct virtio_features *wanted)
{
	unsigned end = vdev->legacy ? 32 : 64 * VIRTIO_FEATURE_WORDS;

	*wanted = (struct virtio_features){ 0 };
	add(wanted, vdev->legacy ? legacy_features : core_features, end);
	add(wanted, vdev->transport->features, end);
	add(wanted, drv->features, end);
}

void virtio_features_and(struct virtio_features *features,
			 const struct virtio_features *mask)
{
	for (unsigned i = 0; i < VIRTIO_FEATURE_WORDS; i++)
		features->word[i] &= mask->word[i];
}

const char *virtio_type_name(u32 type)
{
	switch (type) {
	case VIRTIO_ID_NET: return "network";
	case VIRTIO_ID_BLOCK: return "block";
	case VIRTIO_ID_CONSOLE: return "console";
	case VIRTIO_ID_RNG: return "entropy";
	case VIRTIO_ID_BALLOON: return "balloon";
	case VIRTIO_ID_VSOCK: return "socket";
	default: return NULL;
	}
}
