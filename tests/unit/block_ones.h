/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to a disk in memory, for the tests of the block layer. */
#pragma once

#include "../../kernel/block/internal.h"
#include "../../kernel/block/ram.h"
#include <kernel/errno.h>
#include <kernel/time.h>
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

static inline int fault(const struct block_command *command)
{
	return command->start >= fault_sector ? fault_status : 0;
}

static inline void timed_out(struct block_disk *d)
{
	CHECK(d == disk);
	timeouts++;
}

static inline struct ram_disk_config plain(void)
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

static inline void open_config(const struct ram_disk_config *config)
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

static inline void open_disk(void)
{
	struct ram_disk_config config = plain();

	open_config(&config);
}

static inline void close_disk(void)
{
	if (device)
		block_put(device);
	device = NULL;
	ram_disk_destroy(disk);
	CHECK(!block_next(NULL));
	CHECK_EQ(fake_allocations, 0);
}

static inline void submit(struct block_plug *plug, unsigned n);

static inline void done(struct block_request *request)
{
	struct one *one = container_of(request, struct one, request);

	one->done++;
	if (one->again && one->again--)
		submit(NULL, (unsigned)(one - ones));
}

static inline void submit(struct block_plug *plug, unsigned n)
{
	ones[n].request.done = done;
	if (plug)
		block_plug_add(plug, &ones[n].request);
	else
		block_submit(&ones[n].request);
}

/* One of a single segment. */
static inline struct block_request *make(unsigned n, unsigned operation,
					 u64 sector, u32 sectors)
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

static inline int do_one(unsigned operation, u64 sector, u32 sectors)
{
	make(0, operation, sector, sectors);
	submit(NULL, 0);
	CHECK_EQ(ones[0].done, 1);
	return ones[0].request.status;
}

static inline u64 commands(void)
{
	struct block_stats stats;

	block_get_stats(device, &stats);
	CHECK_EQ(stats.in_flight, disk->queues[0].busy);
	return stats.commands;
}
