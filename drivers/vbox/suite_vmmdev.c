/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of VirtualBox's device, with the services of the real host. */
#include <abi/vbox/shared_folders.h>
#include <drivers/hgcm.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/time.h>
#include <kernel/wallclock.h>
#include "internal.h"

#define CALL_TIMEOUT_NS (10 * NSEC_PER_SEC)
/* The host's clock is looked at twice, so far apart. */
#define APART_MS 200ULL
/* Its clock has ticks, and a host may take the CPU away meanwhile. */
#define TOLERANCE_MS 50ULL
#define TRIALS	     5
#define MAPPINGS     8
/* 2020-01-01: no host that runs this is older. */
#define EARLIEST_MS 1577836800000ULL

static struct vmmdev *device(struct selftest *t)
{
	struct vmmdev *v = vmmdev_get();

	if (!v)
		selftest_skip(t, "no VirtualBox device here");
	return v;
}

static void test_version(struct selftest *t)
{
	struct vmmdev_host_version r = { 0 };
	struct vmmdev *v = device(t);

	if (!v)
		return;
	if (EXPECT_EQ(t,
		      vmmdev_request(v, &r, VMMDEV_REQ_GET_HOST_VERSION,
				     sizeof(r)),
		      0) &&
	    EXPECT_EQ(t, le16_to_cpu(r.major), v->major))
		vmmdev_feature(VBOX_VMMDEV, VIRT_VERIFIED);
	vmmdev_put(v);
}

static void test_unknown(struct selftest *t)
{
	struct vmmdev_request_header r;
	struct vmmdev *v = device(t);

	if (!v)
		return;
	EXPECT_EQ(t, vmmdev_request(v, &r, 9999, sizeof(r)), -ENOSYS);
	EXPECT(t, !v->broken);
	vmmdev_put(v);
}

/* The host's clock in ms, and when it was read by ours. */
struct reading {
	u64 ms;
	u64 before_ns, after_ns;
};

static bool read_clock(struct selftest *t, struct vmmdev *v, struct reading *r)
{
	r->before_ns = time_ns();
	if (!EXPECT_EQ(t, vmmdev_host_time(v, &r->ms), 0) ||
	    !EXPECT(t, r->ms > EARLIEST_MS))
		return false;
	r->after_ns = time_ns();
	return true;
}

/*
 * The difference of what both clocks say has passed, in ms, less what reading
 * them took.
 */
static u64 clocks_differ(struct selftest *t, struct vmmdev *v)
{
	struct reading first, second;
	u64 theirs, least, most;

	if (!read_clock(t, v, &first))
		return UINT64_MAX;
	thread_sleep_ns(APART_MS * NSEC_PER_MSEC);
	if (!read_clock(t, v, &second) || !EXPECT(t, second.ms >= first.ms))
		return UINT64_MAX;
	theirs = second.ms - first.ms;
	least = (second.before_ns - first.after_ns) / NSEC_PER_MSEC;
	most = (second.after_ns - first.before_ns) / NSEC_PER_MSEC + 1;
	if (theirs < least)
		return least - theirs;
	return theirs > most ? theirs - most : 0;
}

static void test_time(struct selftest *t)
{
	struct vmmdev *v = device(t);
	u64 differ = UINT64_MAX;

	if (!v)
		return;
	/* KVM's interface, where VirtualBox offers that, has a better one. */
	wall_time_ns();
	for (unsigned i = 0; i < TRIALS && differ > TOLERANCE_MS; i++)
		differ = clocks_differ(t, v);
	selftest_note(t, "clocks differ by %llu ms in %llu ms",
		      (unsigned long long)differ, (unsigned long long)APART_MS);
	if (EXPECT(t, differ <= TOLERANCE_MS) && v->time_used)
		vmmdev_feature(VBOX_HOST_TIME, VIRT_VERIFIED);
	vmmdev_put(v);
}

static bool connected(struct selftest *t, struct hgcm_client *client)
{
	int err = hgcm_connect(SHFL_SERVICE, client);

	if (err == -ENODEV || err == -EOPNOTSUPP) {
		selftest_skip(t, "no VirtualBox with HGCM here");
		return false;
	}
	return EXPECT_EQ(t, err, 0);
}

