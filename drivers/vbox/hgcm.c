/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HGCM requests: answered some time after they were made, in memory that the
 * host may write to until then. An answer is announced by an event; since an
 * interrupt may be missing where firmware is wrong about lines, waiting
 * threads also look by themselves from time to time.
 */
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/mm/page.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "hgcm.h"

/* The first look without an event, and the longest time between two. */
#define LOOK_FIRST_NS NSEC_PER_MSEC
#define LOOK_LAST_NS  (100 * NSEC_PER_MSEC)
/* For connections, which are made in the host's process at once. */
#define CONNECT_TIMEOUT_NS (10 * NSEC_PER_SEC)
/* What the host could not cancel is about to be answered. */
#define LATE_TIMEOUT_NS (2 * NSEC_PER_SEC)

/* A request in memory that is the host's as well. */
struct exchange {
	struct vmmdev *v;
	u8 *memory;
	phys_addr_t phys;
	unsigned order;
	u32 type, size;
};

static struct vmmdev_hgcm_header *header_of(const struct exchange *x)
{
	return (struct vmmdev_hgcm_header *)x->memory;
}

static int exchange_open(struct exchange *x, struct vmmdev *v, u32 type,
			 u32 size, u32 total)
{
	*x = (struct exchange){
		.v = v,
		.order = page_order_for(total),
		.type = type,
		.size = size,
	};
	x->phys = alloc_pages(x->order, ALLOC_BELOW_4G);
	if (!x->phys)
		return -ENOMEM;
	x->memory = phys_to_virt(x->phys);
	memset(x->memory, 0, size);
	return 0;
}

static void exchange_close(struct exchange *x)
{
	free_pages(x->phys, x->order);
}

static bool is_done(const struct exchange *x)
{
	u32 flags = le32_to_cpu(READ_ONCE(header_of(x)->flags));

	/* The host stored what it answers before the flag. */
	fence_acquire();
	return flags & VMMDEV_HGCM_REQ_DONE;
}

static bool wait_done(const struct exchange *x, u64 until_ns, bool to_the_end)
{
	u64 look = LOOK_FIRST_NS;
	bool done = false;

	while (!done && time_ns() < until_ns &&
	       (to_the_end || !vmmdev_is_leaving(x->v))) {
		done = wait_event_until(&x->v->answered, is_done(x),
					MIN(until_ns, time_ns() + look));
		look = MIN(2 * look, LOOK_LAST_NS);
	}
	return done || is_done(x);
}

static int cancel(const struct exchange *x)
{
	struct vmmdev_hgcm_cancel2 r = {
		.phys_req_to_cancel = cpu_to_le32((u32)x->phys),
	};

	return vmmdev_request(x->v, &r, VMMDEV_REQ_HGCM_CANCEL2, sizeof(r));
}

/* The host has the memory for ever. */
static int abandon(struct exchange *x)
{
	unsigned before = atomic_fetch_add(&x->v->abandoned, 1U);

	pr_warn("%s: HGCM request %u is neither answered nor cancelled: its "
		"memory is lost",
		x->v->name, x->type);
	if (before + 1 >= VMMDEV_ABANDONED_MAX)
		vmmdev_break(x->v, "too many such requests");
	return -ETIMEDOUT;
}

/* Nobody waits any more. What the host has cancelled it does not write to. */
static int give_up(struct exchange *x)
{
	int err = vmmdev_is_leaving(x->v) ? -ENODEV : -ETIMEDOUT;

	if (!cancel(x) || wait_done(x, time_ns() + LATE_TIMEOUT_NS, true)) {
		exchange_close(x);
		return err;
	}
	return abandon(x);
}

static void submit(const struct exchange *x)
{
	vmmdev_write_header(&header_of(x)->header, x->type, x->size);
	outl(x->v->port + VMMDEV_PORT_OFF_REQUEST, (u32)x->phys);
}

/*
 * Have it carried out. 0: the answer, whose result is *@status, is there to be
 * read, and the caller calls exchange_close(). Else that was done.
 */
static int perform(struct exchange *x, u64 timeout_ns, s32 *status)
{
	struct vmmdev_hgcm_header *h = header_of(x);
	s32 rc;
	int err;

	submit(x);
	rc = (s32)le32_to_cpu(READ_ONCE(h->header.rc));
	/* Who says nothing may still have the memory. */
	if (rc == VMMDEV_UNANSWERED)
		return vmmdev_break(x->v, "an HGCM request has no answer");
	if (rc < 0) {
		*status = rc;
		exchange_close(x);
		return vmmdev_errno(rc);
	}
	if (!wait_done(x, time_ns() + timeout_ns, false))
		return give_up(x);
	err = vmmdev_check_header(x->v, &h->header, x->type, x->size);
	*status = (s32)le32_to_cpu(READ_ONCE(h->result));
	if (!err && *status < 0)
		err = vmmdev_errno(*status);
	if (err)
		exchange_close(x);
	return err;
}

