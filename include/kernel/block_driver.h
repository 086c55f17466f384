/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a driver of disks gives to the block layer, and gets from it.
 *
 * A disk has hardware queues, each with a pool of commands, made once. A
 * command is one read, write, ... of the disk: one request, or several that are
 * neighbours. All functions that take a queue are called with its lock held,
 * one at a time, unless it says otherwise; nobody waits for that lock (see
 * kernel/block/queue.c), so a driver needs none of its own for what belongs to
 * one queue.
 */
#pragma once

#include <kernel/block.h>
#include <kernel/device.h>

struct block_queue;

/* What the device is to do. Its private part is behind it. */
struct block_command {
	struct block_request *first; /* and those after it in ->merged */
	u64 start;		     /* sector of the disk */
	u32 sectors;
	u16 segments; /* of all its requests */
	u8 operation; /* enum block_operation */
	u8 flags;     /* enum block_flags; BLOCK_FUA: the driver's to do */
	u8 /* enum */ state; /* the layer's, as what follows */
	u8 overdue;	     /* looks that found it so */
	u64 sent_ns;
	struct block_command *next;
};

/** The driver's part of @command: command_size bytes, aligned to 16. */
static inline void *block_command_data(struct block_command *command)
{
	return command + 1;
}

struct block_ops {
	/* Bytes of the driver's part of a command. */
	size_t command_size;
	/*
	 * Give @command to the device, which need not be told yet. 0; -ENOSPC:
	 * no room before another one is finished; -EAGAIN: no memory for it
	 * before block_queue_interrupt(); another -errno ends it.
	 */
	int (*post)(struct block_queue *queue, struct block_command *command);
	/* After some were posted: true if the device is to be told. */
	bool (*commit)(struct block_queue *queue);
	/* Tell it. Without the lock, interrupts masked. */
	void (*notify)(struct block_queue *queue);
	/* The next command that is finished, with 0 or -errno; or NULL. */
	struct block_command *(*reap)(struct block_queue *queue, int *status);
	/*
	 * Let the device interrupt (@on), or ask it not to. False, for @on: one
	 * has finished meanwhile, for which it will not.
	 */
	bool (*arm)(struct block_queue *queue, bool on);
	/*
	 * A command was not finished in time: end all of them, in a thread, by
	 * block_disk_close() and block_disk_abandon(). Without a lock,
	 * interrupts masked; once for a disk.
	 */
	void (*timed_out)(struct block_disk *disk);
	/*
	 * Switch the device's write cache on or off. 0 or -errno. In threads,
	 * without a lock. NULL: it cannot be.
	 */
	int (*set_write_cache)(struct block_disk *disk, bool on);
};

/* Bits of block_disk_config.features. */
enum block_feature {
	BLOCK_WRITE_CACHE = BIT(0), /* it has one that flushes must empty */
	BLOCK_HAS_FLUSH = BIT(1),
	BLOCK_HAS_FUA = BIT(2), /* post() knows BLOCK_FUA */
};

/* What block_disk_create() copies. */
struct block_disk_config {
	/* "vd": the first free one of vda, vdb, ... vdz, vdaa is its name. */
	const char *prefix;
	bool numbered; /* instead: ram0, ram1, ... */
	const struct block_ops *ops;
	struct device *parent; /* or NULL */
	void *data;	       /* the driver's: block_disk_data() */
	u64 sectors;
	struct block_limits limits;
	unsigned features; /* enum block_feature */
	unsigned queues;   /* 1 to BLOCK_QUEUES_MAX */
	unsigned depth;	   /* commands of each, 1 to BLOCK_DEPTH_MAX */
};

#define BLOCK_QUEUES_MAX 256
#define BLOCK_DEPTH_MAX	 1024
#define BLOCK_SIZE_MAX	 65536 /* bytes of a block */

/* The longest time a device may take for a command: policy, see blk_timeout_ms=
 */
#define BLOCK_TIMEOUT_MS 30000

/**
 * A disk that nobody sees yet: block_queue_set_data() for each queue, then
 * block_disk_register(). NULL: no memory, or limits that cannot be, which a
 * message tells. In threads.
 */
struct block_disk *block_disk_create(const struct block_disk_config *config);

/**
 * Show it to all, and look for partitions on it. The device answers already.
 * 0 or -ENOSPC (no name is left). In threads.
 */
int block_disk_register(struct block_disk *disk);

/**
 * No request gets in any more, and those that wait end with -EIO. Those that
 * the device has are waited for, for @wait_ms at most. On return none of the
 * driver's functions runs or will be called. In threads; more than once.
 */
void block_disk_close(struct block_disk *disk, unsigned wait_ms);

/** After it, and when the device has none any more: end all with -EIO. */
void block_disk_abandon(struct block_disk *disk);

/**
 * Close it, take its names away, abandon what is left; @disk is gone for the
 * driver. One that was never registered as well. In threads.
 */
void block_disk_destroy(struct block_disk *disk);

/** The device has @sectors now: tell people. In threads. */
void block_disk_resize(struct block_disk *disk, u64 sectors);

/**
 * Ask the device for its serial number, by a command BLOCK_IDENTIFY that reads
 * text: what is not printable ends it. In threads, when it answers already.
 */
void block_disk_identify(struct block_disk *disk);

/**
 * The device was given up, but may still write to its commands' memory: never
 * use that again. Between block_disk_close() and block_disk_abandon().
 */
void block_disk_leak(struct block_disk *disk);

const struct block_limits *block_disk_limits(const struct block_disk *disk);
void *block_disk_data(const struct block_disk *disk);
/** "vda", or its prefix before it is registered. */
const char *block_disk_name(const struct block_disk *disk);
struct block_queue *block_disk_queue(struct block_disk *disk, unsigned index);

/** The first CPU that uses queue @index of @queues. */
unsigned block_queue_cpu(unsigned index, unsigned queues);
void block_queue_set_data(struct block_queue *queue, void *data);
void *block_queue_data(const struct block_queue *queue);
struct block_disk *block_queue_disk(const struct block_queue *queue);

/**
 * Commands may have finished, or there is room again. No lock held. Any context
 * but NMI.
 */
void block_queue_interrupt(struct block_queue *queue);

/*
 * Visit the segments of all requests of @command in order: @request and
 * @segment are variables, the latter a const struct block_segment *.
 */
#define block_for_each_segment(segment, request, command)                     \
 for ((request) = (command)->first; (request); (request) = (request)->merged) \
  for ((segment) = (request)->segments;                                       \
       (segment) < (request)->segments + (request)->segment_count;            \
       (segment)++)
