/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bus, and binding: the steps of virtio 1.3, 3.1.1 (Device
 * Initialization), and 3.3 (Device Cleanup).
 */
#define pr_fmt(fmt) "%s: " fmt

#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "internal.h"

static bool virtio_match(const struct device *dev, const struct driver *drv)
{
	return container_of(drv, struct virtio_driver, driver)->type ==
	       to_virtio_device(dev)->type;
}

static void virtio_describe(const struct device *dev, char *text)
{
	const struct virtio_device *vdev = to_virtio_device(dev);
	const char *name = virtio_type_name(vdev->type);

	snprintf(text, DEVICE_TEXT_MAX, "virtio %s (type %u), %s%s",
		 name ? name : "device", vdev->type, vdev->transport->name,
		 vdev->legacy ? ", legacy" : "");
}

static void virtio_release(struct device *dev)
{
	struct virtio_device *vdev = to_virtio_device(dev);

	vdev->transport->release(vdev);
}

const struct bus_type virtio_bus = {
	.name = "virtio",
	.match = virtio_match,
	.describe = virtio_describe,
	.release = virtio_release,
};

static bool is_complete(const struct virtio_transport *t)
{
	return t && t->name && t->get_status && t->set_status &&
	       t->get_features && t->set_features && t->config_size &&
	       t->read_config && t->write_config && t->config_generation &&
	       t->start_interrupts && t->stop_interrupts && t->queue_size_max &&
	       t->queue_size_fixed && t->enable_queue && t->reset_queue &&
	       t->notify && t->interrupt_cpu && t->features && t->release;
}

int virtio_device_register(struct virtio_device *vdev)
{
	int ret = -EEXIST;

	if (!is_complete(vdev->transport) ||
	    (vdev->legacy && !vdev->transport->legacy_align))
		return -EINVAL;
	vdev->dev.bus = &virtio_bus;
	vdev->state = VIRTIO_DOWN;
	vdev->broken_work.fn = virtio_broken_work;
	vdev->config_work.fn = virtio_config_work;
	/* The lowest number that is free. */
	for (unsigned i = 0; i < DEVICES_MAX && ret == -EEXIST; i++) {
		snprintf(vdev->dev.name, sizeof(vdev->dev.name), "virtio%u", i);
		ret = device_register(&vdev->dev);
	}
	return ret;
}

int virtio_device_unregister(struct virtio_device *vdev)
{
	return device_unregister(&vdev->dev);
}

/*
 * No bit is ever cleared but by a reset (2.1.1), whatever the device says is
 * set: of what it says only the bit that is its own is written back.
 */
static void add_status(struct virtio_device *vdev, u8 bits)
{
	u8 own = vdev->transport->get_status(vdev) &
		 VIRTIO_STATUS_DEVICE_NEEDS_RESET;

	vdev->status |= bits;
	vdev->transport->set_status(vdev, vdev->status | own);
}

/* Steps 1 to 3. */
static int begin(struct virtio_device *vdev)
{
	if (virtio_reset(vdev)) {
		vdev->status = vdev->transport->get_status(vdev);
		pr_err("does not complete its reset in %u ms: not used",
		       vdev->dev.name, VIRTIO_RESET_TIMEOUT_MS);
		return -ETIMEDOUT;
	}
	/* What it was given before, it does not use any more. */
	vdev->lost = false;
	vdev->quiet = false;
	vdev->status = 0;
	if (vdev->transport->get_status(vdev) == VIRTIO_STATUS_GONE)
		return -ENODEV;
	add_status(vdev, VIRTIO_STATUS_ACKNOWLEDGE);
	add_status(vdev, VIRTIO_STATUS_DRIVER);
	return 0;
}

/* Step 4: what both sides know. */
static int choose_features(struct virtio_device *vdev)
{
	const struct virtio_driver *drv = virtio_driver_of(vdev);
	struct virtio_features wanted;
	int ret;

	vdev->transport->get_features(vdev, &vdev->offered);
	virtio_wanted_features(vdev, drv, &wanted);
	virtio_features_and(&wanted, &vdev->offered);
	vdev->features = wanted;
	if (!vdev->legacy && !virtio_has(vdev, VIRTIO_F_VERSION_1)) {
		pr_err("offers no VIRTIO_F_VERSION_1, and is not driven as a "
		       "legacy device: not used",
		       vdev->dev.name);
		return -EINVAL;
	}
	if (!drv->validate)
		return 0;
	/* It may read the configuration (3.1.1, 4), which takes the lock. */
	mutex_unlock(&vdev->lock);
	ret = drv->validate(vdev, &vdev->features);
	mutex_lock(&vdev->lock);
	/* Whatever it did there, it can only have given up some. */
	virtio_features_and(&vdev->features, &wanted);
	return ret;
}

/* Steps 4 to 6. Legacy devices have no FEATURES_OK (3.1.2). */
static int negotiate(struct virtio_device *vdev)
{
	int ret = choose_features(vdev);

	if (ret)
		return ret;
	/* Before there are rings: these are in what it reaches, too. */
	if (virtio_has(vdev, VIRTIO_F_ACCESS_PLATFORM))
		ret = dma_limit_to_platform(&vdev->dev);
	if (ret)
		return ret;
	vdev->transport->set_features(vdev, &vdev->features);
	if (vdev->legacy)
		return 0;
	add_status(vdev, VIRTIO_STATUS_FEATURES_OK);
	if (vdev->transport->get_status(vdev) & VIRTIO_STATUS_FEATURES_OK)
		return 0;
	pr_err("does not accept features %#llx %#llx: not used", vdev->dev.name,
	       (unsigned long long)vdev->features.word[0],
	       (unsigned long long)vdev->features.word[1]);
	return -EINVAL;
}

