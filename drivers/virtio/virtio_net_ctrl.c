/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control queue (virtio 1.3, 5.1.6.5): one command at a time. Who sends
 * one sleeps until the device has answered; one that does not is broken.
 */
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "virtio_net.h"

/* Neither of the answers that there are (5.1.6.5). */
#define NO_ANSWER 0xff

void virtnet_command_done(struct virtqueue *vq)
{
	struct virtnet *vn = virtqueue_data(vq);

	complete(&vn->ctrl.done);
}

/* Descriptors as the legacy framing wants them (5.1.6.12). */
static int post(struct virtnet_ctrl *ctrl, const struct virtio_segment *parts,
		unsigned count)
{
	struct virtnet_command *command = ctrl->command;
	struct virtio_segment segments[VIRTNET_COMMAND_PARTS + 2];
	u32 used = 0;
	unsigned n = 0;

	if (count > VIRTNET_COMMAND_PARTS)
		return -EINVAL;
	segments[n++] =
		(struct virtio_segment){ &command->hdr, sizeof(command->hdr) };
	for (unsigned i = 0; i < count; i++) {
		if (parts[i].length > sizeof(command->data) - used)
			return -EINVAL;
		memcpy(command->data + used, parts[i].data, parts[i].length);
		segments[n++] = (struct virtio_segment){ command->data + used,
							 parts[i].length };
		used += parts[i].length;
	}
	segments[n++] = (struct virtio_segment){ &command->ack, 1 };
	command->ack = NO_ANSWER;
	return virtqueue_add(ctrl->vq, segments, n - 1, 1, command);
}

/*
 * The same, where a pool may be full: as long as for the answer. Completions
 * may be left over, or come without cause.
 */
static int post_in_time(struct virtnet *vn, const struct virtio_segment *parts,
			unsigned count)
{
	u64 deadline = time_ns() + VIRTNET_COMMAND_TIMEOUT_MS * NSEC_PER_MSEC;
	int err;

	while ((err = post(&vn->ctrl, parts, count)) == -EAGAIN) {
		if (virtio_is_broken(vn->vdev))
			return -EIO;
		if (!completion_wait_until(&vn->ctrl.done, deadline) ||
		    time_ns() >= deadline)
			break;
	}
	return err;
}

/* Completions may be left over, or come without cause. */
static int wait_answer(struct virtnet *vn)
{
	u64 deadline = time_ns() + VIRTNET_COMMAND_TIMEOUT_MS * NSEC_PER_MSEC;
	u32 length; /* legacy devices may say anything (5.1.6.1) */

	while (!virtqueue_get(vn->ctrl.vq, &length)) {
		if (virtio_is_broken(vn->vdev))
			return -EIO;
		/* It may interrupt as often as it likes, and never answer. */
		if (completion_wait_until(&vn->ctrl.done, deadline) &&
		    time_ns() < deadline)
			continue;
		if (virtqueue_pending(vn->ctrl.vq))
			continue;
		virtio_break(vn->vdev, "it does not answer a command");
		return -ETIMEDOUT;
	}
	return READ_ONCE(vn->ctrl.command->ack) == VIRTIO_NET_OK ? 0 : -EIO;
}

static int execute(struct virtnet *vn, u8 class, u8 command,
		   const struct virtio_segment *parts, unsigned count)
{
	struct virtnet_ctrl *ctrl = &vn->ctrl;
	int err;

	if (ctrl->ended || virtio_is_broken(vn->vdev))
		return -EIO;
	ctrl->command->hdr = (struct virtio_net_ctrl_hdr){ class, command };
	err = post_in_time(vn, parts, count);
	if (err)
		return err;
	virtqueue_kick(ctrl->vq);
	err = wait_answer(vn);
	if (err == -EIO && !virtio_is_broken(vn->vdev)) {
		ctrl->refused++;
		pr_warn("%s: command %u.%u refused", vn->vdev->dev.name, class,
			command);
	}
	return err;
}

int virtnet_command(struct virtnet *vn, u8 class, u8 command,
		    const struct virtio_segment *parts, unsigned count)
{
	int err;

	if (!vn->ctrl.vq)
		return -EOPNOTSUPP;
	mutex_lock(&vn->ctrl.lock);
	err = execute(vn, class, command, parts, count);
	mutex_unlock(&vn->ctrl.lock);
	return err;
}

void virtnet_command_end(struct virtnet *vn)
{
	mutex_lock(&vn->ctrl.lock);
	vn->ctrl.ended = true;
	mutex_unlock(&vn->ctrl.lock);
}
