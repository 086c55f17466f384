/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver of virtio's block devices, over honest ones and others. */
#include "fake_virtio_disk.h"
#include <kernel/mm/slab.h>
#include "unit.h"

static struct block_device *device;
static u8 *buffer; /* in memory that the device reaches */

#define BUFFER_BYTES 65536

static bool bind(void)
{
	buffer = kmalloc(BUFFER_BYTES);
	if (!CHECK_EQ(fake_virtio_add(&fake), 0))
		return false;
	device = block_find("vda");
	return CHECK(device);
}

static void unbind(void)
{
	if (device)
		block_put(device);
	device = NULL;
	fake_virtio_remove(&fake);
	kfree(buffer);
	buffer = NULL;
	CHECK(!block_next(NULL));
	CHECK_EQ(host_dma_bytes, 0);
	host_run_work();
}

static void refused(int err, const char *why)
{
	CHECK_EQ(fake_virtio_add(&fake), err);
	CHECK(!block_next(NULL));
	if (why && !CHECK(strstr(fake_log, why)))
		CHECK_STR(fake_log, why);
	fake_virtio_remove(&fake);
	CHECK_EQ(host_dma_bytes, 0);
}

static void fill(unsigned seed)
{
	for (unsigned i = 0; i < BUFFER_BYTES; i++)
		buffer[i] = (u8)(i * 7 + (i >> 8) + seed);
}

/* virtio 1.3, drivernormative 5.2.6.1 */
TEST(what_was_written_is_read)
{
	disk_init();
	if (!bind())
		return;
	CHECK_EQ(block_size(device), DISK_SECTORS * 512);
	for (u32 n = 512; n <= 16384; n = n * 2 + 512) {
		fill(n);
		CHECK_EQ(block_write(device, 1024, buffer, n, 0), 0);
		CHECK_MEM(disk_bytes + 1024, buffer, n);
		memset(buffer, 0, n + 1);
		CHECK_EQ(block_read(device, 1024, buffer, n), 0);
		CHECK_MEM(disk_bytes + 1024, buffer, n);
		CHECK_EQ(buffer[n], 0);
	}
	/* No more than the device has: this is not its to refuse. */
	CHECK_EQ(block_read(device, DISK_SECTORS * 512, buffer, 512), -ENOSPC);
	CHECK_EQ(disk.count[VIRTIO_BLK_T_FLUSH], 0);
	unbind();
}

TEST(the_serial_number_is_asked_for)
{
	struct block_stats stats;

	disk_init();
	if (!bind())
		return;
	CHECK_EQ(disk.count[VIRTIO_BLK_T_GET_ID], 1);
	block_get_stats(device, &stats);
	CHECK(stats.commands >= 2);
	unbind();
}

/* virtio 1.3, drivernormative 5.2.5.1 */
TEST(a_cache_is_flushed)
{
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_FLUSH);
	if (!bind())
		return;
	CHECK(fake.accepted.word[0] & BIT64(VIRTIO_BLK_F_FLUSH));
	CHECK_EQ(block_flush(device), 0);
	CHECK_EQ(disk.count[VIRTIO_BLK_T_FLUSH], 1);
	CHECK_EQ(block_write(device, 0, buffer, 512, BLOCK_FUA), 0);
	CHECK_EQ(disk.count[VIRTIO_BLK_T_FLUSH], 2);
	unbind();
}

TEST(a_cache_that_writes_through_is_not_flushed)
{
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_FLUSH);
	fake_offer(&fake, VIRTIO_BLK_F_CONFIG_WCE);
	fake_config->writeback = 0;
	if (!bind())
		return;
	CHECK_EQ(block_flush(device), 0);
	CHECK_EQ(disk.count[VIRTIO_BLK_T_FLUSH], 0);
	unbind();
}

/* Without FLUSH the cache's mode is of no use. */
TEST(a_cache_that_cannot_be_flushed_is_left_alone)
{
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_CONFIG_WCE);
	fake_config->writeback = 1;
	if (!bind())
		return;
	CHECK(!(fake.accepted.word[0] & BIT64(VIRTIO_BLK_F_CONFIG_WCE)));
	CHECK_EQ(block_flush(device), 0);
	unbind();
}

