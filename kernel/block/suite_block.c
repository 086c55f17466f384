/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of disks: on one in memory, and on one that blk_test= names, whose
 * first megabyte is overwritten.
 */
#include "ram.h"
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "internal.h"
#include "suite.h"
#include "test_disk.h"

#define READERS		3
#define UNBIND_AFTER_NS (5 * NSEC_PER_MSEC)

static struct block_disk *ram;

static int fault_status; /* of what begins at the area's second half */

static int fault(const struct block_command *command)
{
	return command->start >= BLOCK_TEST_AREA / 2 / BLOCK_SECTOR
		       ? fault_status
		       : 0;
}

static void begin_ram(struct selftest *t)
{
	fault_status = 0;
	ram = ram_disk_create(&(struct ram_disk_config){
		.prefix = "test",
		.sectors = 2 * BLOCK_TEST_AREA / BLOCK_SECTOR,
		.queues = MIN(cpu_count(), 2U),
		.depth = 16,
		.features = BLOCK_HAS_FLUSH | BLOCK_WRITE_CACHE,
		.fault = fault,
	});
	if (EXPECT(t, ram) && EXPECT_EQ(t, block_disk_register(ram), 0))
		block_test_devices[0] = block_find(block_disk_name(ram));
	EXPECT(t, block_test_devices[0]);
}

static void put_devices(void)
{
	for (unsigned i = 0; i < BLOCK_TEST_DEVICES_MAX; i++) {
		if (block_test_devices[i])
			block_put(block_test_devices[i]);
		block_test_devices[i] = NULL;
	}
}

static void end_ram(struct selftest *t)
{
	put_devices();
	if (ram)
		ram_disk_destroy(ram);
	ram = NULL;
	EXPECT(t, !block_find("test0"));
}

static void errors(struct selftest *t, struct block_device *dev, u8 *buffer)
{
	fault_status = -EIO;
	EXPECT_EQ(t, block_read(dev, BLOCK_TEST_AREA / 2, buffer, 4096), -EIO);
	EXPECT_EQ(t,
		  block_write(dev, BLOCK_TEST_AREA / 2, buffer, 4096,
			      BLOCK_FUA),
		  -EIO);
	EXPECT_EQ(t, block_read(dev, 0, buffer, 4096), 0);
	fault_status = 0;
	EXPECT_EQ(t, block_read(dev, BLOCK_TEST_AREA / 2, buffer, 4096), 0);
}

static void test_errors(struct selftest *t)
{
	block_test_with_area(t, errors);
}

/* Some are with the device and some wait when it is taken away. */
static void taken_away(struct selftest *t, struct block_device *dev, u8 *buffer)
{
	struct block_test_request *all =
		kzalloc(BLOCK_TEST_MANY * sizeof(*all));
	unsigned left = BLOCK_TEST_MANY, failed = 0;

	if (!EXPECT(t, all))
		return;
	fault_status = RAM_DISK_HOLD;
	for (unsigned i = 0; i < BLOCK_TEST_MANY; i++) {
		all[i].left = &left;
		all[i].segment[0].data = buffer;
		block_test_prepare(&all[i], dev, BLOCK_READ,
				   BLOCK_TEST_AREA / 2 + 1024 * i,
				   BLOCK_SECTOR);
		block_submit(&all[i].request);
	}
	EXPECT_EQ(t, left, BLOCK_TEST_MANY);
	ram_disk_destroy(ram);
	ram = NULL;
	EXPECT_EQ(t, left, 0);
	for (unsigned i = 0; i < BLOCK_TEST_MANY; i++)
		failed += all[i].request.status == -EIO;
	EXPECT_EQ(t, failed, BLOCK_TEST_MANY);
	EXPECT_EQ(t, block_read(dev, 0, buffer, 4096), -EIO);
	kfree(all);
}

static void test_taken_away(struct selftest *t)
{
	block_test_with_area(t, taken_away);
}

