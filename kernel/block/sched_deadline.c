/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The deadline scheduler, for hosts whose disks are slow to seek and do not
 * sort by themselves. The oldest requests make a batch, which goes out by
 * sector, neighbours merged. So a request waits for no more than the batches
 * before its own. Readers wait for their data and writers do not, so batches
 * are of reads while there are any, unless writes had to wait too long.
 */
#include "internal.h"
#include <kernel/time.h>

/* Policy. Requests of a batch: */
#define BATCH_MAX 32
/* Batches of reads while others wait: */
#define STARVED_MAX 2
/* Nothing but reads waits longer than this for its batch to begin: */
#define OTHERS_WAIT_NS (5 * NSEC_PER_SEC)

static bool deadline_insert(struct block_queue *queue, struct block_request *r)
{
	unsigned which = r->step == BLOCK_READ ? FIFO_READ : FIFO_OTHER;
	struct block_fifo *fifo = &queue->waiting.fifo[which];

	if (fifo->last && block_can_merge(queue->disk, fifo->last, r)) {
		block_merge(fifo->last, r);
		return true;
	}
	block_fifo_add(fifo, r);
	return false;
}

static struct block_fifo *choose(struct block_queue *queue)
{
	struct block_waiting *waiting = &queue->waiting;
	struct block_fifo *reads = &waiting->fifo[FIFO_READ];
	struct block_fifo *others = &waiting->fifo[FIFO_OTHER];

	if (!others->first)
		return reads;
	if (reads->first && waiting->starved < STARVED_MAX &&
	    queue->now_ns - others->first->queued_ns < OTHERS_WAIT_NS) {
		waiting->starved++;
		return reads;
	}
	waiting->starved = 0;
	return others;
}

/* Put @r where it belongs in the batch, which is short. */
static void sort_in(struct block_queue *queue, struct block_request *r)
{
	struct block_request **at = &queue->waiting.batch, *before = NULL;

	while (*at && (*at)->start <= r->start) {
		before = *at;
		at = &before->next;
	}
	if (before && block_can_merge(queue->disk, before, r)) {
		block_merge(before, r);
		return;
	}
	r->next = *at;
	*at = r;
	if (r->next && block_can_merge(queue->disk, r, r->next)) {
		struct block_request *after = r->next;

		r->next = after->next;
		block_merge(r, after);
	}
}

static void make_batch(struct block_queue *queue)
{
	struct block_fifo *fifo = choose(queue);
	struct block_request *r;

	for (unsigned n = 0; n < BATCH_MAX; n++) {
		r = block_fifo_take(fifo);
		if (!r)
			return;
		sort_in(queue, r);
	}
}

static struct block_request *deadline_next(struct block_queue *queue)
{
	struct block_waiting *waiting = &queue->waiting;
	struct block_request *r;

	if (!waiting->batch)
		make_batch(queue);
	r = waiting->batch;
	if (r)
		waiting->batch = r->next;
	return r;
}

const struct block_scheduler block_scheduler_deadline = {
	.name = "deadline",
	.insert = deadline_insert,
	.next = deadline_next,
};
