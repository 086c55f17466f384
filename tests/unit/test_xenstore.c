/* SPDX-License-Identifier: BSD-2-Clause */
/* The client of xenstore, against one that answers by half, late, or lies. */
#include "unit.h"
#include "../../drivers/xen/xenstore.h"
#include "../../drivers/xen/xs_ring.h"
#include <stdlib.h>
#include <drivers/xenstore.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/power.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/virt/service.h>
#include <kernel/virt/xen.h>
#include <kernel/vsprintf.h>
#include <kernel/wait.h>
#include "host.h"

#define PFN  0xfeffcULL
#define PORT 1

static struct xenstore_domain_interface page;
static void (*handler)(unsigned port, void *context);

/* The host: what it has been told, and what it answers. */
static u8 told[8192];
static size_t told_count;
static unsigned requests;
static struct {
	bool dead;	  /* reads nothing */
	bool mute;	  /* answers nothing */
	bool event_first; /* an event before each answer */
	unsigned stale;	  /* answers to others before each answer */
	u32 type;	  /* of the answer; 0: as it is asked */
	const char *body;
	size_t size;
	size_t at_once; /* bytes for each event */
} host;

/* What the host has to say, and has not yet. */
static u8 said[16384];
static size_t said_count, said_begin;

static void say(u32 type, u32 request, const void *body, size_t size)
{
	struct xsd_sockmsg head = {
		.type = type,
		.req_id = request,
		.len = (u32)size,
	};

	memcpy(said + said_count, &head, sizeof(head));
	memcpy(said + said_count + sizeof(head), body, size);
	said_count += sizeof(head) + size;
}

static void answer(const struct xsd_sockmsg *head)
{
	if (host.event_first)
		say(XS_WATCH_EVENT, 0,
		    "some/path\0"
		    "1",
		    12);
	for (unsigned i = 0; i < host.stale; i++)
		say(XS_READ, head->req_id - 1, "stale", 5);
	say(host.type ?: head->type, head->req_id, host.body, host.size);
}

static bool host_reads(void)
{
	struct xsd_sockmsg *head = (void *)told;
	bool any = false;

	while (!host.dead && page.req_cons != page.req_prod) {
		told[told_count++] =
			page.req[page.req_cons++ % XENSTORE_RING_SIZE];
		any = true;
	}
	if (told_count < sizeof(*head) ||
	    told_count < sizeof(*head) + head->len)
		return any;
	requests++;
	if (!host.mute)
		answer(head);
	told_count = 0;
	return true;
}

static bool host_speaks(void)
{
	size_t n = MIN(host.at_once, said_count - said_begin);
	size_t done = 0;

	while (done < n && page.rsp_prod - page.rsp_cons < XENSTORE_RING_SIZE) {
		page.rsp[page.rsp_prod++ % XENSTORE_RING_SIZE] =
			said[said_begin++];
		done++;
	}
	if (said_begin == said_count)
		said_begin = said_count = 0;
	return done;
}

/* The kernel. */

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	(void)type;
	CHECK_EQ(phys, PFN * 4096);
	CHECK(size >= sizeof(page));
	return &page;
}

void memunmap(const void *mapping)
{
	(void)mapping;
}

int xen_hvm_param(unsigned index, u64 *value)
{
	*value = index == HVM_PARAM_STORE_PFN ? PFN : PORT;
	return 0;
}

int xen_event_handle(unsigned port, void (*fn)(unsigned port, void *context),
		     void *context)
{
	(void)context;
	CHECK_EQ(port, PORT);
	handler = fn;
	return 0;
}

int xen_event_notify(unsigned port)
{
	CHECK_EQ(port, PORT);
	return 0;
}

bool virt_service_runs(enum hypervisor_type type, const char *feature)
{
	(void)feature;
	return type == HYPERV_TYPE_XEN;
}

void might_sleep(void)
{
}

void wait_prepare(struct wait_queue *wq, struct waiter *waiter)
{
	(void)wq;
	(void)waiter;
}

bool wait_finish(struct wait_queue *wq, struct waiter *waiter)
{
	(void)wq;
	(void)waiter;
	return false;
}

bool wake_one(struct wait_queue *wq)
{
	(void)wq;
	return false;
}

void wake_all(struct wait_queue *wq)
{
	(void)wq;
}

/* Who sleeps lets the host run. False: it has nothing to do, time runs out. */
bool sched_sleep(u64 until_ns)
{
	bool any = host_reads();

	(void)until_ns;
	any |= host_speaks();
	return any;
}

static enum power_request asked_for;
static unsigned asked;

int power_request(enum power_request what, const char *from)
{
	(void)from;
	asked_for = what;
	asked++;
	return 0;
}

static void begin(void)
{
	memset(&page, 0, sizeof(page));
	memset(&host, 0, sizeof(host));
	host.body = "";
	host.at_once = SIZE_MAX;
	told_count = said_count = said_begin = 0;
	requests = 0;
	/* Each test begins with a client that is new. */
	table_for_each(const struct virt_service, virt_service, it)
		CHECK_EQ((*it)->start(), 0);
	host_run_work();
}

static long read_path(char *value, size_t size)
{
	return xenstore_read("domid", value, size);
}

TEST(value_is_read)
{
	char value[8];

	begin();
	host.body = "17";
	host.size = 2;
	CHECK_EQ(read_path(value, sizeof(value)), 2);
	CHECK(!strcmp(value, "17"));
	CHECK_EQ(requests, 1);
}

TEST(value_that_does_not_fit_is_an_error)
{
	char value[3];

	begin();
	host.body = "123";
	host.size = 3;
	CHECK_EQ(read_path(value, sizeof(value)), -E2BIG);
}

