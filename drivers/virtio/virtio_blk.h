/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the block driver share: virtio 1.3, 5.2. */
#pragma once

#include <abi/virtio/blk.h>
#include <drivers/virtio.h>
#include <kernel/block_driver.h>

/* Segments of a command beside its data: head and status. */
#define VIRTIO_BLK_EXTRA_SEGMENTS 2

struct virtio_blk_queue {
	struct virtqueue *vq;
	struct block_queue *queue;
	struct virtio_segment *segments; /* of the command being posted */
};

struct virtio_blk {
	struct virtio_device *vdev;
	struct block_disk *disk;
	struct virtio_blk_queue *queues;
	unsigned queue_count;
};

/* The driver's part of a command: what the device reads and writes. */
struct virtio_blk_command {
	struct virtio_blk_req head;
	struct virtio_blk_discard_write_zeroes range;
	u8 status;
};

/* What the configuration says (5.2.4), checked. */
struct virtio_blk_info {
	u64 sectors;
	struct block_limits limits; /* without segments_max */
	unsigned features;	    /* enum block_feature */
	unsigned segments_max;	    /* that the device takes; policy */
	unsigned queues;	    /* that it has and CPUs can use */
};

/** Read it. 0, or -EINVAL after a message: it cannot be used. */
int virtio_blk_read_config(struct virtio_device *vdev,
			   struct virtio_blk_info *info);
/** What a queue with room for @segments in a buffer makes of it. */
int virtio_blk_fit_limits(const struct virtio_device *vdev,
			  struct virtio_blk_info *info, unsigned segments);
/**
 * The capacity in sectors, in whole blocks of @block_size bytes. 0, or -EIO: it
 * does not hold still.
 */
int virtio_blk_capacity(struct virtio_device *vdev, u32 block_size,
			u64 *capacity);
/** True if the device has a write cache that is on (5.2.5.1). */
bool virtio_blk_write_cache(struct virtio_device *vdev);
/** 0 or -errno. */
int virtio_blk_set_write_cache(struct virtio_device *vdev, bool on);

/** Give @command to the device: 0 or what virtqueue_add() says. */
int virtio_blk_post(struct virtio_blk_queue *queue,
		    struct block_command *command);
/**
 * The device has used @command's buffer and says that it wrote @length bytes:
 * 0 or -errno. What cannot be breaks the device.
 */
int virtio_blk_result(struct virtio_blk_queue *queue,
		      struct block_command *command, u32 length);
