/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of all block devices: their names, and who refers to them. */
#include "internal.h"
#include "partition.h"
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

/* Policy: vda to vdzz, ram0 to ram701. */
#define LETTERS	  26U
#define NAMES_MAX (LETTERS + LETTERS * LETTERS)
/* Partitions of a disk, and itself, in the order of all. */
#define ORDER_STEP   4096
#define TABLE_BUFFER 16384U /* a usual GPT */

static struct mutex lock;
static struct block_device *devices; /* by order */
static u64 disks;		     /* ever registered */

static void list_add(struct block_device *device)
{
	struct block_device **at = &devices;

	while (*at && (*at)->order < device->order)
		at = &(*at)->next;
	device->next = *at;
	*at = device;
}

static void list_remove(const struct block_device *device)
{
	struct block_device **at = &devices;

	while (*at != device)
		at = &(*at)->next;
	*at = device->next;
}

static struct block_device *find(const char *name)
{
	struct block_device *d = devices;

	while (d && strcmp(d->name, name) != 0)
		d = d->next;
	return d;
}

static struct block_device *get(struct block_device *device)
{
	if (device) {
		device->references++;
		device->disk->references++;
	}
	return device;
}

struct block_device *block_find(const char *name)
{
	struct block_device *device;

	mutex_lock(&lock);
	device = get(find(name));
	mutex_unlock(&lock);
	return device;
}

struct block_device *block_next(struct block_device *previous)
{
	u64 order = previous ? previous->order + 1 : 0;
	struct block_device *device;

	mutex_lock(&lock);
	device = devices;
	while (device && device->order < order)
		device = device->next;
	get(device);
	mutex_unlock(&lock);
	if (previous)
		block_put(previous);
	return device;
}

/* The last one frees it. */
static void put_disk(struct block_disk *disk)
{
	bool last;

	mutex_lock(&lock);
	last = --disk->references == 0;
	mutex_unlock(&lock);
	if (last)
		block_disk_free(disk);
}

void block_put(struct block_device *device)
{
	struct block_disk *disk = device->disk;

	mutex_lock(&lock);
	/* After this a partition may be gone. */
	device->references--;
	mutex_unlock(&lock);
	put_disk(disk);
}

static void make_name(char *name, const struct block_disk *disk, unsigned n)
{
	if (disk->numbered)
		snprintf(name, BLOCK_NAME_MAX, "%s%u", disk->prefix, n);
	else if (n < LETTERS)
		snprintf(name, BLOCK_NAME_MAX, "%s%c", disk->prefix, 'a' + n);
	else
		snprintf(name, BLOCK_NAME_MAX, "%s%c%c", disk->prefix,
			 'a' + (n / LETTERS - 1), 'a' + n % LETTERS);
}

static bool choose_name(struct block_disk *disk)
{
	for (unsigned n = 0; n < NAMES_MAX; n++) {
		make_name(disk->whole.name, disk, n);
		if (!find(disk->whole.name))
			return true;
	}
	return false;
}

static int list_disk(struct block_disk *disk)
{
	bool named;

	mutex_lock(&lock);
	named = choose_name(disk);
	if (named) {
		disk->whole.order = ++disks * ORDER_STEP;
		disk->listed = true;
		list_add(&disk->whole);
	}
	mutex_unlock(&lock);
	return named ? 0 : -ENOSPC;
}

/* With the lock. False: one is in use. */
static bool drop_partitions(struct block_disk *disk)
{
	struct block_device *p = disk->partitions;

	for (unsigned i = 0; i < disk->partition_count; i++)
		if (p[i].references)
			return false;
	for (unsigned i = 0; i < disk->partition_count; i++)
		list_remove(&p[i]);
	disk->partition_count = 0;
	disk->partitions = NULL;
	kfree(p);
	return true;
}

static void make_partition(struct block_disk *disk, struct block_device *device,
			   const struct partition *p)
{
	const char *name = disk->whole.name;
	bool digit = is_digit(name[strlen(name) - 1]);
	u32 sectors = disk->limits.block_size >> BLOCK_SECTOR_SHIFT;

	snprintf(device->name, sizeof(device->name), "%s%s%u", name,
		 digit ? "p" : "", p->number);
	device->disk = disk;
	device->partition = p->number;
	device->start = p->start * sectors;
	device->sectors = p->blocks * sectors;
	device->order = disk->whole.order + p->number;
}

