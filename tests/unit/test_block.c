/* SPDX-License-Identifier: BSD-2-Clause */
/* The block layer over a disk in memory, and over one that has little room. */
#include "../../kernel/block/internal.h"
#include "../../kernel/block/ram.h"
#include <kernel/errno.h>
#include <kernel/time.h>
#include <abi/partition.h>
#include <kernel/byteorder.h>
#include "fake_block.h"

#define SECTORS	 2048U
#define REQUESTS 64U
#define DEPTH	 8U

struct one {
	struct block_request request;
	struct block_segment segment[4];
	unsigned done;
	unsigned again; /* how often done() submits it once more */
};

static struct one ones[REQUESTS];
static u8 data[REQUESTS][8 * BLOCK_SECTOR];
static struct block_disk *disk;
static struct block_device *device;
static int fault_status;
static u64 fault_sector;
static unsigned timeouts;

static int fault(const struct block_command *command)
{
	return command->start >= fault_sector ? fault_status : 0;
}

static void timed_out(struct block_disk *d)
{
	CHECK(d == disk);
	timeouts++;
}

static struct ram_disk_config plain(void)
{
	return (struct ram_disk_config){
		.prefix = "ram",
		.sectors = SECTORS,
		.queues = 1,
		.depth = DEPTH,
		.features = BLOCK_HAS_FLUSH,
		.fault = fault,
		.timed_out = timed_out,
	};
}

static void open_config(const struct ram_disk_config *config)
{
	fault_status = 0;
	fault_sector = 0;
	timeouts = 0;
	memset(ones, 0, sizeof(ones));
	disk = ram_disk_create(config);
	CHECK(disk && !block_disk_register(disk));
	device = block_find("ram0");
	CHECK(device == &disk->whole);
}

static void open_disk(void)
{
	struct ram_disk_config config = plain();

	open_config(&config);
}

static void close_disk(void)
{
	if (device)
		block_put(device);
	device = NULL;
	ram_disk_destroy(disk);
	CHECK(!block_next(NULL));
	CHECK_EQ(fake_allocations, 0);
}

static void submit(struct block_plug *plug, unsigned n);

static void done(struct block_request *request)
{
	struct one *one = container_of(request, struct one, request);

	one->done++;
	if (one->again && one->again--)
		submit(NULL, (unsigned)(one - ones));
}

static void submit(struct block_plug *plug, unsigned n)
{
	ones[n].request.done = done;
	if (plug)
		block_plug_add(plug, &ones[n].request);
	else
		block_submit(&ones[n].request);
}

/* One of a single segment. */
static struct block_request *make(unsigned n, unsigned operation, u64 sector,
				  u32 sectors)
{
	struct one *one = &ones[n];

	one->segment[0] = (struct block_segment){ data[n], sectors * 512 };
	one->request = (struct block_request){
		.device = device,
		.operation = (u8)operation,
		.sector = sector,
		.sectors = sectors,
		.segments = one->segment,
		.segment_count = 1,
		.status = 1,
	};
	one->done = 0;
	return &one->request;
}

static int do_one(unsigned operation, u64 sector, u32 sectors)
{
	make(0, operation, sector, sectors);
	submit(NULL, 0);
	CHECK_EQ(ones[0].done, 1);
	return ones[0].request.status;
}

static u64 commands(void)
{
	struct block_stats stats;

	block_get_stats(device, &stats);
	CHECK_EQ(stats.in_flight, disk->queues[0].busy);
	return stats.commands;
}

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

TEST(a_request_that_is_not_finished_in_time_is_noticed)
{
	open_disk();
	fault_status = RAM_DISK_HOLD;
	make(0, BLOCK_READ, 0, 1);
	submit(NULL, 0);
	fake_pass_time((BLOCK_TIMEOUT_MS - 1) * NSEC_PER_MSEC);
	CHECK_EQ(timeouts, 0);
	fake_pass_time(BLOCK_TIMEOUT_MS / 2 * NSEC_PER_MSEC);
	CHECK_EQ(timeouts, 1);
	CHECK_EQ(ones[0].done, 0);
	block_disk_close(disk, 0);
	block_disk_abandon(disk);
	CHECK_EQ(ones[0].done, 1);
	CHECK_EQ(ones[0].request.status, -EIO);
	CHECK_EQ(do_one(BLOCK_READ, 0, 1), -EIO);
	fake_pass_time(BLOCK_TIMEOUT_MS * 3 * NSEC_PER_MSEC);
	CHECK_EQ(timeouts, 1);
	close_disk();
}

