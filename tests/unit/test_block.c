/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests: what is refused, what is done, and in which steps. */
#include "block_ones.h"

TEST(what_was_written_is_read)
{
	static u8 written[SECTORS * 512], read[SECTORS * 512];

	open_disk();
	for (unsigned i = 0; i < sizeof(written); i++)
		written[i] = (u8)(i * 7 + i / 512);
	CHECK_EQ(block_write(device, 0, written, sizeof(written), 0), 0);
	for (u32 sectors = 1; sectors < 600; sectors = sectors * 3 + 1) {
		u64 at = (sectors * 31ULL) % (SECTORS - sectors);

		memset(read, 0xee, sizeof(read));
		CHECK_EQ(block_read(device, at * 512, read, sectors * 512), 0);
		CHECK_MEM(read, written + at * 512, sectors * 512);
		CHECK_EQ(read[sectors * 512], 0xee);
	}
	CHECK_EQ(block_write_zeroes(device, 512, 1024, 0), 0);
	CHECK_EQ(block_read(device, 0, read, 2048), 0);
	CHECK_MEM(read, written, 512);
	CHECK_EQ(read[512] | read[1535], 0);
	CHECK_MEM(read + 1536, written + 1536, 512);
	close_disk();
}

TEST(segments_are_filled_in_order)
{
	struct block_request *r;

	open_disk();
	memset(data[1], 1, 512);
	memset(data[1] + 512, 2, 512);
	CHECK_EQ(block_write(device, 0, data[1], 1024, 0), 0);
	r = make(0, BLOCK_READ, 0, 2);
	r->segment_count = 3;
	ones[0].segment[0] = (struct block_segment){ data[0] + 1000, 100 };
	ones[0].segment[1] = (struct block_segment){ data[0], 500 };
	ones[0].segment[2] = (struct block_segment){ data[0] + 2000, 424 };
	submit(NULL, 0);
	CHECK_EQ(r->status, 0);
	CHECK_EQ(data[0][1000], 1);
	CHECK_EQ(data[0][411], 1);
	CHECK_EQ(data[0][412], 2);
	CHECK_EQ(data[0][2423], 2);
	close_disk();
}

TEST(what_is_beyond_the_end_is_refused)
{
	open_disk();
	CHECK_EQ(do_one(BLOCK_READ, SECTORS - 1, 1), 0);
	CHECK_EQ(do_one(BLOCK_READ, SECTORS, 1), -ENOSPC);
	CHECK_EQ(do_one(BLOCK_WRITE, SECTORS - 1, 2), -ENOSPC);
	CHECK_EQ(do_one(BLOCK_READ, ~0ULL, 1), -ENOSPC);
	CHECK_EQ(do_one(BLOCK_READ, ~0ULL, 2), -ENOSPC);
	CHECK_EQ(do_one(BLOCK_DISCARD, SECTORS - 1, 2), -ENOSPC);
	CHECK_EQ(block_read(device, SECTORS * 512, data[0], 512), -ENOSPC);
	close_disk();
}

