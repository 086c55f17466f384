/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio entropy devices (virtio 1.3, 5.4) as sources of random numbers.
 *
 * One buffer is posted when the core asks, and no more until it asks again: it
 * does so at most once in RANDOM_RESEED_NS, so a device is asked for at most
 * RANDOM_SEED_BYTES in that time (policy). Nobody waits for the answer. One
 * that is short is followed by a request for the rest, ANSWERS_MAX times.
 */
#include <abi/virtio/rng.h>
#include <drivers/virtio.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>

/* Policy: a device that gives a byte at a time is not asked on and on. */
#define ANSWERS_MAX 8

struct virtio_rng {
	struct virtio_device *vdev;
	struct virtqueue *vq;
	struct random_source source;
	struct spinlock lock; /* of what follows, and of the queue */
	bool stopped;	      /* the source is going, or gone */
	bool silent;	      /* it was said that it does not answer */
	bool empty;	      /* or that it gives nothing */
	size_t wanted;	      /* bytes that are still to come */
	unsigned answers;     /* to what the core asked for last */
	u8 *buffer;	      /* RANDOM_SEED_BYTES */
};

/*
 * Called with the lock held, as what follows. True if the device is to be
 * notified, for which the lock is not needed.
 */
static bool post(struct virtio_rng *rng)
{
	struct virtio_segment segment = { rng->buffer, (u32)rng->wanted };

	if (rng->stopped || !rng->wanted || rng->answers == ANSWERS_MAX ||
	    virtqueue_outstanding(rng->vq))
		return false;
	/* virtio 1.3, 5.4.6.1: no device-readable buffers. */
	return !virtqueue_add(rng->vq, &segment, 0, 1, rng) &&
	       virtqueue_kick_prepare(rng->vq);
}

static void say_silent(struct virtio_rng *rng)
{
	if (!rng->silent)
		pr_warn("%s: has not answered since it was asked last",
			rng->vdev->dev.name);
	rng->silent = true;
}

static void request(struct random_source *source, size_t size)
{
	struct virtio_rng *rng =
		container_of(source, struct virtio_rng, source);
	unsigned long state = spin_lock_irqsave(&rng->lock);
	bool notify = false;

	if (virtqueue_outstanding(rng->vq)) {
		say_silent(rng);
	} else {
		rng->wanted = MIN(size, RANDOM_SEED_BYTES);
		rng->answers = 0;
		notify = post(rng);
	}
	spin_unlock_irqrestore(&rng->lock, state);
	if (notify)
		virtqueue_notify(rng->vq);
}

/* Only what the device says it wrote is taken: virtio 1.3, 5.4.6.1. */
static void take(struct virtio_rng *rng, size_t length)
{
	size_t used = MIN(length, rng->wanted);

	rng->answers++;
	rng->wanted -= used;
	if (used && !rng->stopped)
		random_add(&rng->source, rng->buffer, used);
	wipe(rng->buffer, RANDOM_SEED_BYTES);
	if (used || rng->empty || rng->answers < ANSWERS_MAX)
		return;
	rng->empty = true;
	pr_warn("%s: gives no bytes: asked again later", rng->vdev->dev.name);
}

static void done(struct virtqueue *vq)
{
	struct virtio_rng *rng = virtqueue_data(vq);
	unsigned long state = spin_lock_irqsave(&rng->lock);
	bool notify;
	u32 length;

	while (virtqueue_get(vq, &length))
		take(rng, length);
	notify = post(rng);
	spin_unlock_irqrestore(&rng->lock, state);
	if (notify)
		virtqueue_notify(vq);
}

static int virtio_rng_probe(struct virtio_device *vdev)
{
	struct virtio_rng *rng = kzalloc(sizeof(*rng));
	struct virtqueue_config config = {
		.index = VIRTIO_RNG_REQUESTQ,
		.name = "requests",
		.done = done,
		.data = rng,
		.size_max = 1,
		.segments_max = 1,
		.cpu = VIRTQUEUE_ANY,
	};
	int ret = -ENOMEM;

	if (!rng)
		return ret;
	rng->vdev = vdev;
	rng->source.name = vdev->dev.name;
	rng->source.quality = 8;
	rng->source.request = request;
	rng->buffer = kzalloc(RANDOM_SEED_BYTES);
	if (!rng->buffer)
		goto err_free_rng;
	ret = virtio_make_queues(vdev, &config, 1, &rng->vq);
	if (ret)
		goto err_free_buffer;
	device_set_data(&vdev->dev, rng);
	return 0;

err_free_buffer:
	kfree(rng->buffer);
err_free_rng:
	kfree(rng);
	return ret;
}

static int virtio_rng_ready(struct virtio_device *vdev)
{
	struct virtio_rng *rng = device_data(&vdev->dev);

	random_source_add(&rng->source);
	return 0;
}

/* More than once, perhaps by two at a time. */
static void stop(struct virtio_device *vdev)
{
	struct virtio_rng *rng = device_data(&vdev->dev);
	unsigned long state = spin_lock_irqsave(&rng->lock);

	rng->stopped = true;
	spin_unlock_irqrestore(&rng->lock, state);
	random_source_remove(&rng->source);
}

static void virtio_rng_remove(struct virtio_device *vdev)
{
	struct virtio_rng *rng = device_data(&vdev->dev);

	stop(vdev);
	(void)virtqueue_detach(rng->vq);
	/* A device that is lost may still write to its buffer. */
	if (!virtio_is_lost(vdev))
		kfree(rng->buffer);
	kfree(rng);
}

static const u8 no_features[] = { VIRTIO_FEATURES_END };

MODULE_DECLARE(virtio_rng);

static const struct virtio_driver virtio_rng_driver = {
	.driver = VIRTIO_DRIVER_BASE("virtio-rng", &module_virtio_rng),
	.type = VIRTIO_ID_RNG,
	.features = no_features,
	.probe = virtio_rng_probe,
	.ready = virtio_rng_ready,
	.unready = stop,
	.remove = virtio_rng_remove,
	.failed = stop,
};
VIRTIO_DRIVER(virtio_rng, virtio_rng_driver);
MODULE(virtio_rng, "virtio entropy devices", "");
MODULE_AUTOMATIC();
