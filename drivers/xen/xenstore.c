/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client of xenstore. One request is made at a time, under a mutex, and
 * who makes it takes what comes until its answer is there. What comes when
 * nobody has a request is taken by work, which also calls the watches.
 *
 * A request that was written by half, or an answer that cannot be, ends it
 * all: nobody would know where the next message begins.
 */
#define pr_fmt(fmt) "xenstore: " fmt

#include <drivers/xenstore.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm/slab.h>
#include <kernel/mutex.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include <kernel/virt/xen.h>
#include <kernel/vsprintf.h>
#include <kernel/work.h>
#include "xenstore.h"
#include "xs_message.h"
#include "xs_ring.h"

#define PAGE_BYTES 4096

static bool no_xenstore;
param_bool("no-xen-xenstore", no_xenstore, "do not use xenstore");

static struct {
	struct mutex lock; /* of all below but `came` and `work` */
	struct xs_ring ring;
	struct xs_message *message;
	struct xenstore_watch *watches;
	unsigned port;
	unsigned watch_number; /* given out last */
	u32 request;	       /* the same */
	u64 ignored;	       /* messages that nobody asked for */
	struct wait_queue came;
	struct work work;
} xs;

bool xenstore_available(void)
{
	return virt_service_runs(HYPERV_TYPE_XEN, XENSTORE_FEATURE) &&
	       !READ_ONCE(xs.ring.broken);
}

static u64 limit_from_now(void)
{
	return time_ns() + XENSTORE_TIMEOUT_MS * NSEC_PER_MSEC;
}

static int broken(const char *why)
{
	if (!xs.ring.broken)
		pr_err("%s: not used any more", why);
	WRITE_ONCE(xs.ring.broken, true);
	return -EIO;
}

/* One of the ring's own findings, once. */
static int check_ring(void)
{
	static bool said;

	if (!xs.ring.broken)
		return 0;
	if (!said)
		pr_err("indices of a ring that cannot be: not used any more");
	said = true;
	return -EIO;
}

/* Watches. */

static struct xenstore_watch *find_watch(const char *token)
{
	u64 number;

	if (kstrtou64(token, 10, &number))
		return NULL;
	for (struct xenstore_watch *w = xs.watches; w; w = w->next)
		if (w->number == number)
			return w;
	return NULL;
}

static void take_event(const struct xs_message *m)
{
	struct xenstore_watch *watch;
	const char *path, *token;

	if (xs_message_event(m, &path, &token))
		watch = NULL;
	else
		watch = find_watch(token);
	if (!watch) {
		xs.ignored++;
		return;
	}
	strscpy(watch->changed, path, sizeof(watch->changed));
	watch->pending = true;
}

/* Messages. */

/*
 * Take what is there of a message: 1 if it is complete, 0 if there is no more
 * now, or -EIO.
 */
static int receive(struct xs_message *m)
{
	size_t wanted, n = 0;

	do {
		void *to = xs_message_room(m, &wanted);

		if (!wanted)
			break;
		n = xs_ring_get(&xs.ring, to, wanted);
		if (check_ring())
			return -EIO;
		if (xs_message_came(m, n))
			return broken("an answer that is too long");
	} while (n);
	/* The host may wait for room. */
	xen_event_notify(xs.port);
	return !wanted;
}

/* The next message that is no event: as receive(). */
static int receive_answer(struct xs_message *m)
{
	int ret;

	while ((ret = receive(m)) > 0) {
		if (m->head.type != XS_WATCH_EVENT)
			break;
		take_event(m);
		xs_message_begin(m);
	}
	return ret;
}

static bool something_came(void)
{
	return xs_ring_available(&xs.ring) || xs.ring.broken;
}

/* The answer to @request of @type, in xs.message: 0 or -errno. */
static int wait_answer(u32 type, u32 request, u64 limit)
{
	struct xs_message *m = xs.message;

	for (;;) {
		int ret = receive_answer(m);

		if (ret < 0)
			return ret;
		if (!ret) {
			if (wait_event_until(&xs.came, something_came(), limit))
				continue;
			return -ETIMEDOUT;
		}
		xs_message_begin(m);
		if (m->head.req_id != request)
			xs.ignored++; /* of one that was given up */
		else if (m->head.type == XS_ERROR)
			return xs_message_error(m);
		else
			return m->head.type == type ? 0 : -EIO;
	}
}

/* All of it, or the host does not know where the next request begins. */
static int put_all(const void *data, size_t n, u64 limit)
{
	const u8 *from = data;

	while (n) {
		size_t put = xs_ring_put(&xs.ring, from, n);

		if (check_ring())
			return -EIO;
		from += put;
		n -= put;
		if (!n)
			break;
		xen_event_notify(xs.port);
		if (!wait_event_until(&xs.came,
				      xs_ring_room(&xs.ring) || xs.ring.broken,
				      limit))
			return broken("requests are not read");
	}
	return 0;
}

/*
 * Ask: @a, @b or NULL, and @end as many bytes as that are the payload. 0, with
 * the answer in xs.message, or -errno. With the lock.
 */
static int ask(u32 type, const char *a, const char *b, bool b_ended)
{
	size_t a_size = strlen(a) + 1;
	size_t b_size = b ? strlen(b) + b_ended : 0;
	struct xsd_sockmsg head = {
		.type = type,
		.req_id = ++xs.request,
		.len = (u32)(a_size + b_size),
	};
	u64 limit = limit_from_now();
	int err;

	if (a_size + b_size > XENSTORE_PAYLOAD_MAX)
		return -E2BIG;
	if (!xenstore_available())
		return -ENODEV;
	err = put_all(&head, sizeof(head), limit) ?: put_all(a, a_size, limit);
	if (!err && b_size)
		err = put_all(b, b_size, limit);
	if (err)
		return err;
	xen_event_notify(xs.port);
	return wait_answer(type, head.req_id, limit);
}