TEST(a_busy_disk_that_answers_is_not_given_up)
{
	open_disk();
	fault_status = RAM_DISK_HOLD;
	for (unsigned i = 0; i < 10; i++) {
		make(0, BLOCK_READ, 0, 1);
		submit(NULL, 0);
		fake_pass_time((BLOCK_TIMEOUT_MS - 1) * NSEC_PER_MSEC);
		ram_disk_release(disk, 0);
		CHECK_EQ(ones[0].done, 1);
	}
	CHECK_EQ(timeouts, 0);
	/* When nothing is under way no timer is set for long. */
	fake_pass_time(BLOCK_TIMEOUT_MS * NSEC_PER_MSEC);
	CHECK(!disk->queues[0].watching);
	close_disk();
}

TEST(a_disk_that_goes_away_ends_all_requests)
{
	open_disk();
	fault_status = RAM_DISK_HOLD;
	for (unsigned i = 0; i < 2 * DEPTH; i++) {
		make(i, BLOCK_READ, i * 16, 8);
		submit(NULL, i);
	}
	block_disk_close(disk, 0);
	for (unsigned i = 0; i < 2 * DEPTH; i++)
		CHECK_EQ(ones[i].done, i >= DEPTH);
	ram_disk_destroy(disk);
	for (unsigned i = 0; i < 2 * DEPTH; i++)
		CHECK(ones[i].done == 1 && ones[i].request.status == -EIO);
	/* Who has a reference may still try. */
	CHECK(!block_find("ram0"));
	CHECK_EQ(do_one(BLOCK_READ, 0, 1), -EIO);
	CHECK_EQ(block_read(device, 0, data[0], 512), -EIO);
	CHECK(fake_allocations > 0);
	block_put(device);
	device = NULL;
	CHECK_EQ(fake_allocations, 0);
}

/* A device with room for two commands of up to four segments. */
static struct block_command *tiny_has[2];
static unsigned tiny_room, tiny_posts, tiny_notified;
static int tiny_error;

static int tiny_post(struct block_queue *queue, struct block_command *command)
{
	(void)queue;
	tiny_posts++;
	if (tiny_error)
		return tiny_error;
	if (command->segments > 4)
		return -ENOSPC;
	for (unsigned i = 0; i < tiny_room; i++) {
		if (tiny_has[i])
			continue;
		tiny_has[i] = command;
		return 0;
	}
	return -ENOSPC;
}

static bool tiny_commit(struct block_queue *queue)
{
	(void)queue;
	return true;
}

static void tiny_notify(struct block_queue *queue)
{
	(void)queue;
	tiny_notified++;
}

static struct block_command *tiny_reap(struct block_queue *queue, int *status)
{
	(void)queue;
	*status = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(tiny_has); i++) {
		struct block_command *command = tiny_has[i];

		tiny_has[i] = NULL;
		if (command)
			return command;
	}
	return NULL;
}

static bool tiny_arm(struct block_queue *queue, bool on)
{
	(void)queue;
	(void)on;
	return true;
}

static const struct block_ops tiny_ops = {
	.post = tiny_post,
	.commit = tiny_commit,
	.notify = tiny_notify,
	.reap = tiny_reap,
	.arm = tiny_arm,
};

static struct block_disk_config tiny_config(void)
{
	return (struct block_disk_config){
		.prefix = "vd",
		.ops = &tiny_ops,
		.sectors = SECTORS,
		.limits = { .block_size = 512,
			    .sectors_max = 64,
			    .segment_max = 4096,
			    .segments_max = 8 },
		.queues = 1,
		.depth = DEPTH,
	};
}

