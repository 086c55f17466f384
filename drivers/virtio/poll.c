/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices whose interrupts do not reach us. */
#include <kernel/printk.h>
#include <kernel/time.h>
#include "transport.h"

/*
 * Policy. Rings are memory, and cheap to look at; registers cost an exit, and
 * are for changes of the configuration, which nobody waits for.
 */
#define POLL_NS	       NSEC_PER_MSEC
#define REGISTER_EVERY 128

static void poll(struct timer *timer)
{
	struct virtio_poll *p = container_of(timer, struct virtio_poll, timer);

	virtio_all_queues_interrupt(p->vdev);
	if (++p->count % REGISTER_EVERY == 0)
		p->look(p->vdev);
	timer_start(timer, time_ns() + POLL_NS);
}

int virtio_poll_start(struct virtio_poll *p, struct virtio_device *vdev,
		      void (*look)(struct virtio_device *vdev))
{
	int ret;

	*p = (struct virtio_poll){
		.timer.handler = poll,
		.vdev = vdev,
		.look = look,
	};
	ret = timer_start(&p->timer, time_ns() + POLL_NS);
	if (ret)
		pr_err("%s: no interrupts, and no timer: not used",
		       vdev->dev.name);
	else
		pr_warn("%s: no interrupts: polled every %llu us",
			vdev->dev.name, POLL_NS / NSEC_PER_USEC);
	p->active = !ret;
	return ret;
}

void virtio_poll_stop(struct virtio_poll *p)
{
	if (p->active)
		timer_cancel(&p->timer);
	p->active = false;
}