static void offer_ranges(void)
{
	fake_offer(&fake, VIRTIO_BLK_F_DISCARD);
	fake_offer(&fake, VIRTIO_BLK_F_WRITE_ZEROES);
	fake_offer(&fake, VIRTIO_BLK_F_SECURE_ERASE);
	fake_config->max_discard_sectors = cpu_to_le32(100);
	fake_config->max_discard_seg = cpu_to_le32(1);
	fake_config->discard_sector_alignment = cpu_to_le32(8);
	fake_config->max_write_zeroes_sectors = cpu_to_le32(60);
	fake_config->max_write_zeroes_seg = cpu_to_le32(4);
	fake_config->max_secure_erase_sectors = cpu_to_le32(50);
	fake_config->max_secure_erase_seg = cpu_to_le32(2);
	fake_config->secure_erase_sector_alignment = cpu_to_le32(4);
}

/* virtio 1.3, drivernormative 5.2.6.1 */
TEST(ranges_are_cut_to_what_the_device_takes)
{
	disk_init();
	offer_ranges();
	if (!bind())
		return;
	memset(disk_bytes, 1, sizeof(disk_bytes));
	CHECK_EQ(block_discard(device, 4096, 200 * 512), 0);
	CHECK_EQ(disk.count[VIRTIO_BLK_T_DISCARD], 3); /* of 96, 96, 8 */
	CHECK_EQ(disk_bytes[4095] + disk_bytes[4096 + 200 * 512], 2);
	CHECK_EQ(disk_bytes[4096] + disk_bytes[4095 + 200 * 512], 0);
	CHECK_EQ(block_write_zeroes(device, 0, 61 * 512, 0), 0);
	CHECK_EQ(disk.count[VIRTIO_BLK_T_WRITE_ZEROES], 2);
	CHECK_EQ(le32_to_cpu(disk.range.flags), 1);
	CHECK_EQ(block_write_zeroes(device, 0, 512, BLOCK_NO_UNMAP), 0);
	CHECK_EQ(le32_to_cpu(disk.range.flags), 0);
	CHECK_EQ(block_secure_erase(device, 0, 52 * 512), 0);
	CHECK_EQ(disk.count[VIRTIO_BLK_T_SECURE_ERASE], 2);
	CHECK_EQ(block_secure_erase(device, 0, 3 * 512), -EINVAL);
	unbind();
}

TEST(ranges_without_segments_are_not_offered)
{
	disk_init();
	offer_ranges();
	fake_config->max_discard_seg = cpu_to_le32(0);
	fake_config->max_write_zeroes_sectors = cpu_to_le32(0);
	fake_config->secure_erase_sector_alignment = cpu_to_le32(51);
	if (!bind())
		return;
	CHECK_EQ(block_discard(device, 0, 4096), -EOPNOTSUPP);
	CHECK_EQ(block_write_zeroes(device, 0, 4096, 0), -EOPNOTSUPP);
	CHECK_EQ(block_secure_erase(device, 0, 4096), -EOPNOTSUPP);
	unbind();
}

/* virtio 1.3, drivernormative 5.2.6.1 */
TEST(a_read_only_device_is_not_written)
{
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_RO);
	if (!bind())
		return;
	CHECK(block_read_only(device));
	CHECK_EQ(block_write(device, 0, buffer, 512, 0), -EROFS);
	CHECK_EQ(disk.count[VIRTIO_BLK_T_OUT], 0);
	unbind();
}

