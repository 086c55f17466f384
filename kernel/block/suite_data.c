/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of any disk: what is written and read. */
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "suite.h"

#define GUARD  0xa5U
#define ROUNDS 8U

struct block_device *block_test_devices[BLOCK_TEST_DEVICES_MAX];

/* The value of byte @at of the area in pattern @seed. */
static u8 pattern(u64 at, unsigned seed)
{
	return (u8)(at * 13 + (at >> 9) * 7 + seed);
}

static void fill(u8 *bytes, u64 at, u64 n, unsigned seed)
{
	for (u64 i = 0; i < n; i++)
		bytes[i] = pattern(at + i, seed);
}

static bool is_filled(const u8 *bytes, u64 at, u64 n, unsigned seed)
{
	for (u64 i = 0; i < n; i++)
		if (bytes[i] != pattern(at + i, seed))
			return false;
	return true;
}

/* Written in one way and read in another, with what is beside it kept. */
static bool one_range(struct selftest *t, struct block_device *dev, u8 *buffer,
		      u64 at, u64 length, unsigned seed)
{
	u64 block = block_limits(dev)->block_size;
	u8 *read = buffer + BLOCK_TEST_AREA / 2;

	fill(buffer, at, length, seed);
	if (!EXPECT_EQ(t, block_write(dev, at, buffer, length, 0), 0))
		return false;
	memset(read, GUARD, length + block);
	if (!EXPECT_EQ(t, block_read(dev, at, read, length), 0))
		return false;
	return EXPECT(t, is_filled(read, at, length, seed)) &&
	       EXPECT_EQ(t, read[length], GUARD);
}

static void all_ranges(struct selftest *t, struct block_device *dev, u8 *buffer)
{
	u64 block = block_limits(dev)->block_size;
	unsigned seed = 1;

	for (u64 length = block; length < BLOCK_TEST_AREA / 4;
	     length = length * 3 + block)
		for (u64 at = 0; at < BLOCK_TEST_AREA / 2;
		     at = at * 5 + 7 * block)
			if (!one_range(t, dev, buffer, at, length, seed++))
				return;
}

static bool can_test(const struct block_device *dev)
{
	return block_size(dev) >= BLOCK_TEST_AREA && !block_read_only(dev);
}

void block_test_with_area(struct selftest *t,
			  void (*fn)(struct selftest *t,
				     struct block_device *dev, u8 *buffer))
{
	u8 *buffer = kmalloc(BLOCK_TEST_AREA);
	unsigned tested = 0;

	if (!EXPECT(t, buffer))
		return;
	for (unsigned i = 0; i < BLOCK_TEST_DEVICES_MAX; i++) {
		struct block_device *dev = block_test_devices[i];

		if (!dev || !can_test(dev))
			continue;
		tested++;
		fn(t, dev, buffer);
		if (selftest_failed(t)) {
			selftest_note(t, "on %s", dev->name);
			break;
		}
	}
	if (!tested)
		selftest_skip(t, "no disk of %u KiB was named with blk_test=",
			      BLOCK_TEST_AREA / 1024);
	kfree(buffer);
}

static void test_ranges(struct selftest *t)
{
	block_test_with_area(t, all_ranges);
}

static void async_done(struct block_request *request)
{
	struct block_test_request *r =
		container_of(request, struct block_test_request, request);

	atomic_fetch_add(r->left, -1U);
}

bool block_test_wait(const unsigned *left)
{
	u64 limit = time_ns() + BLOCK_TEST_WAIT_NS;

	while (atomic_load_acquire(left)) {
		if (time_ns() > limit)
			return false;
		thread_sleep_ns(NSEC_PER_USEC * 50);
	}
	return true;
}

void block_test_prepare(struct block_test_request *r, struct block_device *dev,
			unsigned operation, u64 at, u32 length)
{
	r->request = (struct block_request){
		.device = dev,
		.operation = (u8)operation,
		.sector = at >> BLOCK_SECTOR_SHIFT,
		.sectors = length >> BLOCK_SECTOR_SHIFT,
		.segments = r->segment,
		.segment_count = 1,
		.done = async_done,
	};
	r->segment[0].length = length;
}

/* Pieces of all lengths, in memory in another order than on the disk. */
static u32 scatter(struct block_test_request *r, u32 length)
{
	unsigned n = MIN(BLOCK_TEST_PIECES,
			 block_limits(r->request.device)->segments_max);
	u8 *buffer = r->segment[0].data;
	u32 at = 0, piece;

	for (unsigned i = 0; i < n; i++) {
		piece = i + 1 == n ? length - at : 4 + i * 36;
		r->segment[i] =
			(struct block_segment){ buffer + (n - 1 - i) * length,
						piece };
		at += piece;
	}
	r->request.segment_count = (u16)n;
	return n;
}