static void begin_named(struct selftest *t)
{
	if (!block_test_name(0)) {
		selftest_skip(t, "no disk was named with blk_test=");
		return;
	}
	for (unsigned i = 0; i < BLOCK_TEST_DEVICES_MAX; i++) {
		const char *name = block_test_name(i);

		if (!name)
			return;
		block_test_devices[i] = block_find(name);
		if (!EXPECT(t, block_test_devices[i]))
			selftest_note(t, "there is no %s", name);
	}
}

/* Reads until that fails. */
static void read_until_error(void *arg)
{
	struct block_device *dev = arg;
	u32 size = block_limits(dev)->block_size;
	void *buffer = kmalloc(size);
	u64 limit = time_ns() + BLOCK_TEST_WAIT_NS;

	while (buffer && time_ns() < limit && !block_read(dev, 0, buffer, size))
		;
	kfree(buffer);
}

static void unbind_under_load(struct selftest *t, struct device *parent,
			      struct block_device *dev)
{
	struct thread *threads[READERS];
	u64 start = time_ns();

	for (unsigned i = 0; i < READERS; i++)
		threads[i] =
			thread_create("reader", read_until_error, dev, NULL);
	thread_sleep_ns(UNBIND_AFTER_NS);
	EXPECT_EQ(t, device_unbind(parent), 0);
	for (unsigned i = 0; i < READERS; i++)
		if (EXPECT(t, threads[i]))
			thread_join(threads[i]);
	EXPECT(t, time_ns() - start < BLOCK_TEST_WAIT_NS);
}

/* All requests end, and with its driver the disk is back. */
static void unbind_and_bind(struct selftest *t, struct block_device **place)
{
	struct block_device *dev = *place;
	struct device *parent = dev->disk->parent;
	char name[BLOCK_NAME_MAX];
	u8 *buffer;

	if (!parent)
		return;
	strscpy(name, dev->name, sizeof(name));
	unbind_under_load(t, parent, dev);
	EXPECT(t, !block_find(name));
	block_put(dev);
	EXPECT_EQ(t, device_bind(parent, NULL), 0);
	dev = *place = block_find(name);
	if (!EXPECT(t, dev))
		return;
	buffer = kmalloc(block_limits(dev)->block_size);
	if (EXPECT(t, buffer))
		EXPECT_EQ(t,
			  block_read(dev, 0, buffer,
				     block_limits(dev)->block_size),
			  0);
	kfree(buffer);
}

static void test_unbind(struct selftest *t)
{
	if (!block_test_devices[0])
		selftest_skip(t, "no disk was named with blk_test=");
	for (unsigned i = 0; i < BLOCK_TEST_DEVICES_MAX; i++)
		if (block_test_devices[i])
			unbind_and_bind(t, &block_test_devices[i]);
}

static void end_named(struct selftest *t)
{
	(void)t;
	put_devices();
}

static const struct selftest_suite data_suite = { .cases = block_data_cases };

static const struct selftest_case ram_cases[] = {
	{ .name = "begins", .run = begin_ram },
	{ .name = "data", .suite = &data_suite },
	{ .name = "errors-are-told", .run = test_errors },
	{ .name = "taken-away-under-load", .run = test_taken_away },
	{ .name = "ends", .run = end_ram },
	{},
};

static const struct selftest_case named_cases[] = {
	{ .name = "begins", .run = begin_named },
	{ .name = "data", .suite = &data_suite },
	{ .name = "unbound-under-load", .run = test_unbind },
	{ .name = "ends", .run = end_named },
	{},
};

static const struct selftest_suite ram_suite = { .cases = ram_cases };
static const struct selftest_suite named_suite = { .cases = named_cases };

static const struct selftest_case block_cases[] = {
	{ .name = "memory", .suite = &ram_suite },
	{ .name = "named", .suite = &named_suite },
	{},
};
SELFTEST_SUITE(block, "blk", block_cases, 0);