/* virtio 1.3, drivernormative 5.2.6.1 */
TEST(a_new_capacity_is_noticed)
{
	disk_init();
	if (!bind())
		return;
	fake_config->capacity = cpu_to_le64(DISK_SECTORS / 2);
	fake_config_interrupt(&fake);
	host_run_work();
	CHECK_EQ(block_size(device), DISK_SECTORS / 2 * 512);
	CHECK(strstr(fake_log, "vda: the size changed from 1024 to 512"));
	CHECK_EQ(block_read(device, DISK_SECTORS / 2 * 512, buffer, 512),
		 -ENOSPC);
	fake_config->capacity = cpu_to_le64(~0ULL);
	fake_config_interrupt(&fake);
	host_run_work();
	CHECK_EQ(block_size(device), DISK_SECTORS / 2 * 512);
	unbind();
}

TEST(geometry_is_what_the_device_says)
{
	const struct block_limits *l;

	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_BLK_SIZE);
	fake_offer(&fake, VIRTIO_BLK_F_TOPOLOGY);
	fake_offer(&fake, VIRTIO_BLK_F_SIZE_MAX);
	fake_offer(&fake, VIRTIO_BLK_F_SEG_MAX);
	fake_config->blk_size = cpu_to_le32(1024);
	fake_config->topology.physical_block_exp = 2;
	fake_config->topology.opt_io_size = cpu_to_le32(16);
	fake_config->size_max = cpu_to_le32(5000);
	fake_config->seg_max = cpu_to_le32(3);
	fake_config->capacity = cpu_to_le64(DISK_SECTORS - 1);
	if (!bind())
		return;
	l = block_limits(device);
	CHECK_EQ(l->block_size, 1024);
	CHECK_EQ(l->physical_block_size, 4096);
	CHECK_EQ(l->optimal_size, 16384);
	CHECK_EQ(l->segment_max, 4096);
	CHECK_EQ(l->segments_max, 3);
	CHECK_EQ(l->sectors_max, 24);
	CHECK_EQ(block_size(device), (DISK_SECTORS - 2) * 512);
	fill(1);
	CHECK_EQ(block_write(device, 0, buffer, 32768, 0), 0);
	CHECK_MEM(disk_bytes, buffer, 32768);
	/* Neighbours were merged up to three segments. */
	CHECK_EQ(disk.count[VIRTIO_BLK_T_OUT], 3);
	unbind();
}

TEST(hints_that_cannot_be_are_no_hints)
{
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_TOPOLOGY);
	fake_config->topology.physical_block_exp = 255;
	fake_config->topology.opt_io_size = cpu_to_le32(0xffffffff);
	if (!bind())
		return;
	CHECK_EQ(block_limits(device)->physical_block_size, 512);
	CHECK_EQ(block_limits(device)->optimal_size, 0);
	unbind();
}

TEST(a_configuration_that_cannot_be_is_refused)
{
	static const u32 sizes[] = { 0, 1, 511, 513, 768, 131072, 0xffffffff };

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		disk_init();
		fake_offer(&fake, VIRTIO_BLK_F_BLK_SIZE);
		fake_config->blk_size = cpu_to_le32(sizes[i]);
		refused(-EINVAL, "virtio0: blk_size is");
	}
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_SEG_MAX);
	refused(-EINVAL, "virtio0: requests of 0 segments");
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_SIZE_MAX);
	fake_config->size_max = cpu_to_le32(511);
	refused(-EINVAL, "segments of 511 bytes");
	disk_init();
	fake_config->capacity = cpu_to_le64(~0ULL);
	refused(-EINVAL, "virtio0: a disk of 18446744073709551615 sectors");
	disk_init();
	fake.queues[0].size_max = 2;
	refused(-EINVAL, "virtio0: its queues are too small");
	disk_init();
	fake.queue_count = 0;
	fake.queues[0].size_max = 0;
	refused(-ENOENT, NULL);
}

TEST(an_empty_disk_is_one)
{
	disk_init();
	fake_config->capacity = cpu_to_le64(0);
	if (!bind())
		return;
	CHECK_EQ(block_read(device, 0, buffer, 512), -ENOSPC);
	CHECK_EQ(disk.count[VIRTIO_BLK_T_IN], 0);
	unbind();
}