static void pieces(struct selftest *t, struct block_device *dev, u8 *buffer)
{
	u32 length = MAX(8192U, block_limits(dev)->block_size), at = 0, n;
	struct block_test_request *r = kzalloc(sizeof(*r));
	unsigned left = 1;

	if (!EXPECT(t, r))
		return;
	fill(buffer, 0, length, 5);
	EXPECT_EQ(t, block_write(dev, 0, buffer, length, 0), 0);
	memset(buffer, GUARD, BLOCK_TEST_AREA);
	r->left = &left;
	block_test_prepare(r, dev, BLOCK_READ, 0, length);
	r->segment[0].data = buffer;
	n = scatter(r, length);
	block_submit(&r->request);
	if (!EXPECT(t, block_test_wait(&left)))
		return; /* the device may still write to it */
	EXPECT_EQ(t, r->request.status, 0);
	for (u32 i = 0; i < n; i++) {
		const struct block_segment *s = &r->segment[i];

		EXPECT(t, is_filled(s->data, at, s->length, 5));
		EXPECT_EQ(t, ((u8 *)s->data)[s->length], GUARD);
		at += s->length;
	}
	kfree(r);
}

static void test_pieces(struct selftest *t)
{
	block_test_with_area(t, pieces);
}

/* Writes of all at once, then reads in another order. */
static void many_at_once(struct selftest *t, struct block_device *dev,
			 u8 *buffer)
{
	struct block_test_request *all =
		kzalloc(BLOCK_TEST_MANY * sizeof(*all));
	u32 size = MAX(4096U, block_limits(dev)->block_size);
	struct block_plug plug = { 0 };
	unsigned left;

	if (!EXPECT(t, all))
		return;
	for (unsigned i = 0; i < 2 * BLOCK_TEST_MANY; i++) {
		struct block_test_request *r = &all[i % BLOCK_TEST_MANY];
		bool write = i < BLOCK_TEST_MANY;
		u64 at = (i * (write ? 5 : 7) % BLOCK_TEST_MANY) %
			 (BLOCK_TEST_AREA / size) * size;

		if (i % BLOCK_TEST_MANY == 0)
			left = BLOCK_TEST_MANY;
		r->left = &left;
		r->at = at;
		r->segment[0].data = buffer + i % BLOCK_TEST_MANY %
						      (BLOCK_TEST_AREA / size) *
						      size;
		if (write)
			fill(r->segment[0].data, at, size, 9);
		block_test_prepare(r, dev, write ? BLOCK_WRITE : BLOCK_READ, at,
				   size);
		if (i % 3)
			block_plug_add(&plug, &r->request);
		else
			block_submit(&r->request);
		if ((i + 1) % BLOCK_TEST_MANY)
			continue;
		block_plug_flush(&plug);
		if (!EXPECT(t, block_test_wait(&left)))
			return;
	}
	for (unsigned i = 0; i < BLOCK_TEST_MANY; i++) {
		EXPECT_EQ(t, all[i].request.status, 0);
		EXPECT(t,
		       is_filled(all[i].segment[0].data, all[i].at, size, 9));
	}
	kfree(all);
}

static void test_many(struct selftest *t)
{
	block_test_with_area(t, many_at_once);
}

static void flushes(struct selftest *t, struct block_device *dev, u8 *buffer)
{
	u32 size = block_limits(dev)->block_size;

	fill(buffer, 0, size, 3);
	EXPECT_EQ(t, block_write(dev, 0, buffer, size, BLOCK_FUA), 0);
	EXPECT_EQ(t, block_flush(dev), 0);
	EXPECT_EQ(t,
		  block_write(dev, size, buffer, size,
			      BLOCK_PREFLUSH | BLOCK_FUA),
		  0);
	EXPECT_EQ(t, block_read(dev, size, buffer + size, size), 0);
	EXPECT(t, is_filled(buffer + size, 0, size, 3));
}

static void test_flush(struct selftest *t)
{
	block_test_with_area(t, flushes);
}

