/* SPDX-License-Identifier: BSD-2-Clause */
/* In which order requests go out, and which scheduler a disk gets. */
#include "../../kernel/block/internal.h"
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/time.h>
#include "fake_block.h"

#define REQUESTS 100U

static struct block_disk disk = {
	.limits = { .block_size = 512, .sectors_max = 64, .segments_max = 8 },
	.queue_count = 1,
};
static struct block_queue queue = { .disk = &disk };
static struct block_request requests[REQUESTS];

void block_queue_run(struct block_queue *q, u32 todo)
{
	CHECK(q == &queue && todo == TODO_RETRY);
}

void block_plug_flush(struct block_plug *plug)
{
	(void)plug;
}

struct block_queue *block_queue_here(struct block_disk *d)
{
	return d->queues;
}

/* Begin anew with @scheduler. */
static void begin(const struct block_scheduler *scheduler)
{
	queue = (struct block_queue){ .disk = &disk, .scheduler = scheduler };
	disk.queues = &queue;
	disk.whole.disk = &disk;
	disk.whole.sectors = 1U << 20;
}

static bool insert(unsigned n, unsigned operation, u64 start, u32 sectors)
{
	static char byte;
	static const struct block_segment any = { &byte, 512 };

	requests[n] = (struct block_request){
		.device = &disk.whole,
		.operation = (u8)operation,
		.sector = start,
		.sectors = sectors,
		.segment_count = 1,
		.segments = &any,
		.start = start,
		.queued_ns = queue.now_ns,
	};
	CHECK(block_request_begin(&requests[n]));
	return queue.scheduler->insert(&queue, &requests[n]);
}

static void expect_next(unsigned n, u32 sectors)
{
	const struct block_request *r = queue.scheduler->next(&queue);

	CHECK_EQ(r ? (unsigned)(r - requests) : REQUESTS, n);
	if (r)
		CHECK_EQ(r->total_sectors, sectors);
}

static void expect_none(void)
{
	CHECK(!queue.scheduler->next(&queue));
}

TEST(without_a_scheduler_first_come_first_served)
{
	begin(&block_scheduler_none);
	CHECK(!insert(0, BLOCK_WRITE, 100, 8));
	CHECK(!insert(1, BLOCK_READ, 50, 8));
	CHECK(!insert(2, BLOCK_READ, 10, 8));
	expect_next(0, 8);
	expect_next(1, 8);
	expect_next(2, 8);
	expect_none();
}

TEST(neighbours_are_merged)
{
	begin(&block_scheduler_none);
	insert(0, BLOCK_READ, 100, 8);
	CHECK(insert(1, BLOCK_READ, 108, 8));
	CHECK(insert(2, BLOCK_READ, 116, 8));
	CHECK(!insert(3, BLOCK_WRITE, 124, 8));
	CHECK(!insert(4, BLOCK_READ, 132, 8));
	expect_next(0, 24);
	CHECK(requests[0].merged == &requests[1]);
	CHECK(requests[1].merged == &requests[2]);
	CHECK(!requests[2].merged);
	CHECK_EQ(requests[0].total_segments, 3);
	expect_next(3, 8);
	expect_next(4, 8);
}

TEST(merging_keeps_within_the_limits)
{
	begin(&block_scheduler_none);
	insert(0, BLOCK_READ, 0, 60);
	CHECK(!insert(1, BLOCK_READ, 60, 5));
	for (unsigned i = 2; i < 9; i++)
		CHECK(insert(i, BLOCK_READ, 65 + i - 2, 1));
	/* The ninth segment. */
	CHECK(!insert(9, BLOCK_READ, 72, 1));
	expect_next(0, 60);
	expect_next(1, 12);
	expect_next(9, 1);
}

TEST(flushes_and_other_flags_are_not_merged)
{
	begin(&block_scheduler_none);
	disk.write_cache = true;
	insert(0, BLOCK_FLUSH, 0, 0);
	CHECK(!insert(1, BLOCK_FLUSH, 0, 0));
	disk.write_cache = false;
	insert(2, BLOCK_WRITE_ZEROES, 0, 8);
	requests[3].flags = 0;
	CHECK(!block_can_merge(&disk, &requests[2], &requests[0]));
}

TEST(deadline_sorts_and_merges_in_both_directions)
{
	begin(&block_scheduler_deadline);
	insert(0, BLOCK_READ, 500, 8);
	insert(1, BLOCK_READ, 100, 8);
	insert(2, BLOCK_READ, 300, 8);
	insert(3, BLOCK_READ, 92, 8);  /* in front of 1 */
	insert(4, BLOCK_READ, 508, 8); /* behind 0 */
	expect_next(3, 16);
	expect_next(2, 8);
	expect_next(0, 16);
	expect_none();
}

TEST(deadline_prefers_reads_and_does_not_forget_writes)
{
	begin(&block_scheduler_deadline);
	insert(0, BLOCK_WRITE, 10, 1);
	for (unsigned i = 1; i < 98; i++)
		insert(i, BLOCK_READ, 1000 - 10 * i, 1);
	/* Two batches of 32 reads, each by sector. */
	for (unsigned i = 0; i < 32; i++)
		expect_next(32 - i, 1);
	for (unsigned i = 0; i < 32; i++)
		expect_next(64 - i, 1);
	expect_next(0, 1);
	expect_next(96, 1);
}

TEST(deadline_does_not_let_a_write_wait_for_long)
{
	begin(&block_scheduler_deadline);
	insert(0, BLOCK_WRITE, 10, 1);
	queue.now_ns += 5 * NSEC_PER_SEC;
	insert(1, BLOCK_READ, 20, 1);
	expect_next(0, 1);
	expect_next(1, 1);
}

TEST(a_change_of_scheduler_loses_nothing)
{
	begin(&block_scheduler_deadline);
	for (unsigned i = 0; i < 80; i++)
		insert(i, i % 3 ? BLOCK_READ : BLOCK_WRITE, 2000 - 20 * i, 1);
	CHECK(queue.scheduler->next(&queue));
	block_set_scheduler(&disk, &block_scheduler_none);
	for (unsigned i = 0; i < 79; i++)
		CHECK(queue.scheduler->next(&queue));
	expect_none();
}

static int set_elevator(const char *value)
{
	const struct param *p =
		table_find(const struct param, param, "elevator");

	return p ? p->set(p, value) : -ENOENT;
}

TEST(the_command_line_chooses)
{
	CHECK(block_scheduler_default("vda") == &block_scheduler_none);
	CHECK_EQ(set_elevator("deadline"), 0);
	CHECK(block_scheduler_default("vda") == &block_scheduler_deadline);
	CHECK_EQ(set_elevator("vdb:deadline,vdc:none"), 0);
	CHECK(block_scheduler_default("vda") == &block_scheduler_none);
	CHECK(block_scheduler_default("vdb") == &block_scheduler_deadline);
	CHECK_EQ(set_elevator("deadline,vdb:none"), 0);
	CHECK(block_scheduler_default("vda") == &block_scheduler_deadline);
	CHECK(block_scheduler_default("vdb") == &block_scheduler_none);
	CHECK_EQ(set_elevator("cfq"), -EINVAL);
	CHECK_EQ(set_elevator("vda:"), -EINVAL);
	CHECK_EQ(set_elevator("vda:none,"), 0);
	CHECK_EQ(set_elevator(NULL), -EINVAL);
	CHECK(!block_scheduler_find("deadlin"));
}
