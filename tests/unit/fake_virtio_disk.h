/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio block device for tests (virtio 1.3, 5.2): honest unless it is told
 * not to be. What the specification demands of a driver is checked.
 */
#pragma once

#include "fake_virtio.h"
#include "host.h"
#include <stdarg.h>
#include <abi/virtio/blk.h>
#include <kernel/block_driver.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/timer.h>
#include <kernel/vsprintf.h>

#define DISK_SECTORS 1024U

static struct fake_virtio fake;
static struct virtio_blk_config *const fake_config = (void *)fake.config;
static u8 disk_bytes[DISK_SECTORS * 512];

/* How it answers; zeroed: honestly. */
static struct {
	bool silent; /* never */
	bool no_status;
	unsigned status; /* instead of 0 */
	bool set_length; /* to the next one */
	u32 length;
	unsigned count[VIRTIO_BLK_T_SECURE_ERASE + 1]; /* by type */
	unsigned queue;				       /* of the last one */
	struct virtio_blk_req head;
	struct virtio_blk_discard_write_zeroes range;
	u64 bytes; /* of data */
} disk;

/* What was said since disk_init(), as much as fits. */
static char fake_log[4096];
static size_t fake_log_length;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	va_list ap;
	int n;

	(void)level;
	(void)flags;
	va_start(ap, fmt);
	n = vsnprintf(fake_log + fake_log_length,
		      sizeof(fake_log) - fake_log_length, fmt, ap);
	va_end(ap);
	fake_log_length =
		MIN(fake_log_length + (size_t)n, sizeof(fake_log) - 1);
}

/* More CPUs than one, if the test wants them. */
static unsigned fake_cpus = 1;
unsigned percpu__cpu_number;
struct cpumask cpu_online_mask = { { 1 } };

unsigned cpu_count(void)
{
	return fake_cpus;
}

void smp_stop_others(void)
{
}

void smp_call_mask(const struct cpumask *mask, void (*fn)(void *arg), void *arg)
{
	(void)mask;
	fn(arg);
}

bool timer_available(void)
{
	return true;
}

void might_sleep(void)
{
}

void sched_prepare_sleep(void)
{
}

bool sched_sleep(u64 until_ns)
{
	(void)until_ns;
	abort();
}

bool thread_wake(struct thread *thread)
{
	(void)thread;
	return false;
}

/* Who waits for a request lets others run. */
void unit_relax(void)
{
	host_run_work();
}

static bool is_range(u32 type)
{
	return type == VIRTIO_BLK_T_DISCARD ||
	       type == VIRTIO_BLK_T_WRITE_ZEROES ||
	       type == VIRTIO_BLK_T_SECURE_ERASE;
}

static void disk_check(u32 type, u64 out, u64 in)
{
	u64 sector = le64_to_cpu(disk.head.sector);
	u64 data = type == VIRTIO_BLK_T_IN ? in - 1 : out;

	REQUIRE(in, "5.2.6: there is a status byte");
	REQUIRE(!le32_to_cpu(disk.head.reserved), "5.2.6: reserved is 0");
	if (type == VIRTIO_BLK_T_IN || type == VIRTIO_BLK_T_OUT) {
		REQUIRE(data % 512 == 0, "5.2.6.1: whole sectors");
		REQUIRE(sector + data / 512 <= DISK_SECTORS &&
				sector + data / 512 >= sector,
			"5.2.6.1: not beyond the capacity");
		REQUIRE(type == VIRTIO_BLK_T_OUT || !out, "5.2.6: no data");
		return;
	}
	REQUIRE(!sector, "5.2.6.1: sector is 0");
	if (type == VIRTIO_BLK_T_FLUSH)
		REQUIRE(!out && in == 1, "5.2.6.1: a flush has no data");
	else if (type == VIRTIO_BLK_T_GET_ID)
		REQUIRE(!out && in == 21, "5.2.6.1: an ID has 20 bytes");
	else
		REQUIRE(is_range(type) && out == sizeof(disk.range) && in == 1,
			"5.2.6.1: ranges are whole ones");
}

static void disk_range(u32 type)
{
	u64 at = le64_to_cpu(disk.range.sector);
	u64 n = le32_to_cpu(disk.range.num_sectors);

	REQUIRE(n && at + n <= DISK_SECTORS, "a range of the disk");
	REQUIRE(type == VIRTIO_BLK_T_WRITE_ZEROES ||
			!le32_to_cpu(disk.range.flags),
		"5.2.6.1: unmap is 0");
	memset(disk_bytes + at * 512, 0, n * 512);
}

/* Do what the buffer asks for: bytes written, without the status. */
static u32 disk_execute(const struct fake_buffer *buffer, u32 type)
{
	static const char id[20] = "serial number";
	u8 *at = disk_bytes + le64_to_cpu(disk.head.sector) * 512;

	disk.bytes = type == VIRTIO_BLK_T_IN
			     ? buffer->writable - 1
			     : buffer->readable - sizeof(disk.head);
	if (type == VIRTIO_BLK_T_IN)
		return (u32)fake_write(buffer, 0, at, disk.bytes);
	if (type == VIRTIO_BLK_T_GET_ID)
		return (u32)fake_write(buffer, 0, id, sizeof(id));
	if (type == VIRTIO_BLK_T_OUT)
		fake_read(buffer, sizeof(disk.head), at, disk.bytes);
	if (is_range(type)) {
		fake_read(buffer, sizeof(disk.head), &disk.range,
			  sizeof(disk.range));
		disk_range(type);
	}
	return 0;
}

static void disk_answer(unsigned queue, const struct fake_buffer *buffer)
{
	u8 status = (u8)disk.status;
	u32 type, written;

	fake_read(buffer, 0, &disk.head, sizeof(disk.head));
	type = le32_to_cpu(disk.head.type);
	disk_check(type, buffer->readable - sizeof(disk.head),
		   buffer->writable);
	disk.count[type]++;
	disk.queue = queue;
	written = disk_execute(buffer, type);
	if (!disk.no_status)
		fake_write(buffer, buffer->writable - 1, &status, 1);
	fake_use(&fake, queue, buffer,
		 disk.set_length ? disk.length : written + 1);
}

static void disk_serve(struct fake_virtio *f, unsigned queue)
{
	static struct fake_buffer buffer;

	while (!disk.silent && fake_take(f, queue, &buffer))
		disk_answer(queue, &buffer);
	fake_interrupt(f, queue);
}

/* A device that can do nothing special; the test adds to it and binds it. */
static inline void disk_init(void)
{
	fake_virtio_init(&fake, VIRTIO_ID_BLOCK);
	memset(&disk, 0, sizeof(disk));
	memset(disk_bytes, 0, sizeof(disk_bytes));
	fake.serve = disk_serve;
	fake.queue_count = 1;
	fake.queues[0].size_max = 64;
	fake.config_size = sizeof(*fake_config);
	fake_config->capacity = cpu_to_le64(DISK_SECTORS);
	fake_cpus = 1;
	percpu__cpu_number = 0;
	fake_log_length = 0;
	fake_log[0] = '\0';
}