static void query(struct selftest *t, const struct hgcm_client *client)
{
	struct shfl_mapping mappings[MAPPINGS];
	struct hgcm_parm parms[] = {
		{ .kind = HGCM_U32, .value32 = SHFL_MF_UTF8 },
		{ .kind = HGCM_U32, .value32 = MAPPINGS },
		{ .kind = HGCM_OUT,
		  .size = sizeof(mappings),
		  .buffer = mappings },
	};
	s32 status = INT32_MIN;

	EXPECT_EQ(t,
		  hgcm_call(client, SHFL_FN_QUERY_MAPPINGS, parms,
			    ARRAY_SIZE(parms), CALL_TIMEOUT_NS, &status),
		  0);
	if (EXPECT_EQ(t, status, 0) && EXPECT(t, parms[1].value32 <= MAPPINGS))
		vmmdev_feature(VBOX_HGCM, VIRT_VERIFIED);
	selftest_note(t, "%u shared folders", parms[1].value32);
}

static void test_hgcm(struct selftest *t)
{
	struct hgcm_client client;
	s32 status = INT32_MIN;

	if (!connected(t, &client))
		return;
	if (EXPECT_EQ(t,
		      hgcm_call(&client, SHFL_FN_SET_UTF8, NULL, 0,
				CALL_TIMEOUT_NS, &status),
		      0) &&
	    EXPECT_EQ(t, status, 0))
		query(t, &client);
	hgcm_disconnect(&client);
}

static void test_no_service(struct selftest *t)
{
	struct vmmdev *v = device(t);
	struct hgcm_client client;

	if (!v)
		return;
	EXPECT_EQ(t, hgcm_connect("NoSuchService", &client), -ENOENT);
	EXPECT(t, !v->broken);
	vmmdev_put(v);
}

/* A service refuses what makes no sense, and goes on answering. */
static void test_bad_call(struct selftest *t)
{
	struct hgcm_client client;
	s32 status = 0;

	if (!connected(t, &client))
		return;
	EXPECT(t,
	       hgcm_call(&client, 4711, NULL, 0, CALL_TIMEOUT_NS, &status) < 0);
	EXPECT(t, status < 0);
	EXPECT_EQ(t,
		  hgcm_call(&client, SHFL_FN_SET_UTF8, NULL, 0, CALL_TIMEOUT_NS,
			    &status),
		  0);
	hgcm_disconnect(&client);
	EXPECT(t, hgcm_call(&client, SHFL_FN_SET_UTF8, NULL, 0, CALL_TIMEOUT_NS,
			    &status) < 0);
}

/* Answers are announced: calls that were answered at once need no event. */
static void test_events(struct selftest *t)
{
	struct vmmdev *v = device(t);
	struct hgcm_client client;
	u64 before;

	if (!v)
		return;
	before = atomic_read(&v->interrupts);
	if (!v->has_irq) {
		selftest_skip(t, "no interrupt line");
	} else if (connected(t, &client)) {
		hgcm_disconnect(&client);
		/* The last one may still be on its way. */
		thread_sleep_ns(APART_MS * NSEC_PER_MSEC);
		if (EXPECT(t, atomic_read(&v->interrupts) > before) &&
		    EXPECT(t, atomic_read(&v->events) & VMMDEV_EVENT_HGCM))
			vmmdev_feature(VBOX_EVENTS, VIRT_VERIFIED);
	}
	vmmdev_put(v);
}

static const struct selftest_case cases[] = {
	{ .name = "host-has-a-version", .run = test_version },
	{ .name = "unknown-request-is-refused", .run = test_unknown },
	{ .name = "host-s-clock-goes-on-as-ours", .run = test_time },
	{ .name = "shared-folders-answer", .run = test_hgcm },
	{ .name = "no-such-service", .run = test_no_service },
	{ .name = "service-refuses-a-bad-call", .run = test_bad_call },
	{ .name = "answers-interrupt", .run = test_events },
	{},
};
SELFTEST_SUITE(vmmdev, "vmmdev", cases, 0);