static void open_tiny(void)
{
	struct block_disk_config config = tiny_config();

	memset(ones, 0, sizeof(ones));
	tiny_room = 2;
	tiny_posts = tiny_notified = 0;
	disk = block_disk_create(&config);
	device = &disk->whole;
}

static void close_tiny(void)
{
	block_disk_destroy(disk);
	device = NULL;
	CHECK_EQ(fake_allocations, 0);
}

static unsigned all_done(unsigned n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += ones[i].done;
	return sum;
}

TEST(a_device_without_room_is_asked_again)
{
	open_tiny();
	for (unsigned i = 0; i < 7; i++) {
		make(i, BLOCK_READ, i * 16, 8);
		submit(NULL, i);
	}
	CHECK_EQ(disk->queues[0].busy, 3);
	for (unsigned i = 2; i < 7; i += 2) {
		block_queue_interrupt(&disk->queues[0]);
		CHECK_EQ(all_done(7), i);
	}
	block_queue_interrupt(&disk->queues[0]);
	CHECK_EQ(all_done(7), 7);
	CHECK_EQ(disk->queues[0].busy, 0);
	close_tiny();
}

TEST(what_never_fits_fails)
{
	struct block_request *r;

	open_tiny();
	r = make(0, BLOCK_READ, 0, 1);
	tiny_room = 0;
	submit(NULL, 0);
	CHECK_EQ(ones[0].done, 1);
	CHECK_EQ(r->status, -EIO);
	tiny_room = 2;
	tiny_error = -EIO;
	CHECK_EQ(do_one(BLOCK_READ, 0, 1), -EIO);
	/* No memory that the device reaches: that comes again. */
	tiny_error = -EAGAIN;
	make(0, BLOCK_READ, 0, 1);
	submit(NULL, 0);
	CHECK_EQ(ones[0].done, 0);
	tiny_error = 0;
	block_queue_interrupt(&disk->queues[0]);
	block_queue_interrupt(&disk->queues[0]);
	CHECK_EQ(ones[0].done, 1);
	close_tiny();
}

TEST(a_refused_command_ends_with_its_disk)
{
	open_tiny();
	tiny_error = -EAGAIN;
	make(0, BLOCK_READ, 0, 1);
	submit(NULL, 0);
	block_disk_close(disk, 0);
	CHECK_EQ(ones[0].done, 1);
	CHECK_EQ(ones[0].request.status, -EIO);
	tiny_error = 0;
	close_tiny();
}

TEST(disks_that_cannot_be_are_refused)
{
	struct block_disk_config c = tiny_config();

	c.limits.block_size = 0;
	CHECK(!block_disk_create(&c));
	c.limits.block_size = 513;
	CHECK(!block_disk_create(&c));
	c.limits.block_size = 131072;
	CHECK(!block_disk_create(&c));
	c = tiny_config();
	c.sectors = ~0ULL;
	CHECK(!block_disk_create(&c));
	CHECK_STR(fake_message, "vd: a disk of 18446744073709551615 sectors in "
				"blocks of 512 bytes cannot be: not used");
	c = tiny_config();
	c.queues = 0;
	CHECK(!block_disk_create(&c));
	c = tiny_config();
	c.limits.segments_max = 0;
	CHECK(!block_disk_create(&c));
	c = tiny_config();
	c.limits.sectors_max = 4;
	c.limits.block_size = 4096;
	CHECK(!block_disk_create(&c));
	CHECK_EQ(fake_allocations, 0);
}

TEST(without_memory_there_is_no_disk)
{
	struct ram_disk_config config = plain();
	unsigned n = 0;

	for (;; n++) {
		fake_allocations_left = n;
		disk = ram_disk_create(&config);
		if (disk)
			break;
		CHECK_EQ(fake_allocations, 0);
	}
	CHECK(n > 4);
	fake_allocations_left = UINT32_MAX;
	ram_disk_destroy(disk);
	CHECK_EQ(fake_allocations, 0);
}