TEST(requests_that_cannot_be_are_refused)
{
	struct ram_disk_config config = plain();
	struct block_request *r;

	config.limits = (struct block_limits){ .block_size = 1024,
					       .sectors_max = 8,
					       .segment_max = 2048,
					       .secure_erase_alignment = 4,
					       .segments_max = 2 };
	open_config(&config);
	CHECK_EQ(do_one(BLOCK_READ, 2, 4), 0);
	CHECK_EQ(do_one(BLOCK_READ, 1, 2), -EINVAL);
	CHECK_EQ(do_one(BLOCK_READ, 2, 1), -EINVAL);
	CHECK_EQ(do_one(BLOCK_READ, 0, 0), -EINVAL);
	CHECK_EQ(do_one(BLOCK_READ, 0, 10), -EINVAL);
	CHECK_EQ(do_one(BLOCK_READ, 0, 6), -EINVAL); /* segment_max */
	CHECK_EQ(do_one(BLOCK_OPERATIONS + 1, 0, 2), -EINVAL);
	CHECK_EQ(do_one(BLOCK_SECURE_ERASE, 4, 8), 0);
	CHECK_EQ(do_one(BLOCK_SECURE_ERASE, 2, 8), -EINVAL);
	CHECK_EQ(do_one(BLOCK_SECURE_ERASE, 4, 6), -EINVAL);
	r = make(0, BLOCK_READ, 0, 2);
	r->segment_count = 0;
	submit(NULL, 0);
	CHECK_EQ(r->status, -EINVAL);
	r = make(0, BLOCK_READ, 0, 2);
	ones[0].segment[0].length = 512;
	submit(NULL, 0);
	CHECK_EQ(r->status, -EINVAL);
	r->segment_count = 3;
	submit(NULL, 0);
	CHECK_EQ(r->status, -EINVAL);
	/* Cut to what the disk takes. */
	CHECK_EQ(block_read(device, 0, data[0], 32768), 0);
	CHECK_EQ(block_read(device, 512, data[0], 1024), -EINVAL);
	close_disk();
}

TEST(a_read_only_disk_is_not_written)
{
	struct ram_disk_config config = plain();

	config.limits.read_only = true;
	open_config(&config);
	CHECK(block_read_only(device));
	CHECK_EQ(do_one(BLOCK_READ, 0, 1), 0);
	CHECK_EQ(do_one(BLOCK_WRITE, 0, 1), -EROFS);
	CHECK_EQ(do_one(BLOCK_DISCARD, 0, 1), -EROFS);
	CHECK_EQ(do_one(BLOCK_WRITE_ZEROES, 0, 1), -EROFS);
	CHECK_EQ(block_flush(device), 0);
	close_disk();
}

TEST(what_is_not_offered_is_refused)
{
	open_disk();
	disk->limits.discard_max = 0;
	CHECK_EQ(do_one(BLOCK_DISCARD, 0, 1), -EOPNOTSUPP);
	CHECK_EQ(block_discard(device, 0, 512), -EOPNOTSUPP);
	close_disk();
}

TEST(an_error_reaches_those_it_is_about)
{
	open_disk();
	fault_status = -EIO;
	fault_sector = 100;
	CHECK_EQ(do_one(BLOCK_READ, 99, 1), 0);
	CHECK_EQ(do_one(BLOCK_READ, 100, 1), -EIO);
	CHECK_EQ(block_read(device, 99 * 512, data[0], 512), 0);
	CHECK_EQ(block_read(device, 100 * 512, data[0], 512), -EIO);
	CHECK_EQ(disk->queues[0].stats.kind[BLOCK_KIND_READ].failed, 2);
	close_disk();
}

TEST(what_is_plugged_together_is_sent_together)
{
	struct block_plug plug = { 0 };
	u64 before;

	open_disk();
	before = commands();
	for (unsigned i = 0; i < 6; i++) {
		make(i, BLOCK_READ, i * 8, 8);
		submit(&plug, i);
		CHECK_EQ(ones[i].done, 0);
	}
	block_plug_flush(&plug);
	for (unsigned i = 0; i < 6; i++)
		CHECK(ones[i].done == 1 && !ones[i].request.status);
	CHECK_EQ(commands(), before + 1);
	CHECK_EQ(disk->queues[0].stats.kind[BLOCK_KIND_READ].merged, 5);
	block_plug_flush(&plug);
	close_disk();
}

TEST(more_than_there_are_commands_wait)
{
	struct block_plug plug = { 0 };

	open_disk();
	fault_status = RAM_DISK_HOLD;
	for (unsigned i = 0; i < 3 * DEPTH; i++) {
		make(i, BLOCK_READ, i * 16, 8);
		submit(&plug, i);
	}
	block_plug_flush(&plug);
	CHECK_EQ(disk->queues[0].busy, DEPTH);
	fault_status = 0;
	ram_disk_release(disk, 0);
	for (unsigned i = 0; i < 3 * DEPTH; i++)
		CHECK(ones[i].done == 1 && !ones[i].request.status);
	CHECK_EQ(disk->queues[0].busy, 0);
	close_disk();
}

