/* SPDX-License-Identifier: BSD-2-Clause */
/* Who the host is and who this guest is; the host's clock. */
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/version.h>
#include <kernel/vsprintf.h>
#include <kernel/wallclock.h>
#include "internal.h"

/* Above the PC's clock, which tells whole seconds, and below KVM's. */
#define RATING_WALL 190

static int read_version(struct vmmdev *v)
{
	struct vmmdev_host_version r = { 0 };
	int err = vmmdev_request(v, &r, VMMDEV_REQ_GET_HOST_VERSION, sizeof(r));

	if (err)
		return err;
	v->major = le16_to_cpu(r.major);
	v->minor = le16_to_cpu(r.minor);
	v->build = le32_to_cpu(r.build);
	v->revision = le32_to_cpu(r.revision);
	v->features = le32_to_cpu(r.features);
	return 0;
}

/*
 * This driver stands for Guest Additions. A host refuses versions below 3, and
 * advises its user to replace those that are older than itself: so the numbers
 * are the host's own. The name begins with them, and says behind "_" who it is.
 */
static int report_additions(struct vmmdev *v)
{
	struct vmmdev_guest_info2 r = {
		.additions_major = cpu_to_le16(v->major),
		.additions_minor = cpu_to_le16(v->minor),
		.additions_build = cpu_to_le32(v->build),
		.additions_revision = cpu_to_le32(v->revision),
	};

	snprintf(r.name, sizeof(r.name), "%u.%u.%u_Zirvium-%s", v->major,
		 v->minor, v->build, kernel_version);
	return vmmdev_request(v, &r, VMMDEV_REQ_REPORT_GUEST_INFO2, sizeof(r));
}

/* What lets the host carry out all other requests. */
static int report_interface(struct vmmdev *v)
{
	struct vmmdev_guest_info r = {
		.interface_version = cpu_to_le32(VMMDEV_VERSION),
		.os_type = cpu_to_le32(VBOX_OSTYPE_UNKNOWN | VBOX_OSTYPE_X64),
	};

	return vmmdev_request(v, &r, VMMDEV_REQ_REPORT_GUEST_INFO, sizeof(r));
}

/* No windows of the guest's on the host's screen, no other resolutions. */
static int report_capabilities(struct vmmdev *v)
{
	struct vmmdev_mask r = { .not_mask = cpu_to_le32(~0U) };

	return vmmdev_request(v, &r, VMMDEV_REQ_SET_GUEST_CAPABILITIES,
			      sizeof(r));
}

int vmmdev_report_status(struct vmmdev *v, enum vbox_facility_status status)
{
	struct vmmdev_guest_status r = {
		.facility = cpu_to_le32(VBOX_FACILITY_VBOXGUEST_DRIVER),
		.status = cpu_to_le32(status),
	};

	return vmmdev_request(v, &r, VMMDEV_REQ_REPORT_GUEST_STATUS, sizeof(r));
}

/*
 * The host's pointer need not be captured for a guest that can be told where
 * it is; this one has no use for it, but its user has.
 */
static void free_pointer(struct vmmdev *v)
{
	struct vmmdev_mouse_status r = {
		.mouse_features = cpu_to_le32(VMMDEV_MOUSE_GUEST_CAN_ABSOLUTE |
					      VMMDEV_MOUSE_NEW_PROTOCOL),
	};

	if (vmmdev_request(v, &r, VMMDEV_REQ_SET_MOUSE_STATUS, sizeof(r)))
		return;
	vmmdev_feature(VBOX_POINTER, VIRT_OFFERED | VIRT_ENABLED);
}

int vmmdev_introduce(struct vmmdev *v)
{
	int err = read_version(v);

	if (err)
		return err;
	/*
	 * It comes first where the host knows it, which those of before 3.2 do
	 * not; one that does not like it can be talked to all the same.
	 */
	report_additions(v);
	err = report_interface(v);
	if (err)
		return err;
	report_capabilities(v);
	vmmdev_report_status(v, VBOX_FACILITY_ACTIVE);
	free_pointer(v);
	vmmdev_feature(VBOX_VMMDEV, VIRT_OFFERED | VIRT_ENABLED);
	pr_info("%s: VirtualBox %u.%u.%u r%u", v->name, v->major, v->minor,
		v->build, v->revision);
	return 0;
}

int vmmdev_host_time(struct vmmdev *v, u64 *ms)
{
	struct vmmdev_host_time r = { 0 };
	int err = vmmdev_request(v, &r, VMMDEV_REQ_GET_HOST_TIME, sizeof(r));

	*ms = le64_to_cpu(r.time);
	if (!err && *ms > UINT64_MAX / NSEC_PER_MSEC)
		return -ERANGE;
	return err;
}

static int vbox_wall_read(u64 *ns)
{
	struct vmmdev *v = vmmdev_get();
	u64 ms = 0;
	int err;

	if (!v)
		return -ENODEV;
	err = vmmdev_host_time(v, &ms);
	if (!err) {
		*ns = ms * NSEC_PER_MSEC;
		v->time_used = true;
		vmmdev_feature(VBOX_HOST_TIME, VIRT_ENABLED);
	}
	vmmdev_put(v);
	return err;
}

static const struct wallclock vbox_wall = {
	.name = "VirtualBox",
	.rating = RATING_WALL,
	.read = vbox_wall_read,
};
WALLCLOCK(vbox_wall);
