/* SPDX-License-Identifier: BSD-2-Clause */
/* A CPU's queue: circles of threads, one for each priority. */
#include "internal.h"

void queue_add(struct run_queue *rq, struct thread *thread, bool first)
{
	struct thread **last = &rq->last[thread->priority];

	if (!*last) {
		thread->next = thread;
		thread->previous = thread;
		*last = thread;
	} else {
		thread->previous = *last;
		thread->next = (*last)->next;
		thread->next->previous = thread;
		(*last)->next = thread;
		if (!first)
			*last = thread;
	}
	rq->levels |= (u8)BIT(thread->priority);
	WRITE_ONCE(rq->count, rq->count + 1);
	WRITE_ONCE(rq->movable, rq->movable + !thread->bound);
}

void queue_remove(struct run_queue *rq, struct thread *thread)
{
	struct thread **last = &rq->last[thread->priority];

	if (thread->next == thread) {
		*last = NULL;
		rq->levels &= (u8)~BIT(thread->priority);
	} else {
		thread->next->previous = thread->previous;
		thread->previous->next = thread->next;
		if (*last == thread)
			*last = thread->previous;
	}
	thread->next = NULL;
	thread->previous = NULL;
	WRITE_ONCE(rq->count, rq->count - 1);
	WRITE_ONCE(rq->movable, rq->movable - !thread->bound);
}

/* Of a queue that is not empty. */
static unsigned highest(unsigned levels)
{
	return 31 - (unsigned)__builtin_clz(levels);
}

struct thread *queue_first(const struct run_queue *rq)
{
	return rq->levels ? rq->last[highest(rq->levels)]->next : NULL;
}

/* Who has waited longest has the least to lose in this CPU's caches. */
static struct thread *first_unbound(const struct thread *last)
{
	struct thread *it = last->next;

	while (it->bound && it != last)
		it = it->next;
	return it->bound ? NULL : it;
}

struct thread *queue_first_unbound(const struct run_queue *rq)
{
	struct thread *found = NULL;

	for (unsigned levels = rq->levels; levels && !found;) {
		unsigned level = highest(levels);

		found = first_unbound(rq->last[level]);
		levels &= ~BIT(level);
	}
	return found;
}

struct thread *queue_choose(struct run_queue *rq, struct thread *prev,
			    bool may_stay)
{
	struct thread *first = queue_first(rq);

	if (may_stay && (!first || first->priority < prev->priority ||
			 (first->priority == prev->priority && prev->slice_ns)))
		return prev;
	if (first)
		queue_remove(rq, first);
	return first;
}
