/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to VirtualBox's device. The host gets copies, in a page that is
 * there for nothing else, and what it made of them is copied back and checked
 * before it is looked at: who asks may use the stack.
 */
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "internal.h"

_Static_assert(2 * VMMDEV_REQUEST_MAX <= 4096, "two in a page");

static const struct {
	s32 status;
	int err;
} errnos[] = {
	{ VERR_INVALID_PARAMETER, -EINVAL }, { VERR_NO_MEMORY, -ENOMEM },
	{ VERR_NOT_IMPLEMENTED, -ENOSYS },   { VERR_NOT_SUPPORTED, -ENOSYS },
	{ VERR_ACCESS_DENIED, -EPERM },	     { VERR_NOT_FOUND, -ENOENT },
	{ VERR_SVC_NOT_FOUND, -ENOENT },
};

int vmmdev_errno(s32 status)
{
	for (unsigned i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].status == status)
			return errnos[i].err;
	return -EIO;
}

int vmmdev_break(struct vmmdev *v, const char *why)
{
	if (!atomic_xchg(&v->broken, true))
		pr_err("%s: broken: %s: not used any more", v->name, why);
	return -EBADMSG;
}

void vmmdev_write_header(struct vmmdev_request_header *header, u32 type,
			 u32 size)
{
	*header = (struct vmmdev_request_header){
		.size = cpu_to_le32(size),
		.version = cpu_to_le32(VMMDEV_REQUEST_HEADER_VERSION),
		.request_type = cpu_to_le32(type),
		.rc = cpu_to_le32((u32)VMMDEV_UNANSWERED),
	};
}

int vmmdev_check_header(struct vmmdev *v,
			const struct vmmdev_request_header *header, u32 type,
			u32 size)
{
	if (le32_to_cpu(header->size) != size)
		return vmmdev_break(v, "an answer has another size");
	if (le32_to_cpu(header->version) != VMMDEV_REQUEST_HEADER_VERSION)
		return vmmdev_break(v, "an answer has another version");
	if (le32_to_cpu(header->request_type) != type)
		return vmmdev_break(v, "an answer is to another request");
	return 0;
}

/* @copy is in the page, @size bytes from @request are there for it. */
static int exchange(struct vmmdev *v, u8 *copy, void *request, u32 type,
		    u32 size)
{
	struct vmmdev_request_header *header = request;
	int err;
	s32 rc;

	vmmdev_write_header(header, type, size);
	memcpy(copy, request, size);
	/* The device reads what was stored before, and writes before it ends */
	outl(v->port + VMMDEV_PORT_OFF_REQUEST,
	     (u32)(v->page_phys + (phys_addr_t)(copy - v->page)));
	memcpy(request, copy, size);
	err = vmmdev_check_header(v, header, type, size);
	if (err)
		return err;
	rc = (s32)le32_to_cpu(header->rc);
	if (rc == VMMDEV_UNANSWERED)
		return vmmdev_break(v, "a request has no answer");
	return rc < 0 ? vmmdev_errno(rc) : 0;
}

int vmmdev_request(struct vmmdev *v, void *request, u32 type, u32 size)
{
	unsigned long irq;
	int err;

	if (size > VMMDEV_REQUEST_MAX || atomic_read(&v->broken))
		return -EIO;
	irq = spin_lock_irqsave(&v->lock);
	err = exchange(v, v->page, request, type, size);
	spin_unlock_irqrestore(&v->lock, irq);
	return err;
}

int vmmdev_last_request(struct vmmdev *v, void *request, u32 type, u32 size)
{
	if (size > VMMDEV_REQUEST_MAX || atomic_read(&v->broken))
		return -EIO;
	return exchange(v, v->page + VMMDEV_REQUEST_MAX, request, type, size);
}