static int set_partitions(struct block_disk *disk,
			  const struct partition_table *table)
{
	struct block_device *all = NULL;
	int ret = -EBUSY;

	if (table->count)
		all = kzalloc(table->count * sizeof(*all));
	if (table->count && !all)
		return -ENOMEM;
	mutex_lock(&lock);
	if (disk->listed && drop_partitions(disk)) {
		disk->partitions = all;
		disk->partition_count = table->count;
		for (unsigned i = 0; i < table->count; i++) {
			make_partition(disk, &all[i], &table->partition[i]);
			list_add(&all[i]);
		}
		all = NULL;
		ret = 0;
	}
	mutex_unlock(&lock);
	kfree(all);
	return ret;
}

static int read_blocks(void *arg, u64 block, u32 count, void *buffer)
{
	struct block_disk *disk = arg;
	u64 size = disk->limits.block_size;

	return block_read(&disk->whole, block * size, buffer, count * size);
}

static int scan(struct block_disk *disk, struct partition_table *table)
{
	u32 size = disk->limits.block_size;
	struct partition_reader reader = {
		.read = read_blocks,
		.arg = disk,
		.blocks = block_size(&disk->whole) / size,
		.block_size = size,
		.buffer_blocks = MAX(TABLE_BUFFER / size, 1U),
	};
	int ret;

	reader.buffer = kmalloc((size_t)reader.buffer_blocks * size);
	if (!reader.buffer)
		return -ENOMEM;
	ret = partition_read(&reader, table);
	kfree(reader.buffer);
	if (ret)
		return ret;
	if (table->refused)
		pr_warn("%s: %u mistakes in the partition table, the last of "
			"them: %s",
			disk->whole.name, table->refused, table->why);
	return set_partitions(disk, table);
}

int block_rescan(struct block_disk *disk)
{
	struct partition_table *table = kzalloc(sizeof(*table));
	int ret = -ENOMEM;

	if (table)
		ret = scan(disk, table);
	kfree(table);
	if (ret && ret != -EBUSY)
		pr_warn("%s: its partitions are not known: error %d",
			disk->whole.name, -ret);
	return ret;
}

int block_disk_register(struct block_disk *disk)
{
	int ret = list_disk(disk);

	if (ret)
		return ret;
	block_set_scheduler(disk, block_scheduler_default(disk->whole.name));
	pr_info("%s: %llu MiB in blocks of %u bytes, queues: %u%s",
		disk->whole.name,
		(unsigned long long)(block_size(&disk->whole) >> 20),
		disk->limits.block_size, disk->queue_count,
		disk->limits.read_only ? ", read-only" : "");
	if (block_size(&disk->whole))
		block_rescan(disk);
	return 0;
}

void block_disk_destroy(struct block_disk *disk)
{
	block_disk_close(disk, 0);
	block_disk_abandon(disk);
	mutex_lock(&lock);
	if (disk->listed) {
		disk->listed = false;
		for (unsigned i = 0; i < disk->partition_count; i++)
			list_remove(&disk->partitions[i]);
		list_remove(&disk->whole);
	}
	mutex_unlock(&lock);
	put_disk(disk);
}

const struct block_limits *block_limits(const struct block_device *device)
{
	return &device->disk->limits;
}

bool block_read_only(const struct block_device *device)
{
	return device->disk->limits.read_only;
}

static void add_counts(struct block_counts *sum, const struct block_counts *c)
{
	sum->requests += c->requests;
	sum->merged += c->merged;
	sum->sectors += c->sectors;
	sum->failed += c->failed;
	sum->ns += c->ns;
}

void block_get_stats(struct block_device *device, struct block_stats *stats)
{
	struct block_disk *disk = device->disk;

	*stats = (struct block_stats){ 0 };
	for (unsigned i = 0; i < disk->queue_count; i++) {
		const struct block_queue *queue = &disk->queues[i];

		/* Not of one moment: the queue goes on. */
		for (unsigned k = 0; k < BLOCK_KINDS; k++)
			add_counts(&stats->kind[k], &queue->stats.kind[k]);
		stats->commands += queue->stats.commands;
		stats->notifications += queue->stats.notifications;
		stats->interrupts += queue->stats.interrupts;
		stats->in_flight += READ_ONCE(queue->busy);
	}
}