TEST(answers_come_in_pieces)
{
	static char body[XENSTORE_PAYLOAD_MAX], value[XENSTORE_PAYLOAD_MAX + 1];

	begin();
	memset(body, 'b', sizeof(body));
	host.body = body;
	host.size = sizeof(body);
	host.at_once = 7;
	CHECK_EQ(read_path(value, sizeof(value)), sizeof(body));
	CHECK(!memcmp(value, body, sizeof(body)));
}

TEST(requests_longer_than_the_ring_are_written)
{
	static char value[3000];

	begin();
	memset(value, 'v', sizeof(value) - 1);
	CHECK_EQ(xenstore_write("data/x", value), 0);
	CHECK_EQ(requests, 1);
}

TEST(request_that_is_too_long_is_not_made)
{
	static char value[XENSTORE_PAYLOAD_MAX + 1];

	begin();
	memset(value, 'v', sizeof(value) - 1);
	CHECK_EQ(xenstore_write("x", value), -E2BIG);
	CHECK_EQ(page.req_prod, 0);
}

TEST(errors_have_numbers)
{
	char value[8];

	begin();
	host.type = XS_ERROR;
	host.body = "ENOENT";
	host.size = 7;
	CHECK_EQ(read_path(value, sizeof(value)), -ENOENT);
	host.body = "EWHATEVER";
	host.size = 10;
	CHECK_EQ(read_path(value, sizeof(value)), -EIO);
	host.size = 0;
	CHECK_EQ(read_path(value, sizeof(value)), -EIO);
}

TEST(answers_to_others_and_events_are_passed_over)
{
	char value[8];

	begin();
	host.stale = 3;
	host.event_first = true;
	host.body = "1";
	host.size = 1;
	CHECK_EQ(read_path(value, sizeof(value)), 1);
}

TEST(answer_of_another_type_is_an_error)
{
	char value[8];

	begin();
	host.type = XS_WRITE;
	CHECK_EQ(read_path(value, sizeof(value)), -EIO);
}

TEST(host_that_does_not_answer_is_given_up_and_may_answer_later)
{
	char value[8];

	begin();
	host.mute = true;
	CHECK_EQ(read_path(value, sizeof(value)), -ETIMEDOUT);
	host.mute = false;
	host.body = "5";
	host.size = 1;
	say(XS_READ, 1, "late", 4);
	CHECK_EQ(read_path(value, sizeof(value)), 1);
	CHECK(!strcmp(value, "5"));
}

TEST(host_that_does_not_read_is_not_asked_again)
{
	static char value[3000];

	begin();
	memset(value, 'v', sizeof(value) - 1);
	host.dead = true;
	CHECK_EQ(xenstore_write("x", value), -EIO);
	CHECK(!xenstore_available());
	CHECK_EQ(read_path(value, sizeof(value)), -ENODEV);
}

TEST(answer_that_is_too_long_ends_it)
{
	struct xsd_sockmsg head = { .len = XENSTORE_PAYLOAD_MAX + 1 };
	char value[8];

	begin();
	host.mute = true;
	memcpy(said, &head, sizeof(head));
	said_count = sizeof(head);
	CHECK_EQ(read_path(value, sizeof(value)), -EIO);
	CHECK(!xenstore_available());
}

TEST(indices_that_cannot_be_end_it)
{
	char value[8];

	begin();
	page.rsp_prod = XENSTORE_RING_SIZE + 1;
	CHECK_EQ(read_path(value, sizeof(value)), -EIO);
	CHECK(!xenstore_available());
	begin();
	page.req_cons = 1;
	CHECK_EQ(read_path(value, sizeof(value)), -EIO);
	CHECK(!xenstore_available());
}

static unsigned names;

static void count_name(const char *name, void *context)
{
	CHECK(context == &names);
	CHECK(*name);
	names++;
}

TEST(names_are_listed_and_one_without_an_end_is_not)
{
	begin();
	names = 0;
	host.body = "one\0two\0thr";
	host.size = 8;
	CHECK_EQ(xenstore_list("x", count_name, &names), 2);
	host.size = 11;
	CHECK_EQ(xenstore_list("x", count_name, &names), 2);
	host.size = 0;
	CHECK_EQ(xenstore_list("x", count_name, &names), 0);
	CHECK_EQ(names, 4);
}

static unsigned changes;

static void on_change(struct xenstore_watch *watch, const char *changed)
{
	(void)watch;
	CHECK(!strcmp(changed, "some/path"));
	changes++;
}

static void event(const char *body, size_t size)
{
	say(XS_WATCH_EVENT, 0, body, size);
	host_speaks();
	handler(PORT, NULL);
	host_run_work();
}

TEST(watch_is_called_for_its_events_only)
{
	struct xenstore_watch watch = { .path = "some", .fn = on_change };
	char body[32] = "some/path";

	begin();
	changes = 0;
	CHECK_EQ(xenstore_watch_add(&watch), 0);
	snprintf(body + 10, sizeof(body) - 10, "%u", watch.number);
	event(body, 10 + strlen(body + 10) + 1);
	CHECK_EQ(changes, 1);
	/* Of no watch, of none at all, and by half. */
	event("some/path\0"
	      "4000000000",
	      21);
	event("some/path\0"
	      "x",
	      12);
	event("some/path", 9);
	event("", 0);
	event(body, 10);
	CHECK_EQ(changes, 1);
	xenstore_watch_remove(&watch);
	event(body, 10 + strlen(body + 10) + 1);
	CHECK_EQ(changes, 1);
	CHECK(xenstore_available());
}
