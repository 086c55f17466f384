/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No scheduling: first come, first served. For devices whose host schedules,
 * which is most of them. Neighbours that come one after the other are merged.
 */
#include "internal.h"

static bool none_insert(struct block_queue *queue, struct block_request *r)
{
	struct block_fifo *fifo = &queue->waiting.fifo[FIFO_READ];

	if (fifo->last && block_can_merge(queue->disk, fifo->last, r)) {
		block_merge(fifo->last, r);
		return true;
	}
	block_fifo_add(fifo, r);
	return false;
}

static struct block_request *none_next(struct block_queue *queue)
{
	return block_fifo_take(&queue->waiting.fifo[FIFO_READ]);
}

const struct block_scheduler block_scheduler_none = {
	.name = "none",
	.insert = none_insert,
	.next = none_next,
};