/*
 * What a device did too early for the driver to hear: interrupts between
 * DRIVER_OK and VIRTIO_RUNNING.
 */
static void catch_up(struct virtio_device *vdev)
{
	unsigned long irqs = local_irq_save();

	for (unsigned i = 0; i < vdev->queue_count; i++)
		if (virtqueue_pending(vdev->queues[i]))
			virtqueue_interrupted(vdev->queues[i]);
	local_irq_restore(irqs);
	if (atomic_xchg(&vdev->config_missed, false))
		work_queue(&vdev->config_work);
}

/*
 * Step 8. Until the state is VIRTIO_RUNNING no interrupt reaches the driver:
 * its queues are this function's, which makes up for kicks in probe().
 */
static int go_live(struct virtio_device *vdev)
{
	u8 state = VIRTIO_SETUP;

	if (virtio_is_broken(vdev))
		return -EIO;
	mutex_lock(&vdev->lock);
	add_status(vdev, VIRTIO_STATUS_DRIVER_OK);
	mutex_unlock(&vdev->lock);
	for (unsigned i = 0; i < vdev->queue_count; i++) {
		atomic_fetch_and(&vdev->queues[i]->stopped, (u8)~VQ_EARLY);
		if (virtqueue_outstanding(vdev->queues[i]))
			virtqueue_kick(vdev->queues[i]);
	}
	/*
	 * Releases the queues to interrupts, which acquire the state. A full
	 * barrier: from its store on interrupts are heard, and what came before
	 * them is what catch_up() loads after it.
	 */
	if (!atomic_cmpxchg(&vdev->state, &state, (u8)VIRTIO_RUNNING))
		return -EIO;
	catch_up(vdev);
	return 0;
}

/*
 * The device does nothing any more, and nothing of the core's calls the
 * driver.
 */
static void stop(struct virtio_device *vdev)
{
	bool broken =
		atomic_xchg(&vdev->state, (u8)VIRTIO_DOWN) == VIRTIO_BROKEN;

	for (unsigned i = 0; i < vdev->queue_count; i++)
		if (vdev->queues[i])
			atomic_fetch_or(&vdev->queues[i]->stopped, VQ_BROKEN);
	/* Who broke it has it reset, and failed() called, before all else. */
	if (broken)
		work_flush(&vdev->broken_work);
	mutex_lock(&vdev->lock);
	if (!vdev->quiet)
		virtio_quiesce(vdev);
	mutex_unlock(&vdev->lock);
	/* The last interrupt is over: what was found out came too late. */
	work_cancel(&vdev->config_work);
	for (unsigned i = 0; i < vdev->queue_count; i++) {
		if (!vdev->queues[i])
			continue;
		virtqueue_cancel_wait(vdev->queues[i]);
		vq_unmap_all(vdev->queues[i]);
	}
	/* Each of those may have queued this one. */
	work_cancel(&vdev->broken_work);
}

/* 0, or -errno with the device given up. */
static int set_up(struct virtio_device *vdev)
{
	int ret;

	mutex_lock(&vdev->lock);
	ret = begin(vdev);
	if (!ret)
		ret = negotiate(vdev);
	if (ret && ret != -ENODEV)
		add_status(vdev, VIRTIO_STATUS_FAILED);
	mutex_unlock(&vdev->lock);
	return ret;
}

static void give_up(struct virtio_device *vdev)
{
	mutex_lock(&vdev->lock);
	add_status(vdev, VIRTIO_STATUS_FAILED);
	mutex_unlock(&vdev->lock);
	stop(vdev);
}

int virtio_driver_probe(struct device *dev)
{
	struct virtio_device *vdev = to_virtio_device(dev);
	const struct virtio_driver *drv = virtio_driver_of(vdev);
	int ret = set_up(vdev);

	if (ret)
		return ret;
	vdev->broken_why = NULL;
	vdev->config_missed = false;
	atomic_write(&vdev->state, (u8)VIRTIO_SETUP);
	ret = drv->probe(vdev);
	if (ret)
		goto err_give_up;
	ret = go_live(vdev);
	if (!ret && drv->ready)
		ret = drv->ready(vdev);
	if (!ret)
		return 0;

	give_up(vdev);
	drv->remove(vdev);
	goto err_free_queues;
err_give_up:
	give_up(vdev);
err_free_queues:
	virtio_free_queues(vdev);
	return ret;
}

void virtio_driver_remove(struct device *dev)
{
	struct virtio_device *vdev = to_virtio_device(dev);
	const struct virtio_driver *drv = virtio_driver_of(vdev);

	if (drv->unready)
		drv->unready(vdev);
	stop(vdev);
	drv->remove(vdev);
	virtio_free_queues(vdev);
}

void virtio_queue_interrupt(struct virtio_device *vdev, unsigned slot)
{
	if (virtio_is_running(vdev) && slot < vdev->queue_count)
		virtqueue_interrupted(vdev->queues[slot]);
}

unsigned virtio_all_queues_interrupt(struct virtio_device *vdev)
{
	unsigned found = 0;

	if (!virtio_is_running(vdev))
		return 0;
	for (unsigned i = 0; i < vdev->queue_count; i++) {
		if (!virtqueue_pending(vdev->queues[i]))
			continue;
		virtqueue_interrupted(vdev->queues[i]);
		found++;
	}
	return found;
}

void virtio_config_interrupt(struct virtio_device *vdev)
{
	/* Full barrier: go_live() sees it, or this sees what go_live() set. */
	(void)atomic_xchg(&vdev->config_missed, true);
	if (virtio_is_running(vdev))
		work_queue(&vdev->config_work);
}
