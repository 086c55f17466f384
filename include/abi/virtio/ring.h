/* SPDX-License-Identifier: BSD-2-Clause */
/* The two layouts of virtqueues: virtio 1.3, 2.7 (split) and 2.8 (packed). */
#pragma once

#include <kernel/types.h>

#define VIRTQ_SIZE_MAX 32768

/* Flags of descriptors, split (2.7.5) and packed (2.8.3 to 2.8.7). */
#define VIRTQ_DESC_F_NEXT     0x0001
#define VIRTQ_DESC_F_WRITE    0x0002
#define VIRTQ_DESC_F_INDIRECT 0x0004
#define VIRTQ_DESC_F_AVAIL    0x0080 /* packed (2.8.1) */
#define VIRTQ_DESC_F_USED     0x8000 /* packed */

/* Descriptor of a split ring, and of its indirect tables (2.7.5). */
struct virtq_desc {
	le64 addr;
	le32 len;
	le16 flags;
	le16 next;
};
_Static_assert(sizeof(struct virtq_desc) == 16, "virtq_desc");
_Static_assert(offsetof(struct virtq_desc, len) == 8, "virtq_desc.len");
_Static_assert(offsetof(struct virtq_desc, flags) == 12, "virtq_desc.flags");
_Static_assert(offsetof(struct virtq_desc, next) == 14, "virtq_desc.next");

#define VIRTQ_AVAIL_F_NO_INTERRUPT 1

/* Available ring (2.7.6). le16 used_event is behind ring[Queue Size]. */
struct virtq_avail {
	le16 flags;
	le16 idx;
	le16 ring[];
};
_Static_assert(sizeof(struct virtq_avail) == 4, "virtq_avail");
_Static_assert(offsetof(struct virtq_avail, idx) == 2, "virtq_avail.idx");
_Static_assert(offsetof(struct virtq_avail, ring) == 4, "virtq_avail.ring");

struct virtq_used_elem {
	le32 id;
	le32 len;
};
_Static_assert(sizeof(struct virtq_used_elem) == 8, "virtq_used_elem");
_Static_assert(offsetof(struct virtq_used_elem, len) == 4, "used_elem.len");

#define VIRTQ_USED_F_NO_NOTIFY 1

/* Used ring (2.7.8). le16 avail_event is behind ring[Queue Size]. */
struct virtq_used {
	le16 flags;
	le16 idx;
	struct virtq_used_elem ring[];
};
_Static_assert(sizeof(struct virtq_used) == 4, "virtq_used");
_Static_assert(offsetof(struct virtq_used, idx) == 2, "virtq_used.idx");
_Static_assert(offsetof(struct virtq_used, ring) == 4, "virtq_used.ring");

/* Bytes of the parts, with the event behind each ring (2.7). */
#define VIRTQ_DESC_BYTES(size)	(16U * (size))
#define VIRTQ_AVAIL_BYTES(size) (6U + 2U * (size))
#define VIRTQ_USED_BYTES(size)	(6U + 8U * (size))

/* Descriptor of a packed ring, and of its indirect tables (2.8.13). */
struct pvirtq_desc {
	le64 addr;
	le32 len;
	le16 id;
	le16 flags;
};
_Static_assert(sizeof(struct pvirtq_desc) == 16, "pvirtq_desc");
_Static_assert(offsetof(struct pvirtq_desc, len) == 8, "pvirtq_desc.len");
_Static_assert(offsetof(struct pvirtq_desc, id) == 12, "pvirtq_desc.id");
_Static_assert(offsetof(struct pvirtq_desc, flags) == 14, "pvirtq_desc.flags");

/* Event suppression (2.8.14): desc is an offset, bit 15 the wrap counter. */
struct pvirtq_event_suppress {
	le16 desc;
	le16 flags;
};
_Static_assert(sizeof(struct pvirtq_event_suppress) == 4, "event_suppress");
_Static_assert(offsetof(struct pvirtq_event_suppress, flags) == 2,
	       "event_suppress.flags");

#define PVIRTQ_EVENT_WRAP 0x8000

#define RING_EVENT_FLAGS_ENABLE	 0
#define RING_EVENT_FLAGS_DISABLE 1
#define RING_EVENT_FLAGS_DESC	 2
#define RING_EVENT_FLAGS_MASK	 3
