/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests: what may be asked for, in which steps it is done, and merging. */
#include "internal.h"
#include <kernel/errno.h>

/* Most sectors of one request; 0: not offered. */
static u32 sectors_max(const struct block_disk *disk, unsigned operation)
{
	const struct block_limits *limits = &disk->limits;

	switch (operation) {
	case BLOCK_READ:
	case BLOCK_WRITE: return limits->sectors_max;
	case BLOCK_DISCARD: return limits->discard_max;
	case BLOCK_WRITE_ZEROES: return limits->write_zeroes_max;
	case BLOCK_SECURE_ERASE: return limits->secure_erase_max;
	default: return 0;
	}
}

static int check_segments(const struct block_disk *disk,
			  const struct block_request *r)
{
	u64 bytes = 0;

	if (!r->segment_count || r->segment_count > disk->limits.segments_max)
		return -EINVAL;
	for (unsigned i = 0; i < r->segment_count; i++) {
		u32 length = r->segments[i].length;

		if (!length || length > disk->limits.segment_max)
			return -EINVAL;
		bytes += length;
	}
	return bytes == (u64)r->sectors << BLOCK_SECTOR_SHIFT ? 0 : -EINVAL;
}

static int check_range(struct block_request *r)
{
	const struct block_device *device = r->device;
	struct block_disk *disk = device->disk;
	u64 end = READ_ONCE(device->sectors), disk_end;
	u32 blocks = disk->limits.block_size / BLOCK_SECTOR - 1;

	if ((r->sector | r->sectors) & blocks)
		return -EINVAL;
	if (r->sector > end || r->sectors > end - r->sector)
		return -ENOSPC;
	r->start = device->start + r->sector;
	/* The disk may have become smaller than its partitions. */
	disk_end = READ_ONCE(disk->whole.sectors);
	if (r->start > disk_end || r->sectors > disk_end - r->start)
		return -ENOSPC;
	return 0;
}

/* What is not erased because of its alignment would be no secret. */
static bool is_aligned(const struct block_request *r)
{
	u32 alignment = r->device->disk->limits.secure_erase_alignment;

	return r->operation != BLOCK_SECURE_ERASE || !alignment ||
	       !(r->start % alignment || r->sectors % alignment);
}

int block_request_check(struct block_request *r)
{
	const struct block_disk *disk = r->device->disk;
	u32 max;
	int ret;

	if (r->operation > BLOCK_IDENTIFY)
		return -EINVAL;
	if (r->operation == BLOCK_FLUSH || r->operation == BLOCK_IDENTIFY)
		return 0;
	if (r->operation != BLOCK_READ && disk->limits.read_only)
		return -EROFS;
	max = sectors_max(disk, r->operation);
	if (!max)
		return -EOPNOTSUPP;
	if (!r->sectors || r->sectors > max)
		return -EINVAL;
	ret = check_range(r);
	if (!ret && r->operation <= BLOCK_WRITE)
		ret = check_segments(disk, r);
	return ret || is_aligned(r) ? ret : -EINVAL;
}

static void begin_step(struct block_request *r, unsigned step)
{
	bool data = step <= BLOCK_WRITE || step == BLOCK_IDENTIFY;

	r->step = (u8)step;
	r->total_sectors = step == BLOCK_FLUSH ? 0 : r->sectors;
	r->total_segments = data ? r->segment_count : 0;
	r->merged = NULL;
	r->last = r;
}

/* A write in a disk with a cache, and flushes around it. */
static void begin_cached_write(struct block_request *r)
{
	bool fua = r->flags & BLOCK_FUA &&
		   !(r->device->disk->features & BLOCK_HAS_FUA);

	r->steps = fua ? STEP_FLUSH : 0;
	if (!(r->flags & BLOCK_PREFLUSH)) {
		begin_step(r, BLOCK_WRITE);
		return;
	}
	r->steps |= STEP_WRITE;
	begin_step(r, BLOCK_FLUSH);
}

bool block_request_begin(struct block_request *r)
{
	bool cache = READ_ONCE(r->device->disk->write_cache);

	r->steps = 0;
	if (r->operation == BLOCK_FLUSH) {
		r->start = 0;
		if (!cache)
			return false;
	}
	if (unlikely(r->operation == BLOCK_WRITE && cache &&
		     r->flags & (BLOCK_PREFLUSH | BLOCK_FUA)))
		begin_cached_write(r);
	else
		begin_step(r, r->operation);
	return true;
}

bool block_request_next_step(struct block_request *r)
{
	if (r->status)
		return false;
	if (r->steps & STEP_WRITE) {
		r->steps &= (u8)~STEP_WRITE;
		begin_step(r, BLOCK_WRITE);
		return true;
	}
	if (r->steps & STEP_FLUSH) {
		r->steps &= (u8)~STEP_FLUSH;
		begin_step(r, BLOCK_FLUSH);
		return true;
	}
	return false;
}

bool block_can_merge(const struct block_disk *disk,
		     const struct block_request *a,
		     const struct block_request *b)
{
	if (a->start + a->total_sectors != b->start || a->step != b->step ||
	    a->step == BLOCK_FLUSH || a->steps || b->steps)
		return false;
	if ((a->flags ^ b->flags) & BLOCK_COMMAND_FLAGS)
		return false;
	return (u64)a->total_sectors + b->total_sectors <=
		       sectors_max(disk, a->step) &&
	       a->total_segments + b->total_segments <=
		       disk->limits.segments_max;
}

void block_merge(struct block_request *a, struct block_request *b)
{
	a->last->merged = b;
	a->last = b->last;
	a->total_sectors += b->total_sectors;
	a->total_segments = (u16)(a->total_segments + b->total_segments);
}

/* It does not get as far as a queue. */
static void refuse(struct block_request *r, int status)
{
	unsigned long state = local_irq_save();

	r->status = status;
	r->done(r);
	local_irq_restore(state);
}

/* False: it is done already. */
static bool begin(struct block_request *r)
{
	int ret = block_request_check(r);

	if (unlikely(ret) || unlikely(!block_request_begin(r))) {
		refuse(r, ret);
		return false;
	}
	r->next = NULL;
	return true;
}

void block_plug_add(struct block_plug *plug, struct block_request *r)
{
	if (!begin(r))
		return;
	if (plug->last)
		plug->last->next = r;
	else
		plug->first = r;
	plug->last = r;
}

void block_submit(struct block_request *r)
{
	struct block_plug plug;

	if (!begin(r))
		return;
	plug = (struct block_plug){ .first = r, .last = r };
	block_plug_flush(&plug);
}

void block_poll(struct block_device *device)
{
	block_queue_run(block_queue_here(device->disk), TODO_REAP);
}
