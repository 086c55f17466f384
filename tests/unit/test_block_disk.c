/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks: time limits, going away, having little room, names and partitions. */
#include <abi/partition.h>
#include <kernel/byteorder.h>
#include "block_ones.h"

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
static unsigned tiny_room, tiny_posts, tiny_notified, tiny_timeouts;
static int tiny_error;
static bool tiny_holds; /* it finishes nothing */

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
	for (unsigned i = 0; i < ARRAY_SIZE(tiny_has) && !tiny_holds; i++) {
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

static void tiny_timed_out(struct block_disk *d)
{
	tiny_timeouts++;
}

static const struct block_ops tiny_ops = {
	.post = tiny_post,
	.commit = tiny_commit,
	.notify = tiny_notify,
	.reap = tiny_reap,
	.arm = tiny_arm,
	.timed_out = tiny_timed_out,
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
	tiny_posts = tiny_notified = tiny_timeouts = 0;
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

/* The device does not have it: that is no reason to give the device up. */
TEST(waiting_for_room_is_not_the_devices_time)
{
	open_tiny();
	tiny_error = -EAGAIN;
	make(0, BLOCK_READ, 0, 1);
	submit(NULL, 0);
	fake_pass_time(BLOCK_TIMEOUT_MS * 3 * NSEC_PER_MSEC);
	CHECK_EQ(tiny_timeouts, 0);
	CHECK_EQ(ones[0].done, 0);
	/* From when it has it on it has all its time. */
	tiny_error = 0;
	tiny_holds = true;
	block_queue_interrupt(&disk->queues[0]);
	fake_pass_time((BLOCK_TIMEOUT_MS - 1) * NSEC_PER_MSEC);
	CHECK_EQ(tiny_timeouts, 0);
	for (unsigned i = 0; i < 2; i++)
		fake_pass_time(BLOCK_TIMEOUT_MS / 2 * NSEC_PER_MSEC);
	CHECK_EQ(tiny_timeouts, 1);
	tiny_holds = false;
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
