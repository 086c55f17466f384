/* SPDX-License-Identifier: BSD-2-Clause */
/* HGCM: calls of services, with hosts that answer late, wrongly or never. */
#include <kernel/time.h>
#include "fake_vmmdev.h"

#define TIMEOUT_NS (5 * NSEC_PER_SEC)

static struct hgcm_client client;

static void connect(void)
{
	new_host();
	CHECK_EQ(probe(), 0);
	CHECK_EQ(hgcm_connect("VBoxSharedFolders", &client), 0);
	CHECK_EQ(client.id, 77);
	CHECK_EQ(host.pages, 1);
}

/* A call with a parameter of each kind. */
static u8 in[5000], out[4097], both[3];
static struct hgcm_parm parms[5];

static int call(s32 *status)
{
	parms[0] = (struct hgcm_parm){ .kind = HGCM_U32, .value32 = 41 };
	parms[1] =
		(struct hgcm_parm){ .kind = HGCM_U64, .value64 = 1ULL << 40 };
	parms[2] = (struct hgcm_parm){ .kind = HGCM_IN,
				       .size = sizeof(in),
				       .buffer = in };
	parms[3] = (struct hgcm_parm){ .kind = HGCM_OUT,
				       .size = sizeof(out),
				       .buffer = out };
	parms[4] = (struct hgcm_parm){ .kind = HGCM_BOTH,
				       .size = sizeof(both),
				       .buffer = both };
	memset(in, 1, sizeof(in));
	memset(out, 0x55, sizeof(out));
	memset(both, 9, sizeof(both));
	*status = INT32_MIN;
	return hgcm_call(&client, 3, parms, ARRAY_SIZE(parms), TIMEOUT_NS,
			 status);
}

static void check_untouched(void)
{
	CHECK_EQ(parms[0].value32, 41);
	CHECK_EQ(parms[1].value64, 1ULL << 40);
	for (unsigned i = 0; i < sizeof(out); i++)
		CHECK_EQ(out[i], 0x55);
	CHECK_EQ(both[0], 9);
}

static void check_answered(void)
{
	CHECK_EQ(parms[0].value32, 42);
	CHECK_EQ(parms[1].value64, (1ULL << 40) + 1);
	CHECK_EQ(in[0], 1);
	/* What a service writes only is cleared first. */
	for (unsigned i = 0; i < sizeof(out); i++)
		CHECK_EQ(out[i], 1);
	for (unsigned i = 0; i < sizeof(both); i++)
		CHECK_EQ(both[i], 10);
}

TEST(call_is_answered_at_once_or_later)
{
	s32 status;

	for (unsigned later = 0; later < 2; later++) {
		connect();
		host.answer = later ? LATER : AT_ONCE;
		CHECK_EQ(call(&status), 0);
		CHECK_EQ(status, 0);
		check_answered();
		CHECK_EQ(host.pages, 1);
		hgcm_disconnect(&client);
		CHECK_EQ(host.requests[VMMDEV_REQ_HGCM_DISCONNECT], 1);
		remove_and_check(0);
	}
}

TEST(call_without_parameters_and_empty_buffers_work)
{
	struct hgcm_parm empty = { .kind = HGCM_BOTH };

	connect();
	CHECK_EQ(hgcm_call(&client, 1, NULL, 0, TIMEOUT_NS, NULL), 0);
	CHECK_EQ(hgcm_call(&client, 1, &empty, 1, TIMEOUT_NS, NULL), 0);
	remove_and_check(0);
}

TEST(call_that_is_not_answered_is_cancelled)
{
	u64 before;
	s32 status;

	connect();
	host.answer = NEVER;
	before = host_time_now_ns;
	CHECK_EQ(call(&status), -ETIMEDOUT);
	CHECK(host_time_now_ns - before >= TIMEOUT_NS);
	CHECK(host_time_now_ns - before < 2 * TIMEOUT_NS);
	CHECK_EQ(host.cancelled, 1);
	check_untouched();
	CHECK_EQ(host.pages, 1);
	/* The device goes on. */
	host.answer = AT_ONCE;
	CHECK_EQ(call(&status), 0);
	remove_and_check(0);
}

TEST(call_that_is_answered_too_late_gives_its_memory_back)
{
	s32 status;

	connect();
	host.answer = TOO_LATE;
	CHECK_EQ(call(&status), -ETIMEDOUT);
	check_untouched();
	CHECK_EQ(host.pages, 1);
	remove_and_check(0);
}

TEST(memory_that_the_host_keeps_is_never_used_again)
{
	s32 status;

	connect();
	host.answer = NEVER_EVER;
	for (unsigned i = 1; i <= VMMDEV_ABANDONED_MAX; i++) {
		CHECK_EQ(call(&status), -ETIMEDOUT);
		CHECK_EQ(host.pages, 1 + i);
	}
	/* Enough is lost. */
	CHECK_EQ(call(&status), -EIO);
	CHECK_EQ(host.pages, 1 + VMMDEV_ABANDONED_MAX);
	remove_and_check(VMMDEV_ABANDONED_MAX);
}

