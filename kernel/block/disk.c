/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks: making, closing and ending them. */
#include "internal.h"
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/string.h>

/* Beyond this, bytes do not fit into 63 bits. */
#define SECTORS_MAX (1ULL << 54)
/* How often it is looked whether a closing disk is done. */
#define CLOSE_POLL_NS NSEC_PER_MSEC

static unsigned timeout_ms = BLOCK_TIMEOUT_MS;
param_uint("blk_timeout_ms", timeout_ms,
	   "ms that a disk may take for a request before it is given up");

static bool limits_are_sane(const struct block_disk_config *c)
{
	const struct block_limits *l = &c->limits;
	bool power = !(l->block_size & (l->block_size - 1));

	return power && l->block_size >= BLOCK_SECTOR &&
	       l->block_size <= BLOCK_SIZE_MAX && l->segments_max &&
	       l->segment_max &&
	       l->sectors_max >= l->block_size / BLOCK_SECTOR &&
	       c->sectors <= SECTORS_MAX && c->queues &&
	       c->queues <= BLOCK_QUEUES_MAX && c->depth &&
	       c->depth <= BLOCK_DEPTH_MAX;
}

static void queue_work(struct work *work)
{
	block_queue_run(container_of(work, struct block_queue, work), 0);
}

static void queue_timer(struct timer *timer)
{
	/* What has been finished and not been told is not overdue. */
	block_queue_run(container_of(timer, struct block_queue, timer),
			TODO_REAP | TODO_WATCH);
}

static int init_queue(struct block_disk *disk, unsigned index)
{
	struct block_queue *queue = &disk->queues[index];

	queue->commands = kzalloc(disk->depth * disk->command_bytes);
	if (!queue->commands)
		return -ENOMEM;
	queue->disk = disk;
	queue->index = index;
	queue->armed = true;
	queue->scheduler = &block_scheduler_none;
	queue->work.fn = queue_work;
	queue->timer.handler = queue_timer;
	for (unsigned i = disk->depth; i-- > 0;) {
		struct block_command *command = block_command_at(queue, i);

		command->next = queue->free;
		queue->free = command;
	}
	return 0;
}

static void free_memory(struct block_disk *disk)
{
	for (unsigned i = 0; disk->queues && i < disk->queue_count; i++)
		if (!disk->leaked)
			kfree(disk->queues[i].commands);
	kfree(disk->queues_memory);
	kfree(disk->software_memory);
	kfree(disk->partitions);
	kfree(disk);
}

/* @count objects of @size bytes that share no cache line with others. */
static void *alloc_lines(size_t count, size_t size, void **memory)
{
	*memory = kzalloc(count * size + CACHE_LINE);
	return *memory ? (void *)ALIGN_UP((uintptr_t)*memory, CACHE_LINE)
		       : NULL;
}

static int init_queues(struct block_disk *disk)
{
	disk->queues = alloc_lines(disk->queue_count, sizeof(*disk->queues),
				   &disk->queues_memory);
	disk->software = alloc_lines(cpu_count(), sizeof(*disk->software),
				     &disk->software_memory);
	if (!disk->queues || !disk->software)
		return -ENOMEM;
	for (unsigned i = 0; i < disk->queue_count; i++)
		if (init_queue(disk, i))
			return -ENOMEM;
	return 0;
}

struct block_disk *block_disk_create(const struct block_disk_config *c)
{
	struct block_disk *disk;

	if (!limits_are_sane(c)) {
		pr_err("%s: a disk of %llu sectors in blocks of %u bytes "
		       "cannot be: not used",
		       c->parent ? c->parent->name : c->prefix,
		       (unsigned long long)c->sectors, c->limits.block_size);
		return NULL;
	}
	disk = kzalloc(sizeof(*disk));
	if (!disk)
		return NULL;
	disk->whole.disk = disk;
	disk->whole.sectors = c->sectors;
	disk->references = 1;
	disk->prefix = c->prefix;
	disk->numbered = c->numbered;
	disk->ops = c->ops;
	disk->data = c->data;
	disk->parent = c->parent;
	disk->limits = c->limits;
	disk->features = c->features;
	disk->write_cache = c->features & BLOCK_WRITE_CACHE;
	disk->queue_count = c->queues;
	disk->depth = c->depth;
	disk->timeout_ns = timeout_ms * NSEC_PER_MSEC;
	disk->command_bytes =
		sizeof(struct block_command) +
		ALIGN_UP(c->ops->command_size, _Alignof(struct block_command));
	if (!init_queues(disk))
		return disk;
	free_memory(disk);
	return NULL;
}

