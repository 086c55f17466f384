/* SPDX-License-Identifier: BSD-2-Clause */
/* The command `vmmdev`. */
#include <kernel/byteorder.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/time.h>
#include "internal.h"

static void print_pointer(struct vmmdev *v)
{
	struct vmmdev_mouse_status r = { 0 };

	if (vmmdev_request(v, &r, VMMDEV_REQ_GET_MOUSE_STATUS, sizeof(r)))
		return;
	console_printf("pointer: %s, at %u,%u of %u\n",
		       le32_to_cpu(r.mouse_features) &
				       VMMDEV_MOUSE_HOST_WANTS_ABSOLUTE
			       ? "free"
			       : "captured",
		       le32_to_cpu(r.pointer_pos_x),
		       le32_to_cpu(r.pointer_pos_y), VMMDEV_MOUSE_RANGE_MAX);
}

static void print_state(struct vmmdev *v)
{
	console_printf("%s: VirtualBox %u.%u.%u r%u, features %#x%s\n", v->name,
		       v->major, v->minor, v->build, v->revision, v->features,
		       v->broken ? ", broken" : "");
	console_printf("interrupts: %s, %llu\n", v->has_irq ? "yes" : "none",
		       (unsigned long long)atomic_read(&v->interrupts));
	console_printf("heartbeat: each %llu ms, %llu sent\n",
		       (unsigned long long)(v->heartbeat_ns / NSEC_PER_MSEC),
		       (unsigned long long)atomic_read(&v->beats));
	print_pointer(v);
	if (v->abandoned)
		console_printf("HGCM requests that the host kept: %u\n",
			       v->abandoned);
}

static int run_vmmdev(int argc, char **argv)
{
	struct vmmdev *v;

	(void)argv;
	if (argc > 1)
		return -EINVAL;
	v = vmmdev_get();
	if (!v) {
		console_puts("no VirtualBox device here\n");
		return -ENODEV;
	}
	print_state(v);
	vmmdev_put(v);
	return 0;
}
SHELL_COMMAND(vmmdev, "", "Show what VirtualBox's device says", run_vmmdev);