static int connect_to(struct vmmdev *v, const char *service, u32 *id)
{
	struct vmmdev_hgcm_connect *r;
	struct exchange x;
	s32 status;
	int err = exchange_open(&x, v, VMMDEV_REQ_HGCM_CONNECT, sizeof(*r),
				sizeof(*r));

	if (err)
		return err;
	r = (void *)x.memory;
	r->location_type = cpu_to_le32(VMMDEV_HGCM_LOC_LOCALHOST_EXISTING);
	strscpy(r->service_name, service, sizeof(r->service_name));
	err = perform(&x, CONNECT_TIMEOUT_NS, &status);
	if (err)
		return err;
	*id = le32_to_cpu(r->client_id);
	exchange_close(&x);
	return 0;
}

/* The device for HGCM, and why not. */
static struct vmmdev *begin(int *err)
{
	struct vmmdev *v = vmmdev_get();

	*err = -ENODEV;
	if (!v)
		return NULL;
	*err = 0;
	if (!(v->features & VMMDEV_HVF_HGCM_PHYS_PAGE_LIST))
		*err = -EOPNOTSUPP;
	if (atomic_read(&v->broken))
		*err = -EIO;
	if (!*err)
		return v;
	vmmdev_put(v);
	return NULL;
}

int hgcm_connect(const char *service, struct hgcm_client *client)
{
	size_t length = strlen(service);
	struct vmmdev *v;
	int err;

	if (!length || length > HGCM_NAME_MAX)
		return -EINVAL;
	v = begin(&err);
	if (!v)
		return err;
	err = connect_to(v, service, &client->id);
	client->host = v->generation;
	vmmdev_put(v);
	return err;
}

/* The device that @client was connected through, or NULL. */
static struct vmmdev *begin_client(const struct hgcm_client *client, int *err)
{
	struct vmmdev *v = begin(err);

	if (!v || v->generation == client->host)
		return v;
	vmmdev_put(v);
	*err = -ENODEV;
	return NULL;
}

void hgcm_disconnect(const struct hgcm_client *client)
{
	struct vmmdev_hgcm_disconnect *r;
	struct exchange x;
	s32 status;
	int err;
	struct vmmdev *v = begin_client(client, &err);

	if (!v)
		return;
	if (!exchange_open(&x, v, VMMDEV_REQ_HGCM_DISCONNECT, sizeof(*r),
			   sizeof(*r))) {
		r = (void *)x.memory;
		r->client_id = cpu_to_le32(client->id);
		if (!perform(&x, CONNECT_TIMEOUT_NS, &status))
			exchange_close(&x);
	}
	vmmdev_put(v);
}

static int call(struct vmmdev *v, u32 id, u32 function, struct hgcm_parm *parms,
		unsigned count, u64 timeout_ns, s32 *status)
{
	struct hgcm_layout layout;
	struct vmmdev_hgcm_call *r;
	struct exchange x;
	int err = hgcm_plan(parms, count, &layout);

	if (!err)
		err = exchange_open(&x, v, VMMDEV_REQ_HGCM_CALL64,
				    layout.request_size, layout.total);
	if (err)
		return err;
	r = (void *)x.memory;
	r->client_id = cpu_to_le32(id);
	r->function = cpu_to_le32(function);
	r->parm_count = cpu_to_le32(count);
	hgcm_pack(&layout, parms, count, x.memory, x.phys);
	err = perform(&x, timeout_ns, status);
	if (err)
		return err;
	err = hgcm_unpack(&layout, parms, count, x.memory);
	if (err)
		vmmdev_break(v, "a service has changed its parameters' types");
	exchange_close(&x);
	return err;
}

int hgcm_call(const struct hgcm_client *client, u32 function,
	      struct hgcm_parm *parms, unsigned count, u64 timeout_ns,
	      s32 *status)
{
	s32 unread = 0;
	int err;
	struct vmmdev *v = begin_client(client, &err);

	if (!v)
		return err;
	err = call(v, client->id, function, parms, count, timeout_ns,
		   status ? status : &unread);
	vmmdev_put(v);
	if (!err)
		vmmdev_feature(VBOX_HGCM, VIRT_ENABLED);
	return err;
}
