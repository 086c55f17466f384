/* SPDX-License-Identifier: BSD-2-Clause */
/* Block devices: virtio 1.3, 5.2. */
#include "virtio_blk.h"
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>

/* Policy: commands at the same time in each queue. */
#define DEPTH_MAX 128U
/* How long requests are waited for when the disk is taken from its driver. */
#define DRAIN_MS 5000

static const u8 blk_features[] = {
	VIRTIO_BLK_F_SIZE_MAX,	   VIRTIO_BLK_F_SEG_MAX,
	VIRTIO_BLK_F_RO,	   VIRTIO_BLK_F_BLK_SIZE,
	VIRTIO_BLK_F_FLUSH,	   VIRTIO_BLK_F_TOPOLOGY,
	VIRTIO_BLK_F_CONFIG_WCE,   VIRTIO_BLK_F_MQ,
	VIRTIO_BLK_F_DISCARD,	   VIRTIO_BLK_F_WRITE_ZEROES,
	VIRTIO_BLK_F_SECURE_ERASE, VIRTIO_FEATURES_END,
};

static struct virtio_blk_queue *own_queue(struct block_queue *queue)
{
	return block_queue_data(queue);
}

static int blk_post(struct block_queue *queue, struct block_command *command)
{
	return virtio_blk_post(own_queue(queue), command);
}

static bool blk_commit(struct block_queue *queue)
{
	return virtqueue_kick_prepare(own_queue(queue)->vq);
}

static void blk_notify(struct block_queue *queue)
{
	virtqueue_notify(own_queue(queue)->vq);
}

static struct block_command *blk_reap(struct block_queue *queue, int *status)
{
	struct virtio_blk_queue *own = own_queue(queue);
	struct block_command *command;
	u32 length;

	command = virtqueue_get(own->vq, &length);
	if (command)
		*status = virtio_blk_result(own, command, length);
	return command;
}

static bool blk_arm(struct block_queue *queue, bool on)
{
	struct virtqueue *vq = own_queue(queue)->vq;

	if (on)
		return virtqueue_enable_callback(vq);
	virtqueue_disable_callback(vq);
	return true;
}

static void blk_timed_out(struct block_disk *disk)
{
	struct virtio_blk *blk = block_disk_data(disk);

	virtio_break(blk->vdev, "a request was not finished in time");
}

static int blk_set_write_cache(struct block_disk *disk, bool on)
{
	struct virtio_blk *blk = block_disk_data(disk);

	return virtio_blk_set_write_cache(blk->vdev, on);
}

static const struct block_ops blk_ops = {
	.command_size = sizeof(struct virtio_blk_command),
	.post = blk_post,
	.commit = blk_commit,
	.notify = blk_notify,
	.reap = blk_reap,
	.arm = blk_arm,
	.timed_out = blk_timed_out,
	.set_write_cache = blk_set_write_cache,
};

static void blk_done(struct virtqueue *vq)
{
	struct virtio_blk_queue *own = virtqueue_data(vq);

	block_queue_interrupt(own->queue);
}

/* Zones have rules of their own for writes (5.2.5.1). */
static int blk_validate(struct virtio_device *vdev,
			struct virtio_features *features)
{
	unsigned at = offsetof(struct virtio_blk_config, zoned.model);

	if (virtio_feature_test(&vdev->offered, VIRTIO_BLK_F_ZONED) &&
	    virtio_config8(vdev, at) == VIRTIO_BLK_Z_HM) {
		pr_err("%s: a host-managed zoned device: not used",
		       vdev->dev.name);
		return -EOPNOTSUPP;
	}
	/* A cache that cannot be flushed is not one to switch on. */
	if (!virtio_feature_test(features, VIRTIO_BLK_F_FLUSH))
		virtio_feature_clear(features, VIRTIO_BLK_F_CONFIG_WCE);
	return 0;
}

static int make_queues(struct virtio_blk *blk,
		       const struct virtio_blk_info *info)
{
	unsigned n = blk->queue_count;
	struct virtqueue_config *configs = kzalloc(n * sizeof(*configs));
	struct virtqueue **vqs = kzalloc(n * sizeof(struct virtqueue *));
	int ret = -ENOMEM;

	for (unsigned i = 0; configs && i < n; i++)
		configs[i] = (struct virtqueue_config){
			.index = i,
			.name = "requests",
			.done = blk_done,
			.data = &blk->queues[i],
			.segments_max = (u16)(info->segments_max +
					      VIRTIO_BLK_EXTRA_SEGMENTS),
			.cpu = block_queue_cpu(i, n),
		};
	if (configs && vqs)
		ret = virtio_make_queues(blk->vdev, configs, n, vqs);
	for (unsigned i = 0; !ret && i < n; i++)
		blk->queues[i].vq = vqs[i];
	kfree(configs);
	kfree(vqs);
	return ret;
}