TEST(refused_call_is_an_error)
{
	s32 status;

	connect();
	host.answer = REFUSED;
	CHECK_EQ(call(&status), -ENOMEM);
	check_untouched();
	host.answer = FAILED;
	CHECK_EQ(call(&status), -ENOENT);
	CHECK_EQ(status, VERR_NOT_FOUND);
	check_untouched();
	CHECK_EQ(host.pages, 1);
	remove_and_check(0);
}

TEST(parameters_of_other_types_break_the_device)
{
	s32 status;

	connect();
	host.answer = OTHER_PARMS;
	CHECK_EQ(call(&status), -EBADMSG);
	check_untouched();
	CHECK(strstr(host_said, "broken"));
	CHECK_EQ(host.pages, 1);
	CHECK_EQ(call(&status), -EIO);
	remove_and_check(0);
}

TEST(sizes_that_the_host_makes_up_are_not_looked_at)
{
	s32 status;

	connect();
	host.answer = OTHER_SIZES;
	CHECK_EQ(call(&status), 0);
	check_answered();
	remove_and_check(0);
}

TEST(answer_with_another_header_is_none)
{
	s32 status;

	for (enum lie lie = LIES_SIZE; lie <= LIES_SILENT; lie++) {
		connect();
		host.lie = lie;
		host.lie_about = VMMDEV_REQ_HGCM_CALL64;
		CHECK_EQ(call(&status), -EBADMSG);
		check_untouched();
		/* A host that says nothing may have taken it. */
		CHECK_EQ(host.pages, lie == LIES_SILENT ? 2 : 1);
		remove_and_check(lie == LIES_SILENT);
	}
}

TEST(calls_that_make_no_sense_do_not_reach_the_host)
{
	struct hgcm_parm many[HGCM_PARMS_MAX + 1] = { 0 };
	struct hgcm_parm odd = { .kind = (enum hgcm_kind)77 };
	struct hgcm_parm large[2] = {
		{ .kind = HGCM_OUT, .size = HGCM_DATA_MAX },
		{ .kind = HGCM_OUT, .size = 1 },
	};
	struct hgcm_parm huge = { .kind = HGCM_OUT, .size = UINT32_MAX };

	connect();
	CHECK_EQ(hgcm_call(&client, 1, many, HGCM_PARMS_MAX + 1, 1, NULL),
		 -EINVAL);
	CHECK_EQ(hgcm_call(&client, 1, &odd, 1, 1, NULL), -EINVAL);
	CHECK_EQ(hgcm_call(&client, 1, large, 2, 1, NULL), -E2BIG);
	CHECK_EQ(hgcm_call(&client, 1, &huge, 1, 1, NULL), -E2BIG);
	CHECK_EQ(host.requests[VMMDEV_REQ_HGCM_CALL64], 0);
	CHECK_EQ(hgcm_call(&client, 1, many, HGCM_PARMS_MAX, TIMEOUT_NS, NULL),
		 0);
	remove_and_check(0);
}

TEST(largest_call_works)
{
	u8 *data = malloc(HGCM_DATA_MAX);
	struct hgcm_parm large = {
		.kind = HGCM_BOTH,
		.size = HGCM_DATA_MAX,
		.buffer = data,
	};

	connect();
	memset(data, 3, HGCM_DATA_MAX);
	CHECK_EQ(hgcm_call(&client, 1, &large, 1, TIMEOUT_NS, NULL), 0);
	CHECK_EQ(data[0], 4);
	CHECK_EQ(data[HGCM_DATA_MAX - 1], 4);
	remove_and_check(0);
	free(data);
}

TEST(no_memory_is_an_error)
{
	s32 status;

	connect();
	host.no_memory = true;
	CHECK_EQ(call(&status), -ENOMEM);
	host.no_memory = false;
	remove_and_check(0);
}

TEST(names_of_services_are_bounded)
{
	char name[HGCM_NAME_MAX + 2];

	new_host();
	CHECK_EQ(hgcm_connect("x", &client), -ENODEV);
	CHECK_EQ(probe(), 0);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	CHECK_EQ(hgcm_connect(name, &client), -EINVAL);
	CHECK_EQ(hgcm_connect("", &client), -EINVAL);
	CHECK_EQ(hgcm_connect(name + 1, &client), 0);
	remove_and_check(0);
}

TEST(host_without_page_lists_has_no_hgcm)
{
	new_host();
	host.features = 0;
	CHECK_EQ(probe(), 0);
	CHECK_EQ(hgcm_connect("x", &client), -EOPNOTSUPP);
	remove_and_check(0);
}

TEST(connection_ends_with_the_driver_s_binding)
{
	s32 status;

	connect();
	remove_and_check(0);
	CHECK_EQ(call(&status), -ENODEV);
	new_host();
	CHECK_EQ(probe(), 0);
	CHECK_EQ(call(&status), -ENODEV);
	hgcm_disconnect(&client);
	CHECK_EQ(host.requests[VMMDEV_REQ_HGCM_DISCONNECT], 0);
	remove_and_check(0);
}
