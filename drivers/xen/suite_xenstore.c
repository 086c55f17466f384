/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of xenstore, against the host's. */
#include <drivers/xenstore.h>
#include <kernel/completion.h>
#include <kernel/errno.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include "xenstore.h"

#define DIRECTORY "data/zirvium-test"
#define NODE	  DIRECTORY "/value"

static bool available(struct selftest *t)
{
	if (!xenstore_available())
		selftest_skip(t, "no xenstore");
	return xenstore_available();
}

static void find_value(const char *name, void *context)
{
	if (!strcmp(name, "value"))
		*(bool *)context = true;
}

static void test_values(struct selftest *t)
{
	bool found = false;
	char text[16];
	u64 number;

	if (!available(t))
		return;
	EXPECT(t, xenstore_read("domid", text, sizeof(text)) > 0 &&
			  !kstrtou64(text, 10, &number));
	EXPECT_EQ(t, xenstore_write(NODE, "one"), 0);
	EXPECT_EQ(t, xenstore_read(NODE, text, sizeof(text)), 3);
	EXPECT(t, !strcmp(text, "one"));
	EXPECT_EQ(t, xenstore_read(NODE, text, 3), -E2BIG);
	EXPECT_EQ(t, xenstore_list(DIRECTORY, find_value, &found), 1);
	EXPECT(t, found);
	EXPECT_EQ(t, xenstore_remove(DIRECTORY), 0);
	EXPECT_EQ(t, xenstore_read(NODE, text, sizeof(text)), -ENOENT);
	if (!selftest_failed(t))
		virt_service_verified(HYPERV_TYPE_XEN, XENSTORE_FEATURE);
}

/* Longer than a ring, there and back. */
static void test_long(struct selftest *t)
{
	static char text[1501], back[1501];

	if (!available(t))
		return;
	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	EXPECT_EQ(t, xenstore_write(NODE, text), 0);
	EXPECT_EQ(t, xenstore_read(NODE, back, sizeof(back)), sizeof(text) - 1);
	EXPECT(t, !memcmp(text, back, sizeof(text)));
	xenstore_remove(DIRECTORY);
}

static struct completion seen;

static void on_change(struct xenstore_watch *watch __unused,
		      const char *changed)
{
	if (!strcmp(changed, NODE))
		complete(&seen);
}

static void test_watch(struct selftest *t)
{
	struct xenstore_watch watch = { .path = DIRECTORY, .fn = on_change };
	u64 limit = time_ns() + XENSTORE_TIMEOUT_MS * NSEC_PER_MSEC;

	if (!available(t) || !EXPECT_EQ(t, xenstore_watch_add(&watch), 0))
		return;
	EXPECT_EQ(t, xenstore_write(NODE, "two"), 0);
	EXPECT(t, completion_wait_until(&seen, limit));
	xenstore_watch_remove(&watch);
	xenstore_remove(DIRECTORY);
}

static void test_errors(struct selftest *t)
{
	char text[16];

	if (!available(t))
		return;
	EXPECT_EQ(t, xenstore_read("no-such-node", text, sizeof(text)),
		  -ENOENT);
	EXPECT_EQ(t, xenstore_write("/zirvium-test", ""), -EACCES);
	EXPECT_EQ(t, xenstore_read("//", text, sizeof(text)), -EINVAL);
}

static const struct selftest_case xenstore_cases[] = {
	{ .name = "values-are-written-and-read", .run = test_values },
	{ .name = "values-longer-than-a-ring", .run = test_long },
	{ .name = "watch-tells-of-a-change", .run = test_watch },
	{ .name = "refusals-are-told", .run = test_errors },
	{}
};
SELFTEST_SUITE(xenstore, "xenstore", xenstore_cases, 0);
