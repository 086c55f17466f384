/* SPDX-License-Identifier: BSD-2-Clause */
/* Queues made, stopped, started again and ended. */
#define pr_fmt(fmt) "%s: " fmt

#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "internal.h"

/* Policy: no device type has more than two queues for each of 256 CPUs. */
#define QUEUES_MAX 1024
/* 2^32 bytes, which no chain may have (2.7.5.2), are out of reach with it. */
#define SEGMENTS_MAX 4096
/* Policy: how much memory a queue's tables take. */
#define TABLES_BYTES 0x10000U

/* The descriptors that queue @vq shall have: 0, or -errno. */
static int choose_size(struct virtqueue *vq, const struct virtqueue_config *cfg)
{
	struct virtio_device *vdev = vq->vdev;
	const struct virtio_transport *transport = vdev->transport;
	unsigned max = transport->queue_size_max(vdev, cfg->index), size = max;
	bool fixed = transport->queue_size_fixed(vdev);

	if (!max)
		return -ENOENT;
	if (!fixed && cfg->size_max)
		size = MIN(size, cfg->size_max);
	if (!vq->packed && !fixed && max <= VIRTQ_SIZE_MAX)
		while (size & (size - 1))
			size &= size - 1;
	if (size > VIRTQ_SIZE_MAX || (!vq->packed && (size & (size - 1)))) {
		pr_err("queue %u (%s) has %u descriptors, which is not "
		       "allowed: not used",
		       vdev->dev.name, cfg->index, cfg->name, max);
		return -EINVAL;
	}
	vq->size = (u16)size;
	vq->segments_max = (u16)MIN(MIN(cfg->segments_max, size), SEGMENTS_MAX);
	return 0;
}

/* A pool is shared with what cannot be done without. */
static size_t tables_bytes(const struct virtqueue *vq)
{
	size_t share = dma_share(&vq->vdev->dev) / 2 / vq->vdev->queue_count;

	return MIN(share, (size_t)TABLES_BYTES);
}

/*
 * Tables for as many buffers as there is memory for, if they are of use. In a
 * pool there may be none: every chain fits into an empty ring, too.
 */
static int make_tables(struct virtqueue *vq)
{
	struct vq_tables *t = &vq->tables;
	unsigned count;

	if (vq->segments_max < 2 ||
	    !virtio_has(vq->vdev, VIRTIO_F_INDIRECT_DESC))
		return 0;
	t->stride = vq->segments_max * (u32)sizeof(struct virtq_desc);
	count = (unsigned)MIN(tables_bytes(vq) / t->stride, (size_t)vq->size);
	if (count)
		t->memory = dma_alloc(&vq->vdev->dev, (size_t)count * t->stride,
				      &t->address);
	if (!t->memory && vq->pool)
		return 0;
	t->count = (u16)count;
	t->free = kmalloc(count * sizeof(*t->free));
	t->taken = kmalloc(vq->size * sizeof(*t->taken));
	if (!t->memory || !t->free || !t->taken)
		return -ENOMEM;
	return 0;
}

static int make_memory(struct virtqueue *vq)
{
	int ret;

	vq->buffers = kmalloc(vq->size * sizeof(*vq->buffers));
	vq->memory_size = vq->packed ? packed_bytes(vq) : split_bytes(vq);
	vq->memory =
		dma_alloc(&vq->vdev->dev, vq->memory_size, &vq->memory_address);
	if (!vq->buffers || !vq->memory)
		return -ENOMEM;
	ret = make_tables(vq);
	if (ret || !vq->pool)
		return ret;
	vq->mappings =
		kmalloc((vq->size + vq->tables.count * vq->segments_max) *
			sizeof(*vq->mappings));
	return vq->mappings ? 0 : -ENOMEM;
}

/* As the device begins with it: nothing posted, nothing used. */
static void start(struct virtqueue *vq)
{
	memset(vq->memory, 0, vq->memory_size);
	memset(vq->buffers, 0, vq->size * sizeof(*vq->buffers));
	if (vq->mappings)
		memset(vq->mappings, 0,
		       (vq->size + vq->tables.count * vq->segments_max) *
			       sizeof(*vq->mappings));
	for (u16 i = 0; i < vq->tables.count; i++)
		vq->tables.free[i] = i;
	vq->tables.free_count = vq->tables.count;
	vq->free = vq->size;
	vq->free_head = 0;
	vq->oldest = 0;
	vq->in_batch = false;
	vq->detached = 0;
	vq->place.size = vq->size;
	if (vq->packed)
		packed_start(vq);
	else
		split_start(vq);
}

