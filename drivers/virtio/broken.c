/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices that break their contract, want a reset or are gone. Any context may
 * find out; a thread resets the device, and then has the driver end what waits
 * for it.
 */
#define pr_fmt(fmt) "%s: " fmt

#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include "internal.h"

/* Policy: how often a register is read before the CPU is left to others. */
#define RESET_SPINS    20
#define RESET_PAUSE_NS (100 * NSEC_PER_USEC)

/*
 * 0 when the device is reset, or gone: then it cannot do anything any more.
 * -ETIMEDOUT. Called with vdev->lock held.
 */
int virtio_reset(struct virtio_device *vdev)
{
	u64 deadline = time_ns() + VIRTIO_RESET_TIMEOUT_MS * NSEC_PER_MSEC;
	u8 status;

	vdev->transport->set_status(vdev, 0);
	for (unsigned n = 0;; n++) {
		status = vdev->transport->get_status(vdev);
		if (!status || status == VIRTIO_STATUS_GONE)
			return 0;
		if (time_ns() > deadline)
			return -ETIMEDOUT;
		if (n < RESET_SPINS)
			cpu_relax();
		else
			thread_sleep_ns(RESET_PAUSE_NS);
	}
}

/*
 * The device does nothing any more: no interrupts, no access to memory, or
 * else it is lost. Called with vdev->lock held.
 */
void virtio_quiesce(struct virtio_device *vdev)
{
	const struct virtio_transport *transport = vdev->transport;

	if (virtio_reset(vdev) &&
	    !(transport->isolate && transport->isolate(vdev))) {
		vdev->lost = true;
		pr_err("does not complete its reset in %u ms: the memory that "
		       "it may still use is not used again",
		       vdev->dev.name, VIRTIO_RESET_TIMEOUT_MS);
	}
	if (vdev->interrupts)
		transport->stop_interrupts(vdev);
	vdev->interrupts = false;
	vdev->quiet = true;
}

/* True for the one who finds it out first. */
static bool claim(struct virtio_device *vdev, bool *running)
{
	u8 state = atomic_read(&vdev->state);

	do {
		if (state != VIRTIO_SETUP && state != VIRTIO_RUNNING)
			return false;
	} while (!atomic_cmpxchg(&vdev->state, &state, (u8)VIRTIO_BROKEN));
	*running = state == VIRTIO_RUNNING;
	return true;
}

static void say(const struct virtio_device *vdev, const struct virtqueue *vq,
		const char *why, const u32 *value)
{
	if (vq && value)
		pr_err("broken: queue %u (%s): %s (%u): reset", vdev->dev.name,
		       vq->index, vq->name, why, *value);
	else if (vq)
		pr_err("broken: queue %u (%s): %s: reset", vdev->dev.name,
		       vq->index, vq->name, why);
	else
		pr_err("broken: %s: reset", vdev->dev.name, why);
}

void virtio_break_queue(struct virtio_device *vdev, struct virtqueue *vq,
			const char *why, const u32 *value)
{
	bool running;

	/* At once, whoever is first: nothing more comes out of this one. */
	if (vq)
		atomic_fetch_or(&vq->stopped, VQ_BROKEN);
	if (!claim(vdev, &running))
		return;
	for (unsigned i = 0; i < vdev->queue_count; i++)
		if (vdev->queues[i])
			atomic_fetch_or(&vdev->queues[i]->stopped, VQ_BROKEN);
	vdev->broken_why = why;
	say(vdev, vq, why, value);
	/* In probe() it is the core's to undo all: see virtio.c. */
	if (running)
		work_queue(&vdev->broken_work);
}

void virtio_break(struct virtio_device *vdev, const char *why)
{
	virtio_break_queue(vdev, NULL, why, NULL);
}

bool virtio_is_broken(const struct virtio_device *vdev)
{
	return atomic_read(&vdev->state) == VIRTIO_BROKEN;
}

bool virtio_is_lost(const struct virtio_device *vdev)
{
	return vdev->lost;
}

void virtio_broken_work(struct work *work)
{
	struct virtio_device *vdev =
		container_of(work, struct virtio_device, broken_work);

	mutex_lock(&vdev->lock);
	virtio_quiesce(vdev);
	mutex_unlock(&vdev->lock);
	virtio_driver_of(vdev)->failed(vdev);
}

/* The configuration changed, or the status (3.2.1). */
void virtio_config_work(struct work *work)
{
	struct virtio_device *vdev =
		container_of(work, struct virtio_device, config_work);
	u8 status;

	if (!virtio_is_running(vdev))
		return;
	status = vdev->transport->get_status(vdev);
	if (status == VIRTIO_STATUS_GONE)
		virtio_break(vdev, "it is gone");
	else if (status & VIRTIO_STATUS_DEVICE_NEEDS_RESET)
		virtio_break(vdev, "it asks for a reset");
	else if (virtio_driver_of(vdev)->config_changed)
		virtio_driver_of(vdev)->config_changed(vdev);
}
