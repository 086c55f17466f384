/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices whose interrupts do not reach us. On some machines nothing tells of
 * an interrupt controller; on others what firmware says of a line is wrong,
 * which nobody can know before it interrupts. So a line is watched until it
 * has done so once; if work is done and it does not, it is as if there were
 * none.
 */
#include <kernel/printk.h>
#include <kernel/time.h>
#include "transport.h"

/*
 * Policy. Rings are memory, and cheap to look at; registers cost an exit, and
 * are for changes of the configuration, which nobody waits for.
 */
#define POLL_NS	       NSEC_PER_MSEC
#define REGISTER_EVERY 128
/* How rarely a line is watched that had nothing to do so far. */
#define WATCH_MAX_NS (64 * NSEC_PER_MSEC)
/* How often work was found without an interrupt before it is said. */
#define MISSES_MAX 8

static void count_misses(struct virtio_poll *p, unsigned found)
{
	if (found)
		p->misses++;
	if (found && p->misses == MISSES_MAX)
		pr_warn("%s: its line does not interrupt: polled every %llu us",
			p->vdev->dev.name, POLL_NS / NSEC_PER_USEC);
	p->interval_ns =
		p->misses ? POLL_NS : MIN(2 * p->interval_ns, WATCH_MAX_NS);
}

static void poll(struct timer *timer)
{
	struct virtio_poll *p = container_of(timer, struct virtio_poll, timer);
	unsigned found;

	if (READ_ONCE(p->proved))
		return;
	found = virtio_all_queues_interrupt(p->vdev);
	if (p->misses < MISSES_MAX)
		count_misses(p, found);
	else if (++p->count % REGISTER_EVERY == 0)
		p->look(p->vdev);
	timer_start(timer, time_ns() + p->interval_ns);
}

static int start(struct virtio_poll *p, struct virtio_device *vdev,
		 void (*look)(struct virtio_device *vdev), unsigned misses)
{
	int ret;

	*p = (struct virtio_poll){
		.timer.handler = poll,
		.vdev = vdev,
		.look = look,
		.interval_ns = POLL_NS,
		.misses = misses,
	};
	ret = timer_start(&p->timer, time_ns() + POLL_NS);
	p->active = !ret;
	return ret;
}

int virtio_poll_start(struct virtio_poll *p, struct virtio_device *vdev,
		      void (*look)(struct virtio_device *vdev))
{
	int ret = start(p, vdev, look, MISSES_MAX);

	if (ret)
		pr_err("%s: no interrupts, and no timer: not used",
		       vdev->dev.name);
	else
		pr_warn("%s: no interrupts: polled every %llu us",
			vdev->dev.name, POLL_NS / NSEC_PER_USEC);
	return ret;
}

void virtio_poll_watch(struct virtio_poll *p, struct virtio_device *vdev,
		       void (*look)(struct virtio_device *vdev))
{
	/* Without timers the line had better be right. */
	start(p, vdev, look, 0);
}

void virtio_poll_stop(struct virtio_poll *p)
{
	if (p->active)
		timer_cancel(&p->timer);
	p->active = false;
}
