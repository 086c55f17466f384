/* SPDX-License-Identifier: BSD-2-Clause */
/* Block devices: virtio 1.3, 5.2. */
#pragma once

#include <kernel/types.h>

/* Feature bits (5.2.3). */
#define VIRTIO_BLK_F_BARRIER	  0 /* legacy */
#define VIRTIO_BLK_F_SIZE_MAX	  1
#define VIRTIO_BLK_F_SEG_MAX	  2
#define VIRTIO_BLK_F_GEOMETRY	  4
#define VIRTIO_BLK_F_RO		  5
#define VIRTIO_BLK_F_BLK_SIZE	  6
#define VIRTIO_BLK_F_SCSI	  7 /* legacy */
#define VIRTIO_BLK_F_FLUSH	  9
#define VIRTIO_BLK_F_TOPOLOGY	  10
#define VIRTIO_BLK_F_CONFIG_WCE	  11
#define VIRTIO_BLK_F_MQ		  12
#define VIRTIO_BLK_F_DISCARD	  13
#define VIRTIO_BLK_F_WRITE_ZEROES 14
#define VIRTIO_BLK_F_LIFETIME	  15
#define VIRTIO_BLK_F_SECURE_ERASE 16
#define VIRTIO_BLK_F_ZONED	  17

/* Device configuration layout (5.2.4). */
struct virtio_blk_config {
	le64 capacity; /* in 512-byte sectors */
	le32 size_max;
	le32 seg_max;
	struct virtio_blk_geometry {
		le16 cylinders;
		u8 heads;
		u8 sectors;
	} geometry;
	le32 blk_size;
	struct virtio_blk_topology {
		u8 physical_block_exp;
		u8 alignment_offset;
		le16 min_io_size;
		le32 opt_io_size;
	} topology;
	u8 writeback;
	u8 unused0;
	le16 num_queues;
	le32 max_discard_sectors;
	le32 max_discard_seg;
	le32 discard_sector_alignment;
	le32 max_write_zeroes_sectors;
	le32 max_write_zeroes_seg;
	u8 write_zeroes_may_unmap;
	u8 unused1[3];
	le32 max_secure_erase_sectors;
	le32 max_secure_erase_seg;
	le32 secure_erase_sector_alignment;
	struct virtio_blk_zoned_characteristics {
		le32 zone_sectors;
		le32 max_open_zones;
		le32 max_active_zones;
		le32 max_append_sectors;
		le32 write_granularity;
		u8 model;
		u8 unused2[3];
	} zoned;
} __attribute__((packed));

_Static_assert(sizeof(struct virtio_blk_config) == 96, "virtio_blk_config");
_Static_assert(offsetof(struct virtio_blk_config, blk_size) == 20, "blk_size");
_Static_assert(offsetof(struct virtio_blk_config, topology) == 24, "topology");
_Static_assert(offsetof(struct virtio_blk_config, writeback) == 32,
	       "writeback");
_Static_assert(offsetof(struct virtio_blk_config, num_queues) == 34,
	       "num_queues");
_Static_assert(offsetof(struct virtio_blk_config, max_discard_sectors) == 36,
	       "max_discard_sectors");
_Static_assert(offsetof(struct virtio_blk_config, max_write_zeroes_sectors) ==
		       48,
	       "max_write_zeroes_sectors");
_Static_assert(offsetof(struct virtio_blk_config, max_secure_erase_sectors) ==
		       60,
	       "max_secure_erase_sectors");
_Static_assert(offsetof(struct virtio_blk_config, zoned) == 72, "zoned");

/* virtio_blk_zoned_characteristics.model */
#define VIRTIO_BLK_Z_NONE 0
#define VIRTIO_BLK_Z_HM	  1
#define VIRTIO_BLK_Z_HA	  2

/* The head of a request (5.2.6); data and the status byte follow it. */
struct virtio_blk_req {
	le32 type;
	le32 reserved;
	le64 sector;
};

_Static_assert(sizeof(struct virtio_blk_req) == 16, "virtio_blk_req");

#define VIRTIO_BLK_T_IN		  0
#define VIRTIO_BLK_T_OUT	  1
#define VIRTIO_BLK_T_FLUSH	  4
#define VIRTIO_BLK_T_GET_ID	  8
#define VIRTIO_BLK_T_GET_LIFETIME 10
#define VIRTIO_BLK_T_DISCARD	  11
#define VIRTIO_BLK_T_WRITE_ZEROES 13
#define VIRTIO_BLK_T_SECURE_ERASE 14

struct virtio_blk_discard_write_zeroes {
	le64 sector;
	le32 num_sectors;
	le32 flags;
};

_Static_assert(sizeof(struct virtio_blk_discard_write_zeroes) == 16,
	       "virtio_blk_discard_write_zeroes");

#define VIRTIO_BLK_WRITE_ZEROES_UNMAP 0x1 /* a bit of flags */

#define VIRTIO_BLK_S_OK	    0
#define VIRTIO_BLK_S_IOERR  1
#define VIRTIO_BLK_S_UNSUPP 2

/* Bytes of the string that GET_ID gives, with no terminator if full. */
#define VIRTIO_BLK_ID_BYTES 20