void block_disk_free(struct block_disk *disk)
{
	for (unsigned i = 0; i < disk->queue_count; i++) {
		work_cancel(&disk->queues[i].work);
		timer_cancel(&disk->queues[i].timer);
	}
	free_memory(disk);
}

static void nothing(void *arg)
{
	(void)arg;
}

/*
 * Whatever runs a queue does so with interrupts masked: when every CPU has
 * taken this call, what began before it has ended.
 */
static void wait_for_runs(void)
{
	smp_call_mask(&cpu_online_mask, nothing, NULL);
}

static bool busy(struct block_disk *disk)
{
	for (unsigned i = 0; i < disk->queue_count; i++)
		if (READ_ONCE(disk->queues[i].busy))
			return true;
	return false;
}

static void run_all(struct block_disk *disk, u32 todo)
{
	for (unsigned i = 0; i < disk->queue_count; i++)
		block_queue_run(&disk->queues[i], todo);
}

void block_disk_close(struct block_disk *disk, unsigned wait_ms)
{
	u64 until = time_ns() + wait_ms * NSEC_PER_MSEC;

	atomic_write(&disk->closed, true);
	/* Who is just changing the cache calls the driver. */
	mutex_lock(&disk->setting);
	mutex_unlock(&disk->setting);
	run_all(disk, TODO_RETRY);
	while (!disk->dead && busy(disk) && time_ns() < until) {
		thread_sleep_ns(CLOSE_POLL_NS);
		run_all(disk, TODO_REAP);
	}
	atomic_write(&disk->dead, true);
	wait_for_runs();
}

void block_disk_abandon(struct block_disk *disk)
{
	do {
		run_all(disk, TODO_ABANDON);
		wait_for_runs();
	} while (busy(disk));
}

void block_disk_resize(struct block_disk *disk, u64 sectors)
{
	u64 before = disk->whole.sectors;

	if (sectors == before)
		return;
	if (sectors > SECTORS_MAX) {
		pr_err("%s: %llu sectors are too many: still %llu",
		       disk->whole.name, (unsigned long long)sectors,
		       (unsigned long long)before);
		return;
	}
	atomic_write(&disk->whole.sectors, sectors);
	pr_info("%s: the size changed from %llu to %llu sectors",
		disk->whole.name, (unsigned long long)before,
		(unsigned long long)sectors);
}

void block_disk_leak(struct block_disk *disk)
{
	disk->leaked = true;
}

const struct block_limits *block_disk_limits(const struct block_disk *disk)
{
	return &disk->limits;
}

int block_set_write_cache(struct block_disk *disk, bool on)
{
	int ret = -EOPNOTSUPP;

	mutex_lock(&disk->setting);
	if (disk->ops->set_write_cache && !disk->closed)
		ret = disk->ops->set_write_cache(disk, on);
	mutex_unlock(&disk->setting);
	/* What is in it does not leave it by itself (virtio 1.3, 5.2.6.1). */
	if (!ret && !on)
		ret = block_flush(&disk->whole);
	if (!ret)
		atomic_write(&disk->write_cache, on);
	return ret;
}

void block_set_polled(struct block_disk *disk, bool polled)
{
	atomic_write(&disk->polled, polled);
	run_all(disk, TODO_REAP);
}

void *block_disk_data(const struct block_disk *disk)
{
	return disk->data;
}

const char *block_disk_name(const struct block_disk *disk)
{
	return disk->listed ? disk->whole.name : disk->prefix;
}

struct block_queue *block_disk_queue(struct block_disk *disk, unsigned index)
{
	return &disk->queues[index];
}

unsigned block_queue_cpu(unsigned index, unsigned queues)
{
	return (index * cpu_count() + queues - 1) / queues;
}

struct block_queue *block_queue_here(struct block_disk *disk)
{
	unsigned cpu = smp_processor_id();

	if (disk->queue_count == 1)
		return disk->queues;
	return &disk->queues[cpu * disk->queue_count / cpu_count()];
}

void block_queue_set_data(struct block_queue *queue, void *data)
{
	queue->data = data;
}

void *block_queue_data(const struct block_queue *queue)
{
	return queue->data;
}

struct block_disk *block_queue_disk(const struct block_queue *queue)
{
	return queue->disk;
}