/* virtio 1.3, drivernormative 5.2.5.1 */
TEST(zones_are_refused)
{
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_ZONED);
	fake_config->zoned.model = VIRTIO_BLK_Z_HM;
	refused(-EOPNOTSUPP, "virtio0: a host-managed zoned device");
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_ZONED);
	fake_config->zoned.model = VIRTIO_BLK_Z_HA;
	if (!bind())
		return;
	CHECK(!(fake.accepted.word[0] & BIT64(VIRTIO_BLK_F_ZONED)));
	CHECK_EQ(block_read(device, 0, buffer, 512), 0);
	unbind();
}

TEST(each_cpu_has_its_queue)
{
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_MQ);
	fake_config->num_queues = cpu_to_le16(3);
	fake.queue_count = 3;
	fake.queues[1] = fake.queues[2] = fake.queues[0];
	fake_cpus = 6;
	if (!bind())
		return;
	for (unsigned cpu = 0; cpu < 6; cpu++) {
		percpu__cpu_number = cpu;
		CHECK_EQ(block_read(device, 0, buffer, 512), 0);
		CHECK_EQ(disk.queue, cpu / 2);
	}
	percpu__cpu_number = 0;
	unbind();
	/* No more than there are CPUs; and 0 is one. */
	for (unsigned n = 0; n < 2; n++) {
		disk_init();
		fake_offer(&fake, VIRTIO_BLK_F_MQ);
		fake_config->num_queues = cpu_to_le16(n ? 0xffff : 0);
		if (!bind())
			return;
		CHECK_EQ(block_read(device, 0, buffer, 512), 0);
		unbind();
	}
}

TEST(errors_of_the_device_are_told)
{
	disk_init();
	fake_offer(&fake, VIRTIO_BLK_F_FLUSH);
	offer_ranges();
	if (!bind())
		return;
	disk.status = VIRTIO_BLK_S_IOERR;
	CHECK_EQ(block_read(device, 0, buffer, 512), -EIO);
	CHECK_EQ(block_flush(device), -EIO);
	disk.status = VIRTIO_BLK_S_UNSUPP;
	CHECK_EQ(block_discard(device, 0, 512 * 8), -EOPNOTSUPP);
	disk.status = 0;
	CHECK_EQ(block_read(device, 0, buffer, 512), 0);
	CHECK(!virtio_is_broken(&fake.vdev));
	unbind();
}

/* It is reset, and nothing more is asked of it. */
static void check_broken(const char *why)
{
	CHECK_EQ(block_read(device, 0, buffer, 4096), -EIO);
	CHECK(strstr(fake_log, why));
	CHECK(virtio_is_broken(&fake.vdev));
	host_run_work();
	CHECK_EQ(fake.status, 0);
	CHECK_EQ(block_read(device, 0, buffer, 512), -EIO);
	CHECK_EQ(block_write(device, 0, buffer, 512, 0), -EIO);
	unbind();
}

TEST(a_status_that_there_is_not_breaks_the_device)
{
	for (unsigned status = 3; status < 256; status++) {
		disk_init();
		if (!bind())
			return;
		disk.status = status;
		check_broken(status == 255 ? "without a status"
					   : "a status that there is not");
	}
}

TEST(a_missing_status_breaks_the_device)
{
	disk_init();
	if (!bind())
		return;
	disk.no_status = true;
	check_broken("a request without a status");
}

TEST(a_short_read_breaks_the_device)
{
	static const u32 lengths[] = { 0, 1, 511, 4095 };

	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		disk_init();
		if (!bind())
			return;
		disk.set_length = true;
		disk.length = lengths[i];
		check_broken("less data than was to be read");
	}
}

TEST(a_length_without_the_status_byte_is_good_enough)
{
	disk_init();
	if (!bind())
		return;
	disk.set_length = true;
	disk.length = 4096;
	CHECK_EQ(block_read(device, 0, buffer, 4096), 0);
	disk.length = 0;
	CHECK_EQ(block_write(device, 0, buffer, 4096, 0), 0);
	unbind();
}

