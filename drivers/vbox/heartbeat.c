/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sign of life, from a thread: the host's log says when it stays away for
 * twice the interval that the host wants.
 */
#include <kernel/byteorder.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include "internal.h"

/* What is asked for outside of this is not believed; the usual is 2 s. */
#define INTERVAL_MIN_NS (100 * NSEC_PER_MSEC)
#define INTERVAL_MAX_NS (3600 * NSEC_PER_SEC)

static bool heartbeat_off;
param_bool("no-vbox-heartbeat", heartbeat_off,
	   "do not show VirtualBox regularly that the kernel is alive");

static int configure(struct vmmdev *v, bool enabled, u64 *interval_ns)
{
	struct vmmdev_heartbeat r = { .enabled = enabled };
	int err = vmmdev_request(v, &r, VMMDEV_REQ_HEARTBEAT_CONFIGURE,
				 sizeof(r));

	*interval_ns = le64_to_cpu(r.interval_ns);
	return err;
}

static void again(struct vmmdev *v)
{
	u64 interval_ns = atomic_read(&v->heartbeat_ns);

	if (interval_ns)
		work_queue_at(&v->heartbeat, time_ns() + interval_ns);
}

static void beat(struct work *work)
{
	struct vmmdev *v = container_of(work, struct vmmdev, heartbeat.work);
	struct vmmdev_request_header r;

	if (vmmdev_request(v, &r, VMMDEV_REQ_GUEST_HEARTBEAT, sizeof(r)))
		return;
	atomic_fetch_add_relaxed(&v->beats, (u64)1);
	again(v);
}

void vmmdev_start_heartbeat(struct vmmdev *v)
{
	u64 interval_ns;

	v->heartbeat.work.fn = beat;
	if (configure(v, !heartbeat_off, &interval_ns))
		return;
	vmmdev_feature(VBOX_HEARTBEAT, VIRT_OFFERED);
	if (heartbeat_off)
		return;
	if (interval_ns < INTERVAL_MIN_NS || interval_ns > INTERVAL_MAX_NS) {
		pr_warn("%s: a heartbeat each %llu ns makes no sense: none",
			v->name, (unsigned long long)interval_ns);
		configure(v, false, &interval_ns);
		return;
	}
	atomic_write(&v->heartbeat_ns, interval_ns);
	again(v);
	vmmdev_feature(VBOX_HEARTBEAT, VIRT_ENABLED);
}

void vmmdev_stop_heartbeat(struct vmmdev *v)
{
	u64 interval_ns;

	if (!v->heartbeat_ns)
		return;
	atomic_write(&v->heartbeat_ns, (u64)0);
	/* A beat that runs may have read it before, and queue another one. */
	work_cancel_delayed(&v->heartbeat);
	work_cancel_delayed(&v->heartbeat);
	configure(v, false, &interval_ns);
}
