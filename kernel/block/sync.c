/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that the caller waits for. */
#include "internal.h"
#include <kernel/completion.h>
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/string.h>

/* Requests at the same time, of one call: on the caller's stack. */
#define WINDOW 8
/* Policy: a request of more is cut, so that its parts overlap. */
#define BYTES_MAX (256U * 1024)

struct sync {
	struct completion completion;
	unsigned left; /* atomic, as what follows */
	int status;
};

struct sync_request {
	struct block_request request;
	struct block_segment segment;
	struct sync *sync;
};

/* What a call asks for. */
struct transfer {
	struct block_device *device;
	u8 operation;
	u8 flags;
	u64 sector;
	u64 sectors; /* left */
	char *data;  /* or NULL */
	u32 part;    /* sectors of one request */
};

static void one_done(struct block_request *r)
{
	struct sync_request *s = container_of(r, struct sync_request, request);
	struct sync *sync = s->sync;

	if (r->status)
		atomic_write(&sync->status, r->status);
	if (atomic_fetch_add(&sync->left, -1U) == 1)
		complete(&sync->completion);
}

static bool can_sleep(const struct block_disk *disk)
{
	return sched_running() && timer_available() && !disk->polled &&
	       !preempt_disabled();
}

static void wait(struct block_disk *disk, struct sync *sync)
{
	if (can_sleep(disk)) {
		completion_wait(&sync->completion);
		return;
	}
	while (!completion_done(&sync->completion)) {
		for (unsigned i = 0; i < disk->queue_count; i++)
			block_queue_run(&disk->queues[i],
					TODO_REAP | TODO_WATCH);
		cpu_relax();
	}
	/* Who finished it may be in it still: it takes what is there. */
	completion_wait(&sync->completion);
}

/* The next part of @t. */
static void fill(struct transfer *t, struct sync_request *s, struct sync *sync)
{
	u32 sectors = (u32)MIN(t->part, t->sectors);

	*s = (struct sync_request){
		.request = {
			.device = t->device,
			.sector = t->sector,
			.sectors = sectors,
			.operation = t->operation,
			.flags = t->flags,
			.segment_count = t->data != NULL,
			.segments = &s->segment,
			.done = one_done,
		},
		.segment = { t->data, sectors << BLOCK_SECTOR_SHIFT },
		.sync = sync,
	};
	t->sector += sectors;
	t->sectors -= sectors;
	if (t->data)
		t->data += s->segment.length;
}

/* As many requests as fit into the window; an empty flush is one, too. */
static int do_window(struct transfer *t)
{
	struct sync_request requests[WINDOW];
	struct sync sync = { .left = 1 };
	struct block_plug plug = { 0 };
	unsigned n = 0;

	do {
		fill(t, &requests[n], &sync);
		atomic_fetch_add(&sync.left, 1U);
		block_plug_add(&plug, &requests[n].request);
	} while (++n < WINDOW && t->sectors);
	block_plug_flush(&plug);
	if (atomic_fetch_add(&sync.left, -1U) == 1)
		complete(&sync.completion);
	wait(t->device->disk, &sync);
	return sync.status;
}

/* How much of @operation one request may be; 0: not at all. */
static u32 part_of(const struct block_disk *disk, unsigned operation)
{
	const struct block_limits *l = &disk->limits;
	u32 max = MIN(MIN(l->sectors_max, l->segment_max >> BLOCK_SECTOR_SHIFT),
		      BYTES_MAX >> BLOCK_SECTOR_SHIFT);

	switch (operation) {
	case BLOCK_DISCARD: max = l->discard_max; break;
	case BLOCK_WRITE_ZEROES: max = l->write_zeroes_max; break;
	case BLOCK_SECURE_ERASE: max = l->secure_erase_max; break;
	default: break;
	}
	/* Drivers have made the last three multiples of their alignment. */
	return ALIGN_DOWN(max, l->block_size >> BLOCK_SECTOR_SHIFT);
}

static int transfer(struct block_device *device, unsigned operation,
		    unsigned flags, u64 offset, u64 length, void *data)
{
	u32 block = device->disk->limits.block_size;
	struct transfer t = {
		.device = device,
		.operation = (u8)operation,
		.flags = (u8)flags,
		.sector = offset >> BLOCK_SECTOR_SHIFT,
		.sectors = length >> BLOCK_SECTOR_SHIFT,
		.data = data,
		.part = part_of(device->disk, operation),
	};
	int ret = 0;

	might_sleep();
	if ((offset | length) & (block - 1))
		return -EINVAL;
	if (!t.part)
		return -EOPNOTSUPP;
	while (t.sectors && !ret)
		ret = do_window(&t);
	return ret;
}

int block_read(struct block_device *device, u64 offset, void *buffer,
	       u64 length)
{
	return transfer(device, BLOCK_READ, 0, offset, length, buffer);
}

int block_write(struct block_device *device, u64 offset, const void *buffer,
		u64 length, unsigned flags)
{
	return transfer(device, BLOCK_WRITE, flags, offset, length,
			(void *)(uintptr_t)buffer);
}

int block_flush(struct block_device *device)
{
	struct transfer t = { .device = device, .operation = BLOCK_FLUSH };

	might_sleep();
	return do_window(&t);
}

int block_discard(struct block_device *device, u64 offset, u64 length)
{
	return transfer(device, BLOCK_DISCARD, 0, offset, length, NULL);
}

int block_write_zeroes(struct block_device *device, u64 offset, u64 length,
		       unsigned flags)
{
	return transfer(device, BLOCK_WRITE_ZEROES, flags, offset, length,
			NULL);
}

int block_secure_erase(struct block_device *device, u64 offset, u64 length)
{
	return transfer(device, BLOCK_SECURE_ERASE, 0, offset, length, NULL);
}

static int identify(struct block_disk *disk, struct block_segment text)
{
	struct sync_request s;
	struct sync sync = { .left = 1 };

	s = (struct sync_request){
		.request = {
			.device = &disk->whole,
			.operation = BLOCK_IDENTIFY,
			.segment_count = 1,
			.segments = &s.segment,
			.done = one_done,
		},
		.segment = text,
		.sync = &sync,
	};
	block_submit(&s.request);
	wait(disk, &sync);
	return sync.status;
}

void block_disk_identify(struct block_disk *disk)
{
	char *text = kzalloc(BLOCK_SERIAL_MAX);
	struct block_segment segment = { text, BLOCK_SERIAL_MAX - 1 };
	unsigned i = 0;

	if (text && !identify(disk, segment))
		for (; i < BLOCK_SERIAL_MAX - 1 && is_print(text[i]); i++)
			disk->serial[i] = text[i];
	disk->serial[i] = '\0';
	kfree(text);
}
