/* SPDX-License-Identifier: BSD-2-Clause */
/* The block device's configuration (virtio 1.3, 5.2.4), which is not believed.
 */
#include "virtio_blk.h"
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/smp.h>

/* Policy: a command has no more data segments, and no more sectors. */
#define SEGMENTS_MAX 126U
#define SECTORS_MAX  2048U
/* More than 2^7 logical blocks in a physical one are not believed. */
#define PHYSICAL_EXP_MAX 7

#define CONFIG(field) offsetof(struct virtio_blk_config, field)

static u32 config32(struct virtio_device *vdev, unsigned feature,
		    unsigned offset)
{
	return virtio_has(vdev, feature) ? virtio_config32(vdev, offset) : 0;
}

static int read_block_size(struct virtio_device *vdev, struct block_limits *l)
{
	u32 size = BLOCK_SECTOR;

	if (virtio_has(vdev, VIRTIO_BLK_F_BLK_SIZE))
		size = virtio_config32(vdev, CONFIG(blk_size));
	if (size < BLOCK_SECTOR || size > BLOCK_SIZE_MAX || size & (size - 1)) {
		pr_err("%s: blk_size is %u, not a power of two from %u to %u: "
		       "not used",
		       vdev->dev.name, size, BLOCK_SECTOR, BLOCK_SIZE_MAX);
		return -EINVAL;
	}
	l->block_size = size;
	return 0;
}

/*
 * What is sure to find room in a pool (dma_request_max()): half of that is for
 * the data, the rest for the beginnings of units that data, head and status do
 * not fill.
 */
static int fit_pool(struct virtio_device *vdev, struct virtio_blk_info *info)
{
	struct block_limits *l = &info->limits;
	size_t room = dma_request_max(&vdev->dev), units, data;

	units = room / 4 / DMA_MAP_UNIT;
	data = ALIGN_DOWN(MIN(room / 2, SECTORS_MAX * BLOCK_SECTOR),
			  (size_t)l->block_size);
	if (units <= VIRTIO_BLK_EXTRA_SEGMENTS || !data) {
		pr_err("%s: its pool has %zu bytes for a request, and blocks "
		       "are of %u: not used",
		       vdev->dev.name, room, l->block_size);
		return -ENOMEM;
	}
	units -= VIRTIO_BLK_EXTRA_SEGMENTS;
	info->segments_max = (unsigned)MIN(info->segments_max, units);
	l->segment_max = (u32)MIN(l->segment_max, data);
	l->sectors_max = (u32)(data / BLOCK_SECTOR);
	return 0;
}

static int read_segments(struct virtio_device *vdev,
			 struct virtio_blk_info *info)
{
	u32 size = DMA_MAP_MAX, count = SEGMENTS_MAX;

	if (virtio_has(vdev, VIRTIO_BLK_F_SIZE_MAX))
		size = virtio_config32(vdev, CONFIG(size_max));
	if (virtio_has(vdev, VIRTIO_BLK_F_SEG_MAX))
		count = virtio_config32(vdev, CONFIG(seg_max));
	if (size < info->limits.block_size || !count) {
		pr_err("%s: requests of %u segments of %u bytes, and blocks of "
		       "%u: not used",
		       vdev->dev.name, count, size, info->limits.block_size);
		return -EINVAL;
	}
	info->limits.segment_max =
		ALIGN_DOWN(MIN(size, DMA_MAP_MAX), info->limits.block_size);
	info->segments_max = MIN(count, SEGMENTS_MAX);
	return fit_pool(vdev, info);
}

static void read_topology(struct virtio_device *vdev, struct block_limits *l)
{
	unsigned exponent = 0;

	if (virtio_has(vdev, VIRTIO_BLK_F_TOPOLOGY)) {
		exponent = virtio_config8(vdev,
					  CONFIG(topology.physical_block_exp));
		l->optimal_size =
			virtio_config32(vdev, CONFIG(topology.opt_io_size));
		/* In blocks; what cannot be is no hint. */
		if (l->optimal_size > UINT32_MAX / l->block_size)
			l->optimal_size = 0;
		l->optimal_size *= l->block_size;
	}
	if (exponent > PHYSICAL_EXP_MAX)
		exponent = 0;
	l->physical_block_size = l->block_size << exponent;
}

/*
 * The most sectors of a command of @feature, in whole blocks and multiples of
 * the alignment; 0: it is not to be used.
 */
