/* SPDX-License-Identifier: BSD-2-Clause */
/* What the self-tests of disks share. */
#pragma once

#include <kernel/block.h>
#include <kernel/selftest.h>
#include <kernel/thread.h>

#define BLOCK_TEST_AREA	       0x100000U /* bytes of the disk that are used */
#define BLOCK_TEST_PIECES      16U	 /* segments of one request */
#define BLOCK_TEST_MANY	       64U	 /* requests at the same time */
#define BLOCK_TEST_DEVICES_MAX 16
#define BLOCK_TEST_WAIT_NS     (10 * 1000000000ULL)

struct block_test_request {
	struct block_request request;
	struct block_segment segment[BLOCK_TEST_PIECES];
	unsigned *left; /* atomic: one less when it is done */
	u64 at;
};

/** The disks under test, with references. */
extern struct block_device *block_test_devices[BLOCK_TEST_DEVICES_MAX];

/** What can be tested on any disk, on each of them. */
extern const struct selftest_case block_data_cases[];

/** Make @r ready, of one segment whose data is set already. */
void block_test_prepare(struct block_test_request *r, struct block_device *dev,
			unsigned operation, u64 at, u32 length);
/** Wait until @left is 0. False: it takes too long. */
bool block_test_wait(const unsigned *left);
/**
 * Run @fn on each disk under test, with a buffer of BLOCK_TEST_AREA bytes. Skip
 * the case when there is none that is large enough and may be written to.
 */
void block_test_with_area(struct selftest *t,
			  void (*fn)(struct selftest *t,
				     struct block_device *dev, u8 *buffer));