static struct virtqueue *new_queue(struct virtio_device *vdev,
				   const struct virtqueue_config *cfg,
				   unsigned slot)
{
	struct virtqueue *vq = kzalloc(sizeof(*vq));

	if (!vq)
		return NULL;
	vq->vdev = vdev;
	vq->index = cfg->index;
	vq->slot = slot;
	vq->name = cfg->name;
	vq->done = cfg->done;
	vq->data = cfg->data;
	vq->stopped = VQ_EARLY;
	vq->packed = virtio_has(vdev, VIRTIO_F_RING_PACKED);
	vq->event_idx = virtio_has(vdev, VIRTIO_F_EVENT_IDX);
	vq->in_order = virtio_has(vdev, VIRTIO_F_IN_ORDER);
	vq->hardware = virtio_has(vdev, VIRTIO_F_ORDER_PLATFORM);
	vq->pool = IS_ENABLED(CONFIG_DMA_POOL) && vdev->dev.dma_pool;
	vq->lasting = cfg->lasting;
	vq->plain = !vq->pool && !vq->in_order;
	vq->direct = (uintptr_t)phys_to_virt(0);
	/* Nothing is there for who has a pool. */
	vq->reachable = vq->pool ? 0 : arch_phys_end();
	return vq;
}

static int make_queue(struct virtio_device *vdev,
		      const struct virtqueue_config *cfg, unsigned slot)
{
	struct virtqueue *vq = new_queue(vdev, cfg, slot);
	int ret;

	if (!vq)
		return -ENOMEM;
	/* From here on virtio_free_queues() frees what there is. */
	vdev->queues[slot] = vq;
	ret = choose_size(vq, cfg);
	if (ret)
		return ret;
	ret = make_memory(vq);
	if (ret)
		return ret;
	start(vq);
	return vdev->transport->enable_queue(vdev, cfg->index, slot,
					     &vq->place);
}

static bool configs_are_sound(const struct virtqueue_config *configs,
			      unsigned count)
{
	if (!count || count > QUEUES_MAX)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!configs[i].segments_max || !configs[i].name)
			return false;
	return true;
}

int virtio_make_queues(struct virtio_device *vdev,
		       const struct virtqueue_config *configs, unsigned count,
		       struct virtqueue **vq)
{
	int ret;

	if (vdev->queues || !configs_are_sound(configs, count))
		return -EINVAL;
	vdev->queues = kzalloc(count * sizeof(struct virtqueue *));
	if (!vdev->queues)
		return -ENOMEM;
	vdev->queue_count = count;
	mutex_lock(&vdev->lock);
	ret = vdev->transport->start_interrupts(vdev, configs, count);
	vdev->interrupts = !ret;
	for (unsigned i = 0; i < count && !ret; i++) {
		ret = make_queue(vdev, &configs[i], i);
		vq[i] = vdev->queues[i];
	}
	mutex_unlock(&vdev->lock);
	return ret;
}

static void free_queue(struct virtqueue *vq)
{
	struct vq_tables *t = &vq->tables;
	struct device *dev = &vq->vdev->dev;

	for (unsigned id = 0; vq->outstanding; id++)
		if (vq_has(vq, id))
			vq_take_back(vq, id);
	/* What a lost device may still use is never given back. */
	if (t->memory && !vq->vdev->lost)
		dma_free(dev, t->memory, (size_t)t->count * t->stride,
			 t->address);
	if (vq->memory && !vq->vdev->lost)
		dma_free(dev, vq->memory, vq->memory_size, vq->memory_address);
	kfree(t->free);
	kfree(t->taken);
	kfree(vq->mappings);
	kfree(vq->buffers);
	kfree(vq);
}

void virtio_free_queues(struct virtio_device *vdev)
{
	/* `lsvirtio` may be looking. */
	mutex_lock(&vdev->lock);
	for (unsigned i = 0; i < vdev->queue_count; i++)
		if (vdev->queues[i])
			free_queue(vdev->queues[i]);
	kfree(vdev->queues);
	vdev->queues = NULL;
	vdev->queue_count = 0;
	mutex_unlock(&vdev->lock);
}

int virtqueue_reset(struct virtqueue *vq)
{
	struct virtio_device *vdev = vq->vdev;
	int ret;

	if (!virtio_has(vdev, VIRTIO_F_RING_RESET))
		return -EOPNOTSUPP;
	atomic_fetch_or(&vq->stopped, VQ_RESET);
	virtqueue_cancel_wait(vq);
	mutex_lock(&vdev->lock);
	ret = vdev->transport->reset_queue(vdev, vq->index);
	mutex_unlock(&vdev->lock);
	if (!ret)
		return 0;
	virtqueue_break(vq, "the queue cannot be reset");
	return ret == -EOPNOTSUPP ? ret : -ETIMEDOUT;
}

int virtqueue_restart(struct virtqueue *vq)
{
	struct virtio_device *vdev = vq->vdev;
	int ret;

	if (vq->outstanding || !(atomic_read(&vq->stopped) & VQ_RESET))
		return -EBUSY;
	if (virtqueue_is_broken(vq))
		return -EIO;
	start(vq);
	mutex_lock(&vdev->lock);
	ret = vdev->transport->enable_queue(vdev, vq->index, vq->slot,
					    &vq->place);
	mutex_unlock(&vdev->lock);
	if (ret) {
		virtqueue_break(vq, "the queue does not start again");
		return -EIO;
	}
	atomic_fetch_and(&vq->stopped, (u8)~VQ_RESET);
	return 0;
}