static const u8 *expected_steps;

static int check_steps(const struct block_command *command)
{
	CHECK_EQ(command->operation, *expected_steps);
	expected_steps++;
	return fault(command);
}

static int write_steps(unsigned flags, const u8 *steps)
{
	struct block_request *r = make(0, BLOCK_WRITE, 8, 1);

	r->flags = (u8)flags;
	expected_steps = steps;
	submit(NULL, 0);
	CHECK_EQ(ones[0].done, 1);
	CHECK_EQ(*expected_steps, 0xff);
	return r->status;
}

TEST(flushes_come_where_they_are_asked_for)
{
	struct ram_disk_config config = plain();
	static const u8 plain_write[] = { BLOCK_WRITE, 0xff };
	static const u8 fua[] = { BLOCK_WRITE, BLOCK_FLUSH, 0xff };
	static const u8 pre[] = { BLOCK_FLUSH, BLOCK_WRITE, 0xff };
	static const u8 both[] = { BLOCK_FLUSH, BLOCK_WRITE, BLOCK_FLUSH,
				   0xff };
	static const u8 flush[] = { BLOCK_FLUSH, 0xff };

	config.features |= BLOCK_WRITE_CACHE;
	config.fault = check_steps;
	/* The look for partitions. */
	expected_steps = (const u8[]){ BLOCK_READ, 0xff };
	open_config(&config);
	CHECK_EQ(write_steps(0, plain_write), 0);
	CHECK_EQ(write_steps(BLOCK_FUA, fua), 0);
	CHECK_EQ(write_steps(BLOCK_PREFLUSH, pre), 0);
	CHECK_EQ(write_steps(BLOCK_PREFLUSH | BLOCK_FUA, both), 0);
	expected_steps = flush;
	CHECK_EQ(block_flush(device), 0);
	/* The first step that fails is the last one. */
	fault_status = -EIO;
	CHECK_EQ(write_steps(BLOCK_PREFLUSH | BLOCK_FUA, flush), -EIO);
	CHECK_EQ(write_steps(BLOCK_FUA, plain_write), -EIO);
	fault_status = 0;
	/* Switched off, it is emptied once; after that there is nothing to. */
	expected_steps = flush;
	CHECK_EQ(block_set_write_cache(disk, false), 0);
	CHECK_EQ(*expected_steps, 0xff);
	CHECK_EQ(block_flush(device), 0);
	CHECK_EQ(write_steps(BLOCK_PREFLUSH | BLOCK_FUA, plain_write), 0);
	close_disk();
}

TEST(done_may_submit_again_and_again)
{
	open_disk();
	for (unsigned i = 0; i < DEPTH; i++) {
		make(i, BLOCK_READ, i * 16, 8);
		ones[i].again = 100;
	}
	for (unsigned i = 0; i < DEPTH; i++)
		submit(NULL, i);
	while (fake_run_works())
		;
	for (unsigned i = 0; i < DEPTH; i++)
		CHECK_EQ(ones[i].done, 101);
	close_disk();
}

TEST(who_finds_the_queue_locked_leaves_it_to_the_other)
{
	struct block_plug plug = { 0 };

	open_disk();
	spin_lock(&disk->queues[0].lock);
	for (unsigned i = 0; i < 3; i++) {
		make(i, BLOCK_READ, i * 16, 8);
		submit(i < 2 ? &plug : NULL, i);
	}
	block_plug_flush(&plug);
	CHECK_EQ(ones[0].done + ones[1].done + ones[2].done, 0);
	CHECK(cpumask_test(&disk->queues[0].pending, 0));
	spin_unlock(&disk->queues[0].lock);
	block_queue_run(&disk->queues[0], 0);
	CHECK_EQ(ones[0].done + ones[1].done + ones[2].done, 3);
	CHECK(cpumask_empty(&disk->queues[0].pending));
	close_disk();
}