static u32 read_range(struct virtio_device *vdev, const struct block_limits *l,
		      unsigned feature, unsigned sectors_at,
		      unsigned segments_at, u32 alignment)
{
	u32 blocks = l->block_size / BLOCK_SECTOR;
	u32 sectors = config32(vdev, feature, sectors_at);

	/* Each is sent with one segment, which it must take. */
	if (!config32(vdev, feature, segments_at))
		return 0;
	sectors -= sectors % MAX(alignment, 1U);
	return ALIGN_DOWN(sectors, blocks);
}

static void read_ranges(struct virtio_device *vdev, struct block_limits *l)
{
	l->discard_alignment = config32(vdev, VIRTIO_BLK_F_DISCARD,
					CONFIG(discard_sector_alignment));
	l->discard_max =
		read_range(vdev, l, VIRTIO_BLK_F_DISCARD,
			   CONFIG(max_discard_sectors), CONFIG(max_discard_seg),
			   l->discard_alignment);
	l->write_zeroes_max = read_range(vdev, l, VIRTIO_BLK_F_WRITE_ZEROES,
					 CONFIG(max_write_zeroes_sectors),
					 CONFIG(max_write_zeroes_seg), 1);
	l->secure_erase_alignment =
		config32(vdev, VIRTIO_BLK_F_SECURE_ERASE,
			 CONFIG(secure_erase_sector_alignment));
	l->secure_erase_max = read_range(vdev, l, VIRTIO_BLK_F_SECURE_ERASE,
					 CONFIG(max_secure_erase_sectors),
					 CONFIG(max_secure_erase_seg),
					 l->secure_erase_alignment);
}

static unsigned read_queues(struct virtio_device *vdev)
{
	unsigned queues = 1;

	if (virtio_has(vdev, VIRTIO_BLK_F_MQ))
		queues = virtio_config16(vdev, CONFIG(num_queues));
	if (!queues)
		pr_warn("%s: num_queues is 0: one is used", vdev->dev.name);
	return MAX(MIN(MIN(queues, cpu_count()), (unsigned)BLOCK_QUEUES_MAX),
		   1U);
}

int virtio_blk_capacity(struct virtio_device *vdev, u32 block_size,
			u64 *capacity)
{
	le64 said;
	int err =
		virtio_read_config(vdev, CONFIG(capacity), &said, sizeof(said));

	if (!err)
		*capacity = ALIGN_DOWN(le64_to_cpu(said),
				       block_size / BLOCK_SECTOR);
	return err;
}

bool virtio_blk_write_cache(struct virtio_device *vdev)
{
	if (virtio_has(vdev, VIRTIO_BLK_F_CONFIG_WCE))
		return virtio_config8(vdev, CONFIG(writeback));
	return virtio_has(vdev, VIRTIO_BLK_F_FLUSH);
}

int virtio_blk_set_write_cache(struct virtio_device *vdev, bool on)
{
	u8 value = on;

	if (!virtio_has(vdev, VIRTIO_BLK_F_CONFIG_WCE))
		return -EOPNOTSUPP;
	virtio_write_config(vdev, CONFIG(writeback), &value, sizeof(value));
	return virtio_blk_write_cache(vdev) == on ? 0 : -EIO;
}

int virtio_blk_read_config(struct virtio_device *vdev,
			   struct virtio_blk_info *info)
{
	struct block_limits *l = &info->limits;
	int ret;

	*info = (struct virtio_blk_info){ 0 };
	ret = read_block_size(vdev, l);
	if (!ret)
		ret = read_segments(vdev, info);
	if (!ret)
		ret = virtio_blk_capacity(vdev, l->block_size, &info->sectors);
	if (ret)
		return ret;
	info->queues = read_queues(vdev);
	read_topology(vdev, l);
	read_ranges(vdev, l);
	l->read_only = virtio_has(vdev, VIRTIO_BLK_F_RO);
	if (virtio_has(vdev, VIRTIO_BLK_F_FLUSH))
		info->features |= BLOCK_HAS_FLUSH;
	if (virtio_blk_write_cache(vdev))
		info->features |= BLOCK_WRITE_CACHE;
	return 0;
}

int virtio_blk_fit_limits(const struct virtio_device *vdev,
			  struct virtio_blk_info *info, unsigned segments)
{
	struct block_limits *l = &info->limits;
	u64 bytes;

	if (segments <= VIRTIO_BLK_EXTRA_SEGMENTS) {
		pr_err("%s: its queues are too small for a request: not used",
		       vdev->dev.name);
		return -EINVAL;
	}
	l->segments_max = (u16)MIN(info->segments_max,
				   segments - VIRTIO_BLK_EXTRA_SEGMENTS);
	bytes = (u64)l->segments_max * l->segment_max;
	l->sectors_max =
		(u32)MIN(bytes >> BLOCK_SECTOR_SHIFT, (u64)l->sectors_max);
	return 0;
}