TEST(lengths_of_legacy_devices_are_not_believed)
{
	disk_init();
	fake.vdev.legacy = true;
	fake.offered.word[0] = 0;
	if (!bind())
		return;
	disk.set_length = true;
	CHECK_EQ(block_read(device, 0, buffer, 4096), 0);
	unbind();
}

static unsigned async_done;

static void count_done(struct block_request *r)
{
	CHECK_EQ(r->status, -EIO);
	async_done++;
}

static struct block_segment segment;

static void submit(struct block_request *r)
{
	segment = (struct block_segment){ buffer, 512 };
	*r = (struct block_request){
		.device = device,
		.operation = BLOCK_READ,
		.sectors = 1,
		.segments = &segment,
		.segment_count = 1,
		.done = count_done,
	};
	block_submit(r);
}

#define ASYNC 100 /* more than the queue has room for */

static void submit_all(struct block_request *r)
{
	async_done = 0;
	disk.silent = true;
	for (unsigned i = 0; i < ASYNC; i++)
		submit(&r[i]);
	CHECK_EQ(async_done, 0);
}

TEST(a_device_that_does_not_answer_is_given_up)
{
	static struct block_request r[ASYNC];

	disk_init();
	if (!bind())
		return;
	submit_all(r);
	host_time_now_ns += 2ULL * BLOCK_TIMEOUT_MS * 1000000;
	CHECK(host_run_timers());
	/* The machine may have stood still: it gets until the next look. */
	CHECK(!strstr(fake_log, "a request was not"));
	host_time_now_ns += BLOCK_TIMEOUT_MS * 1000000ULL;
	CHECK(host_run_timers());
	CHECK(strstr(fake_log, "a request was not finished in time"));
	host_run_work();
	CHECK_EQ(async_done, ASYNC);
	unbind();
}

TEST(a_device_that_breaks_ends_all_requests)
{
	static struct block_request r[ASYNC];

	disk_init();
	if (!bind())
		return;
	submit_all(r);
	virtio_break(&fake.vdev, "the test says so");
	host_run_work();
	CHECK_EQ(async_done, ASYNC);
	unbind();
}

TEST(a_device_that_is_taken_away_ends_all_requests)
{
	static struct block_request r[ASYNC];

	disk_init();
	if (!bind())
		return;
	submit_all(r);
	CHECK_EQ(device_unbind(&fake.vdev.dev), 0);
	CHECK_EQ(async_done, ASYNC);
	submit(&r[0]);
	CHECK_EQ(async_done, ASYNC + 1);
	unbind();
}

/* Its rings and commands stay its for ever: the test alone frees them. */
TEST(a_device_that_does_not_reset_keeps_its_commands)
{
	static struct block_request r[ASYNC];
	static struct fake_buffer b;
	void *rings;

	disk_init();
	if (!bind())
		return;
	rings = (void *)(uintptr_t)fake.queues[0].place.descriptors;
	submit_all(r);
	CHECK(fake_take(&fake, 0, &b));
	fake.never_resets = true;
	fake.no_isolation = true;
	virtio_break(&fake.vdev, "the test says so");
	host_run_work();
	CHECK_EQ(async_done, ASYNC);
	fake.never_resets = false;
	block_put(device);
	device = NULL;
	fake_virtio_remove(&fake);
	kfree(buffer);
	buffer = NULL;
	/* AddressSanitizer sees what was freed. */
	CHECK_EQ(fake_write(&b, b.writable - 1, "", 1), 1);
	CHECK(host_dma_bytes);
	host_dma_bytes = 0;
	free(rings);
}

TEST(without_memory_nothing_is_bound)
{
	unsigned n = 0;
	int ret;

	do {
		disk_init();
		host_heap_fail_after(n++);
		ret = fake_virtio_add(&fake);
		host_heap_fail_after(HOST_HEAP_NEVER);
		CHECK(!ret || !block_next(NULL));
		fake_virtio_remove(&fake);
		host_run_work();
		CHECK_EQ(host_dma_bytes, 0);
	} while (ret && CHECK(n < 100));
	CHECK(n > 8);
}