/* The least of all queues. */
static void queue_sizes(const struct virtio_blk *blk, unsigned *segments,
			unsigned *depth)
{
	*segments = UINT32_MAX;
	*depth = DEPTH_MAX;
	for (unsigned i = 0; i < blk->queue_count; i++) {
		const struct virtqueue *vq = blk->queues[i].vq;

		*segments = MIN(*segments, virtqueue_segments_max(vq));
		*depth = MIN(*depth, virtqueue_size(vq));
	}
}

static int make_disk(struct virtio_blk *blk, struct virtio_blk_info *info)
{
	unsigned segments, depth;
	int ret;

	queue_sizes(blk, &segments, &depth);
	ret = virtio_blk_fit_limits(blk->vdev, info, segments);
	if (ret)
		return ret;
	for (unsigned i = 0; i < blk->queue_count; i++) {
		struct virtio_segment *s = kmalloc(segments * sizeof(*s));

		if (!s)
			return -ENOMEM;
		blk->queues[i].segments = s;
	}
	blk->disk = block_disk_create(&(struct block_disk_config){
		.prefix = "vd",
		.ops = &blk_ops,
		.parent = &blk->vdev->dev,
		.data = blk,
		.sectors = info->sectors,
		.limits = info->limits,
		.features = info->features,
		.queues = blk->queue_count,
		.depth = depth,
	});
	return blk->disk ? 0 : -EINVAL;
}

static void free_blk(struct virtio_blk *blk)
{
	for (unsigned i = 0; i < blk->queue_count; i++)
		kfree(blk->queues[i].segments);
	kfree(blk->queues);
	kfree(blk);
}

static int blk_probe(struct virtio_device *vdev)
{
	struct virtio_blk *blk;
	struct virtio_blk_info info;
	int ret = virtio_blk_read_config(vdev, &info);

	if (ret)
		return ret;
	blk = kzalloc(sizeof(*blk));
	if (!blk)
		return -ENOMEM;
	blk->vdev = vdev;
	blk->queue_count = info.queues;
	blk->queues = kzalloc(info.queues * sizeof(*blk->queues));
	ret = blk->queues ? make_queues(blk, &info) : -ENOMEM;
	if (!ret)
		ret = make_disk(blk, &info);
	if (ret) {
		blk->queue_count = blk->queues ? blk->queue_count : 0;
		free_blk(blk);
		return ret;
	}
	for (unsigned i = 0; i < info.queues; i++) {
		blk->queues[i].queue = block_disk_queue(blk->disk, i);
		block_queue_set_data(blk->queues[i].queue, &blk->queues[i]);
	}
	device_set_data(&vdev->dev, blk);
	return 0;
}

static int blk_ready(struct virtio_device *vdev)
{
	struct virtio_blk *blk = device_data(&vdev->dev);

	block_disk_identify(blk->disk);
	return block_disk_register(blk->disk);
}

static void blk_unready(struct virtio_device *vdev)
{
	struct virtio_blk *blk = device_data(&vdev->dev);

	block_disk_close(blk->disk, DRAIN_MS);
}

/* The device was reset: its rings' memory is not its any more. */
static void detach_all(struct virtio_blk *blk)
{
	block_disk_close(blk->disk, 0);
	for (unsigned i = 0; i < blk->queue_count; i++)
		while (virtqueue_detach(blk->queues[i].vq))
			;
	if (virtio_is_lost(blk->vdev))
		block_disk_leak(blk->disk);
	block_disk_abandon(blk->disk);
}

static void blk_failed(struct virtio_device *vdev)
{
	detach_all(device_data(&vdev->dev));
}

static void blk_remove(struct virtio_device *vdev)
{
	struct virtio_blk *blk = device_data(&vdev->dev);

	detach_all(blk);
	block_disk_destroy(blk->disk);
	free_blk(blk);
}

/* 5.2.6.1: the capacity may have changed, and the cache's mode. */
static void blk_config_changed(struct virtio_device *vdev)
{
	struct virtio_blk *blk = device_data(&vdev->dev);
	u32 block_size = block_disk_limits(blk->disk)->block_size;
	u64 capacity;

	/* One that does not hold still is as it was: more changes follow. */
	if (!virtio_blk_capacity(vdev, block_size, &capacity))
		block_disk_resize(blk->disk, capacity);
}

MODULE_DECLARE(virtio_blk);

static const struct virtio_driver blk_driver = {
	.driver = VIRTIO_DRIVER_BASE("virtio_blk", &module_virtio_blk),
	.type = VIRTIO_ID_BLOCK,
	.features = blk_features,
	.validate = blk_validate,
	.probe = blk_probe,
	.ready = blk_ready,
	.unready = blk_unready,
	.remove = blk_remove,
	.failed = blk_failed,
	.config_changed = blk_config_changed,
};
VIRTIO_DRIVER(virtio_blk, blk_driver);
MODULE(virtio_blk, "virtio disks", "");
MODULE_AUTOMATIC();
