/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device that has done a command when it was posted, and says so when it is
 * told of it.
 */
#include "ram.h"
#include "internal.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm/map.h>
#include <kernel/mm/slab.h>
#include <kernel/param.h>
#include <kernel/string.h>

#define DEPTH 128

struct ram_command {
	struct block_command *next;
	int status;
};

struct ram_queue {
	struct block_command *done; /* the last one first */
	struct block_command *held;
};

struct ram_disk {
	struct ram_disk_config config;
	char *data; /* NULL: keeps nothing */
	struct ram_queue *queues;
	unsigned flushes;
};

static struct ram_disk *ram_of(const struct block_disk *disk)
{
	return block_disk_data(disk);
}

static void copy(const struct ram_disk *ram,
		 const struct block_command *command)
{
	u64 at = command->start << BLOCK_SECTOR_SHIFT;
	const struct block_segment *s;
	const struct block_request *r;

	block_for_each_segment(s, r, command)
	{
		if (command->operation == BLOCK_WRITE && ram->data)
			memcpy(ram->data + at, s->data, s->length);
		else if (command->operation == BLOCK_READ && ram->data)
			memcpy(s->data, ram->data + at, s->length);
		else if (command->operation == BLOCK_READ)
			memset(s->data, 0, s->length);
		at += s->length;
	}
}

static void execute(struct ram_disk *ram, const struct block_command *command)
{
	u64 at = command->start << BLOCK_SECTOR_SHIFT;
	u64 length = (u64)command->sectors << BLOCK_SECTOR_SHIFT;

	if (command->operation <= BLOCK_WRITE)
		copy(ram, command);
	else if (command->operation == BLOCK_FLUSH)
		atomic_fetch_add_relaxed(&ram->flushes, 1U);
	else if (ram->data)
		memset(ram->data + at, 0, length);
}

static void push(struct block_command **list, struct block_command *command,
		 int status)
{
	struct ram_command *own = block_command_data(command);

	own->status = status;
	own->next = *list;
	*list = command;
}

static int ram_post(struct block_queue *queue, struct block_command *command)
{
	struct ram_disk *ram = ram_of(block_queue_disk(queue));
	struct ram_queue *own = block_queue_data(queue);
	int status = 0;

	if (ram->config.fault)
		status = ram->config.fault(command);
	if (status == RAM_DISK_HOLD) {
		push(&own->held, command, 0);
		return 0;
	}
	if (!status)
		execute(ram, command);
	push(&own->done, command, status);
	return 0;
}

static bool ram_commit(struct block_queue *queue)
{
	(void)queue;
	return true;
}

static struct block_command *ram_reap(struct block_queue *queue, int *status)
{
	struct ram_queue *own = block_queue_data(queue);
	struct block_command *command = own->done;
	struct ram_command *data;

	if (!command)
		return NULL;
	data = block_command_data(command);
	own->done = data->next;
	*status = data->status;
	return command;
}

static bool ram_arm(struct block_queue *queue, bool on)
{
	const struct ram_queue *own = block_queue_data(queue);

	return !on || !own->done;
}

static void ram_timed_out(struct block_disk *disk)
{
	struct ram_disk *ram = ram_of(disk);

	if (ram->config.timed_out)
		ram->config.timed_out(disk);
}

static int ram_set_write_cache(struct block_disk *disk, bool on)
{
	(void)disk;
	(void)on;
	return 0;
}

static const struct block_ops ram_ops = {
	.command_size = sizeof(struct ram_command),
	.post = ram_post,
	.commit = ram_commit,
	.notify = block_queue_interrupt,
	.reap = ram_reap,
	.arm = ram_arm,
	.timed_out = ram_timed_out,
	.set_write_cache = ram_set_write_cache,
};

