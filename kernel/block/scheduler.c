/* SPDX-License-Identifier: BSD-2-Clause */
/* Which scheduler a disk has, and changing it. */
#include "internal.h"
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/string.h>

static const struct block_scheduler *const schedulers[] = {
	&block_scheduler_none,
	&block_scheduler_deadline,
};

/* "deadline", or "vda:deadline,vdb:none". */
static const char *elevator = "none";

static const struct block_scheduler *find(const char *name, size_t length)
{
	for (unsigned i = 0; i < ARRAY_SIZE(schedulers); i++)
		if (strlen(schedulers[i]->name) == length &&
		    !strncmp(schedulers[i]->name, name, length))
			return schedulers[i];
	return NULL;
}

const struct block_scheduler *block_scheduler_find(const char *name)
{
	return find(name, strlen(name));
}

/* The length of the first word of a list, and where the next one begins. */
static size_t word(const char *list, const char **next)
{
	const char *comma = strchr(list, ',');
	size_t length = comma ? (size_t)(comma - list) : strlen(list);

	*next = list + length + (comma != NULL);
	return length;
}

/*
 * What a word of the list says of @disk ("vda"), NULL being all disks that it
 * does not name, or what is wrong with it: *@ok.
 */
static const struct block_scheduler *parse_word(const char *text, size_t length,
						const char *disk, bool *ok)
{
	const char *colon = memchr(text, ':', length);
	size_t name = colon ? (size_t)(colon - text) : 0;
	size_t skip = colon ? name + 1 : 0;
	const struct block_scheduler *s = find(text + skip, length - skip);

	*ok = s;
	if (!colon)
		return disk ? NULL : s;
	return disk && strlen(disk) == name && !strncmp(disk, text, name)
		       ? s
		       : NULL;
}

static const struct block_scheduler *lookup(const char *disk)
{
	const struct block_scheduler *found = NULL;
	bool ok;

	for (const char *at = elevator, *next; *at; at = next) {
		size_t length = word(at, &next);
		const struct block_scheduler *s =
			parse_word(at, length, disk, &ok);

		found = s ? s : found;
	}
	return found;
}

const struct block_scheduler *block_scheduler_default(const char *disk)
{
	const struct block_scheduler *s = lookup(disk);

	if (!s)
		s = lookup(NULL);
	return s ? s : &block_scheduler_none;
}

static int set_elevator(const struct param *p, const char *value)
{
	bool ok;

	(void)p;
	if (!value)
		return -EINVAL;
	for (const char *at = value, *next; *at; at = next) {
		size_t length = word(at, &next);

		parse_word(at, length, NULL, &ok);
		if (!ok)
			return -EINVAL;
	}
	elevator = value;
	return 0;
}
param_call("elevator", set_elevator,
	   "scheduler of disks: none, deadline, or \"vda:deadline,vdb:none\"");

static void switch_queue(struct block_queue *queue,
			 const struct block_scheduler *scheduler)
{
	struct block_fifo all = { 0 };
	struct block_request *r;
	unsigned long state = spin_lock_irqsave(&queue->lock);

	while ((r = queue->scheduler->next(queue)))
		block_fifo_add(&all, r);
	queue->scheduler = scheduler;
	queue->waiting = (struct block_waiting){ 0 };
	while ((r = block_fifo_take(&all)))
		scheduler->insert(queue, r);
	spin_unlock_irqrestore(&queue->lock, state);
	/* Somebody may have found it locked. */
	block_queue_run(queue, TODO_RETRY);
}

void block_set_scheduler(struct block_disk *disk,
			 const struct block_scheduler *scheduler)
{
	for (unsigned i = 0; i < disk->queue_count; i++)
		switch_queue(&disk->queues[i], scheduler);
}
