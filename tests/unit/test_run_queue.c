/* SPDX-License-Identifier: BSD-2-Clause */
/* Which thread of a queue runs next. */
#include <kernel/string.h>
#include "../../kernel/sched/internal.h"
#include "unit.h"

static struct run_queue rq;
static struct thread threads[8];

static void clear(void)
{
	memset(&rq, 0, sizeof(rq));
	memset(threads, 0, sizeof(threads));
	for (unsigned i = 0; i < 8; i++)
		threads[i].priority = THREAD_PRIORITY_NORMAL;
}

static void check_next(unsigned number)
{
	struct thread *first = queue_first(&rq);

	if (!CHECK(first == &threads[number]) || !first)
		return;
	queue_remove(&rq, first);
	CHECK(!first->next && !first->previous);
}

TEST(equals_run_in_order_of_arrival)
{
	clear();
	CHECK(!queue_first(&rq));
	for (unsigned i = 0; i < 4; i++)
		queue_add(&rq, &threads[i], false);
	CHECK_EQ(rq.count, 4);
	queue_add(&rq, &threads[4], true);
	check_next(4);
	for (unsigned i = 0; i < 4; i++)
		check_next(i);
	CHECK_EQ(rq.count, 0);
	CHECK_EQ(rq.levels, 0);
}

TEST(any_may_be_removed)
{
	for (unsigned gone = 0; gone < 3; gone++) {
		clear();
		for (unsigned i = 0; i < 3; i++)
			queue_add(&rq, &threads[i], false);
		queue_remove(&rq, &threads[gone]);
		queue_add(&rq, &threads[3], false);
		for (unsigned i = 0; i < 4; i++)
			if (i != gone)
				check_next(i);
		CHECK(!queue_first(&rq));
	}
}

TEST(more_urgent_first)
{
	clear();
	for (unsigned i = 1; i < 8; i++) {
		threads[i].priority = (u8)i;
		queue_add(&rq, &threads[i], i % 2);
	}
	for (unsigned i = 7; i >= 1; i--)
		check_next(i);
}

TEST(bound_ones_are_not_for_others)
{
	clear();
	threads[0].bound = true;
	threads[0].priority = THREAD_PRIORITY_HIGH;
	threads[1].bound = true;
	for (unsigned i = 0; i < 2; i++)
		queue_add(&rq, &threads[i], false);
	CHECK(!queue_first_unbound(&rq));
	CHECK_EQ(rq.movable, 0);
	queue_add(&rq, &threads[2], false);
	queue_add(&rq, &threads[3], false);
	threads[4].priority = THREAD_PRIORITY_LOW;
	queue_add(&rq, &threads[4], false);
	CHECK_EQ(rq.movable, 3);
	CHECK(queue_first_unbound(&rq) == &threads[2]);
	queue_remove(&rq, &threads[2]);
	queue_remove(&rq, &threads[3]);
	CHECK(queue_first_unbound(&rq) == &threads[4]);
}

/* threads[0] runs; what is in the queue may or may not replace it. */
static struct thread *choose(bool may_stay)
{
	return queue_choose(&rq, &threads[0], may_stay);
}

TEST(who_runs_stays_until_its_turn_is_over)
{
	clear();
	threads[0].slice_ns = 1;
	CHECK(choose(true) == &threads[0]);
	CHECK(!choose(false));
	queue_add(&rq, &threads[1], false);
	CHECK(choose(true) == &threads[0]);
	CHECK_EQ(rq.count, 1);
	threads[0].slice_ns = 0;
	CHECK(choose(true) == &threads[1]);
	CHECK_EQ(rq.count, 0);
	CHECK(choose(true) == &threads[0]);
}

TEST(only_the_more_urgent_interrupt_a_turn)
{
	clear();
	threads[0].slice_ns = 1;
	threads[1].priority = THREAD_PRIORITY_LOW;
	queue_add(&rq, &threads[1], false);
	CHECK(choose(true) == &threads[0]);
	threads[0].slice_ns = 0;
	CHECK(choose(true) == &threads[0]);
	threads[2].priority = THREAD_PRIORITY_HIGH;
	queue_add(&rq, &threads[2], false);
	threads[0].slice_ns = 1;
	CHECK(choose(true) == &threads[2]);
	CHECK(choose(false) == &threads[1]);
}