/* The same, of which nothing but success is of interest. */
static int request(u32 type, const char *a, const char *b, bool b_ended)
{
	int err;

	mutex_lock(&xs.lock);
	err = ask(type, a, b, b_ended);
	mutex_unlock(&xs.lock);
	return err;
}

long xenstore_read(const char *path, char *value, size_t size)
{
	long ret;

	mutex_lock(&xs.lock);
	ret = ask(XS_READ, path, NULL, false);
	if (!ret)
		ret = xs.message->head.len;
	if (ret >= 0 && (size_t)ret >= size)
		ret = -E2BIG;
	if (ret >= 0)
		memcpy(value, xs.message->body, (size_t)ret + 1);
	mutex_unlock(&xs.lock);
	return ret;
}

int xenstore_write(const char *path, const char *value)
{
	return request(XS_WRITE, path, value, false);
}

int xenstore_remove(const char *path)
{
	return request(XS_RM, path, NULL, false);
}

long xenstore_list(const char *path,
		   void (*fn)(const char *name, void *context), void *context)
{
	const char *name = NULL;
	long ret;

	mutex_lock(&xs.lock);
	ret = ask(XS_DIRECTORY, path, NULL, false);
	while (ret >= 0 && (name = xs_message_next(xs.message, name))) {
		fn(name, context);
		ret++;
	}
	mutex_unlock(&xs.lock);
	return ret;
}

static void write_token(const struct xenstore_watch *watch, char *token,
			size_t size)
{
	snprintf(token, size, "%u", watch->number);
}

static void unlink_watch(const struct xenstore_watch *watch)
{
	struct xenstore_watch **at = &xs.watches;

	while (*at && *at != watch)
		at = &(*at)->next;
	if (*at)
		*at = watch->next;
}

int xenstore_watch_add(struct xenstore_watch *watch)
{
	char token[12];
	int err;

	mutex_lock(&xs.lock);
	watch->number = ++xs.watch_number;
	watch->pending = false;
	watch->next = xs.watches;
	xs.watches = watch;
	write_token(watch, token, sizeof(token));
	err = ask(XS_WATCH, watch->path, token, true);
	if (err)
		unlink_watch(watch);
	mutex_unlock(&xs.lock);
	/* Its first event may have come with the answer. */
	if (!err)
		work_queue(&xs.work);
	return err;
}

void xenstore_watch_remove(struct xenstore_watch *watch)
{
	char token[12];

	mutex_lock(&xs.lock);
	unlink_watch(watch);
	write_token(watch, token, sizeof(token));
	ask(XS_UNWATCH, watch->path, token, true);
	mutex_unlock(&xs.lock);
	work_flush(&xs.work);
}

/* Work: events. */

/* A copy of one that has something to tell, or NULL. */
static struct xenstore_watch *take_pending(char *changed)
{
	struct xenstore_watch *watch;

	mutex_lock(&xs.lock);
	if (receive_answer(xs.message) > 0) {
		xs_message_begin(xs.message);
		xs.ignored++;
	}
	for (watch = xs.watches; watch && !watch->pending;)
		watch = watch->next;
	if (watch) {
		watch->pending = false;
		memcpy(changed, watch->changed, XENSTORE_PATH_MAX);
	}
	mutex_unlock(&xs.lock);
	return watch;
}

/* Policy: one that never ends gives way to other work now and then. */
#define EVENTS_AT_ONCE 64

static void call_watches(struct work *work)
{
	char changed[XENSTORE_PATH_MAX];

	for (unsigned i = 0; i < EVENTS_AT_ONCE; i++) {
		struct xenstore_watch *watch = take_pending(changed);

		if (!watch)
			return;
		watch->fn(watch, changed);
	}
	work_queue(work);
}

static void on_event(unsigned port __unused, void *context __unused)
{
	wake_all(&xs.came);
	work_queue(&xs.work);
}

/* The service. */

static int map_ring(void)
{
	u64 pfn = 0, port = 0;
	void *page;
	int err;

	/* The first domain has none: xenstore runs there. */
	if (xen_hvm_param(HVM_PARAM_STORE_PFN, &pfn) || !pfn ||
	    xen_hvm_param(HVM_PARAM_STORE_EVTCHN, &port) || !port ||
	    port >= EVTCHN_FIFO_NR_CHANNELS || pfn >= UINT64_MAX / PAGE_BYTES)
		return -ENODEV;
	page = memremap(pfn * PAGE_BYTES, PAGE_BYTES, MEMORY_WB);
	if (!page)
		return -ENOMEM;
	err = xs_ring_init(&xs.ring, page);
	if (err)
		memunmap(page);
	xs.port = (unsigned)port;
	return err;
}

static int start(void)
{
	int err;

	xs.work.fn = call_watches;
	err = map_ring();
	if (err)
		return err;
	if (!xs.message)
		xs.message = kmalloc(sizeof(*xs.message));
	if (!xs.message)
		return -ENOMEM;
	xs_message_begin(xs.message);
	err = xen_event_handle(xs.port, on_event, NULL);
	if (!err)
		pr_info("port %u", xs.port);
	return err;
}

static const struct virt_service xenstore_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XENSTORE_FEATURE,
	.requires = "event-channels",
	.off = &no_xenstore,
	.start = start,
};
VIRT_SERVICE(2, xenstore_service);