static void put_partitions(void)
{
	struct mbr *mbr = (struct mbr *)(void *)data[0];

	memset(data[0], 0, 512);
	mbr->signature = cpu_to_le16(MBR_SIGNATURE);
	for (unsigned i = 0; i < 2; i++) {
		mbr->partition[i].os_type = 0x83;
		mbr->partition[i].starting_lba = cpu_to_le32(100 + 1000 * i);
		mbr->partition[i].size_in_lba = cpu_to_le32(500);
	}
	CHECK_EQ(block_write(device, 0, data[0], 512, 0), 0);
	CHECK_EQ(block_rescan(disk), 0);
}

TEST(partitions_are_devices_of_their_own)
{
	struct block_device *p, *d;

	open_disk();
	put_partitions();
	p = block_find("ram0p2");
	if (!CHECK(p))
		return;
	CHECK_EQ(block_size(p), 500 * 512);
	memset(data[1], 0x77, 512);
	CHECK_EQ(block_write(p, 499 * 512, data[1], 512, 0), 0);
	CHECK_EQ(block_write(p, 500 * 512, data[1], 512, 0), -ENOSPC);
	CHECK_EQ(block_read(device, (1100 + 499) * 512, data[2], 512), 0);
	CHECK_MEM(data[1], data[2], 512);
	/* One that is in use stays. */
	CHECK_EQ(block_rescan(disk), -EBUSY);
	d = block_next(NULL);
	CHECK(d == device);
	d = block_next(d);
	CHECK_STR(d->name, "ram0p1");
	d = block_next(d);
	CHECK(d == p);
	CHECK(!block_next(d));
	/* The disk becomes smaller than the partition is. */
	block_disk_resize(disk, 1200);
	CHECK_EQ(block_read(p, 99 * 512, data[1], 512), 0);
	CHECK_EQ(block_read(p, 100 * 512, data[1], 512), -ENOSPC);
	block_disk_resize(disk, SECTORS);
	block_put(p);
	memset(data[0], 0, 512);
	CHECK_EQ(block_write(device, 0, data[0], 512, 0), 0);
	CHECK_EQ(block_rescan(disk), 0);
	CHECK(!block_find("ram0p1"));
	close_disk();
}

TEST(names_are_given_out_and_taken_back)
{
	struct block_disk_config config = tiny_config();
	struct block_disk *disks[30];

	config.sectors = 0;
	for (unsigned i = 0; i < 30; i++) {
		disks[i] = block_disk_create(&config);
		CHECK_EQ(block_disk_register(disks[i]), 0);
	}
	CHECK_STR(block_disk_name(disks[0]), "vda");
	CHECK_STR(block_disk_name(disks[25]), "vdz");
	CHECK_STR(block_disk_name(disks[26]), "vdaa");
	CHECK_STR(block_disk_name(disks[29]), "vdad");
	block_disk_destroy(disks[3]);
	disks[3] = block_disk_create(&config);
	CHECK_EQ(block_disk_register(disks[3]), 0);
	CHECK_STR(block_disk_name(disks[3]), "vdd");
	for (unsigned i = 0; i < 30; i++)
		block_disk_destroy(disks[i]);
	CHECK_EQ(fake_allocations, 0);
}

TEST(a_new_size_is_told_and_used)
{
	open_disk();
	block_disk_resize(disk, SECTORS / 2);
	CHECK_STR(fake_message,
		  "ram0: the size changed from 2048 to 1024 sectors");
	CHECK_EQ(do_one(BLOCK_READ, SECTORS / 2, 1), -ENOSPC);
	block_disk_resize(disk, ~0ULL);
	CHECK_EQ(block_size(device), SECTORS / 2 * 512);
	close_disk();
}

TEST(an_interrupt_is_not_needed)
{
	open_tiny();
	block_set_polled(disk, true);
	for (unsigned i = 0; i < 5; i++) {
		make(i, BLOCK_READ, i * 16, 8);
		submit(NULL, i);
	}
	for (unsigned i = 0; i < 5; i++)
		block_poll(device);
	CHECK_EQ(all_done(5), 5);
	CHECK(!disk->queues[0].armed);
	block_set_polled(disk, false);
	CHECK(disk->queues[0].armed);
	close_tiny();
}
