/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks of memory and of nothing: for tests, and to see what the layer costs.
 */
#pragma once

#include <kernel/block_driver.h>

/* A fault's answer: keep the command until ram_disk_release(). */
#define RAM_DISK_HOLD 1

struct ram_disk_config {
	const char *prefix; /* "ram": see struct block_disk_config */
	u64 sectors;
	bool null; /* keeps nothing, and reads as zero */
	unsigned queues, depth;
	unsigned features;
	/* 0 in any member: as much as there may be. block_size: 512. */
	struct block_limits limits;
	/* 0: do it. -errno: fail it. Or RAM_DISK_HOLD. May be NULL. */
	int (*fault)(const struct block_command *command);
	/* Called in timed_out(). May be NULL. */
	void (*timed_out)(struct block_disk *disk);
};

/** A disk, not registered yet; or NULL: no memory. In threads. */
struct block_disk *ram_disk_create(const struct ram_disk_config *config);
/** Instead of block_disk_destroy(). In threads. */
void ram_disk_destroy(struct block_disk *disk);
/** Finish what was held, with @status. */
void ram_disk_release(struct block_disk *disk, int status);
/** Flushes that were sent. */
unsigned ram_disk_flushes(const struct block_disk *disk);