static void zeroes(struct selftest *t, struct block_device *dev, u8 *buffer)
{
	u64 size = block_limits(dev)->block_size, length = 8 * size;
	int ret;

	fill(buffer, 0, length, 4);
	EXPECT_EQ(t, block_write(dev, 0, buffer, length, 0), 0);
	ret = block_write_zeroes(dev, size, 3 * size, 0);
	if (ret == -EOPNOTSUPP) {
		selftest_note(t, "%s does not offer it", dev->name);
		return;
	}
	EXPECT_EQ(t, ret, 0);
	EXPECT_EQ(t, block_write_zeroes(dev, 5 * size, size, BLOCK_NO_UNMAP),
		  0);
	EXPECT_EQ(t, block_read(dev, 0, buffer, length), 0);
	EXPECT(t, is_filled(buffer, 0, size, 4));
	EXPECT(t, is_filled(buffer + 4 * size, 4 * size, size, 4));
	EXPECT(t, is_filled(buffer + 6 * size, 6 * size, 2 * size, 4));
	for (u64 i = size; i < 6 * size; i++)
		if ((i < 4 * size || i >= 5 * size) &&
		    !EXPECT_EQ(t, buffer[i], 0))
			return;
}

static void test_zeroes(struct selftest *t)
{
	block_test_with_area(t, zeroes);
}

static void discard(struct selftest *t, struct block_device *dev, u8 *buffer)
{
	int ret = block_discard(dev, 0, BLOCK_TEST_AREA / 2);

	if (ret == -EOPNOTSUPP)
		selftest_note(t, "%s does not offer it", dev->name);
	else
		EXPECT_EQ(t, ret, 0);
	/* It may be anything now, but it can be read. */
	EXPECT_EQ(t, block_read(dev, 0, buffer, BLOCK_TEST_AREA / 2), 0);
}

static void test_discard(struct selftest *t)
{
	block_test_with_area(t, discard);
}

static void beyond(struct selftest *t, struct block_device *dev, u8 *buffer)
{
	u64 block = block_limits(dev)->block_size, size = block_size(dev);

	EXPECT_EQ(t, block_read(dev, size - block, buffer, block), 0);
	EXPECT_EQ(t, block_read(dev, size, buffer, block), -ENOSPC);
	EXPECT_EQ(t, block_read(dev, size - block, buffer, 2 * block), -ENOSPC);
	EXPECT_EQ(t, block_write(dev, size, buffer, block, 0), -ENOSPC);
	EXPECT_EQ(t, block_read(dev, 1, buffer, block), -EINVAL);
	EXPECT_EQ(t, block_read(dev, 0, buffer, block / 2), -EINVAL);
}

static void test_beyond(struct selftest *t)
{
	block_test_with_area(t, beyond);
}

/* What a CPU's thread does, in a part of the area of its own. */
struct writer {
	struct thread *thread;
	struct block_device *dev;
	u8 *buffer;
	u64 at;
	unsigned wrong;
};

static void write_and_compare(void *arg)
{
	struct writer *w = arg;
	u64 size = block_limits(w->dev)->block_size;

	for (unsigned i = 0; i < ROUNDS; i++) {
		fill(w->buffer, w->at, size, i);
		w->wrong += block_write(w->dev, w->at, w->buffer, size, 0) != 0;
		memset(w->buffer, GUARD, size);
		w->wrong += block_read(w->dev, w->at, w->buffer, size) != 0;
		w->wrong += !is_filled(w->buffer, w->at, size, i);
	}
}

static void from_all_cpus(struct selftest *t, struct block_device *dev,
			  u8 *buffer)
{
	struct writer *writers = kzalloc(cpu_count() * sizeof(*writers));
	u64 size = block_limits(dev)->block_size;
	unsigned cpu;

	if (!EXPECT(t, writers))
		return;
	for_each_online_cpu(cpu) {
		struct thread_attr attr = { .bound = true, .cpu = cpu };
		struct writer *w = &writers[cpu];

		if ((cpu + 1) * size > BLOCK_TEST_AREA)
			break;
		w->dev = dev;
		w->at = cpu * size;
		w->buffer = buffer + cpu * size;
		w->thread = thread_create("disk", write_and_compare, w, &attr);
		EXPECT(t, w->thread);
	}
	for (cpu = 0; cpu < cpu_count(); cpu++) {
		if (writers[cpu].thread)
			thread_join(writers[cpu].thread);
		EXPECT_EQ(t, writers[cpu].wrong, 0);
	}
	kfree(writers);
}

static void test_all_cpus(struct selftest *t)
{
	block_test_with_area(t, from_all_cpus);
}

const struct selftest_case block_data_cases[] = {
	{ .name = "what-was-written-is-read", .run = test_ranges },
	{ .name = "segments-in-order", .run = test_pieces },
	{ .name = "many-at-once", .run = test_many },
	{ .name = "from-all-cpus-at-once", .run = test_all_cpus },
	{ .name = "flushes", .run = test_flush },
	{ .name = "writes-zeroes", .run = test_zeroes },
	{ .name = "discards", .run = test_discard },
	{ .name = "beyond-the-end-is-refused", .run = test_beyond },
	{},
};