/* What nobody has said is as large as it can be. */
static void fill_limits(struct block_limits *l)
{
	u32 *const sizes[] = { &l->sectors_max, &l->discard_max,
			       &l->write_zeroes_max, &l->secure_erase_max };

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++)
		*sizes[i] = *sizes[i] ? *sizes[i] : 1U << 20;
	l->block_size = l->block_size ? l->block_size : BLOCK_SECTOR;
	l->physical_block_size = MAX(l->physical_block_size, l->block_size);
	l->segment_max = l->segment_max ? l->segment_max : 1U << 30;
	l->segments_max = l->segments_max ? l->segments_max : DEPTH;
	l->discard_alignment = MAX(l->discard_alignment, 1U);
	l->secure_erase_alignment = MAX(l->secure_erase_alignment, 1U);
}

static void free_ram(struct ram_disk *ram)
{
	vfree(ram->data);
	kfree(ram->queues);
	kfree(ram);
}

static struct ram_disk *alloc_ram(const struct ram_disk_config *config)
{
	struct ram_disk *ram = kzalloc(sizeof(*ram));
	u64 bytes = config->sectors << BLOCK_SECTOR_SHIFT;

	if (!ram)
		return NULL;
	ram->config = *config;
	fill_limits(&ram->config.limits);
	ram->queues = kzalloc(config->queues * sizeof(*ram->queues));
	if (!config->null)
		ram->data = vmalloc(bytes);
	if (!ram->queues || (!ram->data && !config->null)) {
		free_ram(ram);
		return NULL;
	}
	if (ram->data)
		memset(ram->data, 0, bytes);
	return ram;
}

struct block_disk *ram_disk_create(const struct ram_disk_config *config)
{
	struct ram_disk *ram = alloc_ram(config);
	struct block_disk *disk;

	if (!ram)
		return NULL;
	disk = block_disk_create(&(struct block_disk_config){
		.prefix = config->prefix,
		.numbered = true,
		.ops = &ram_ops,
		.data = ram,
		.sectors = config->sectors,
		.limits = ram->config.limits,
		.features = config->features,
		.queues = config->queues,
		.depth = config->depth,
	});
	if (!disk) {
		free_ram(ram);
		return NULL;
	}
	for (unsigned i = 0; i < config->queues; i++)
		block_queue_set_data(block_disk_queue(disk, i),
				     &ram->queues[i]);
	return disk;
}

void ram_disk_destroy(struct block_disk *disk)
{
	struct ram_disk *ram = ram_of(disk);

	block_disk_destroy(disk);
	free_ram(ram);
}

void ram_disk_release(struct block_disk *disk, int status)
{
	struct ram_disk *ram = ram_of(disk);

	for (unsigned i = 0; i < ram->config.queues; i++) {
		struct block_queue *queue = block_disk_queue(disk, i);
		struct ram_queue *own = &ram->queues[i];
		unsigned long state = spin_lock_irqsave(&queue->lock);
		struct block_command *command = own->held;

		while (command) {
			struct ram_command *data = block_command_data(command);
			struct block_command *next = data->next;

			if (!status)
				execute(ram, command);
			push(&own->done, command, status);
			command = next;
		}
		own->held = NULL;
		spin_unlock_irqrestore(&queue->lock, state);
		block_queue_interrupt(queue);
	}
}

unsigned ram_disk_flushes(const struct block_disk *disk)
{
	return ram_of(disk)->flushes;
}

static u64 ram_bytes, null_bytes;
param_size("ram_disk", ram_bytes, "size of a disk ram0 in memory");
param_size("null_disk", null_bytes,
	   "size of a disk null0 that keeps nothing, for measuring");

static int make_one(const char *prefix, u64 bytes, bool null)
{
	struct block_disk *disk;

	if (!bytes)
		return 0;
	disk = ram_disk_create(&(struct ram_disk_config){
		.prefix = prefix,
		.sectors = bytes >> BLOCK_SECTOR_SHIFT,
		.null = null,
		.queues = 1,
		.depth = DEPTH,
		.features = BLOCK_HAS_FLUSH,
	});
	return disk ? block_disk_register(disk) : -ENOMEM;
}

static int make_ram_disks(void)
{
	int ret = make_one("ram", ram_bytes, false);
	int null_ret = make_one("null", null_bytes, true);

	return ret ? ret : null_ret;
}
initcall(INIT_DRIVER, make_ram_disks);
