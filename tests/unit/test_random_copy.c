/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers of a machine that is copied; a copy is a process here. */
#include "unit.h"
#include "host.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kernel/cpu.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/wait.h>
#include <kernel/work.h>
#include "../../kernel/random/internal.h"

static volatile u64 id[2];
static unsigned works;

/* It does not move, so that it tells no copies apart. */
u64 cpu_counter(void)
{
	return 12345;
}

/* Nobody waits. */
void might_sleep(void)
{
}

void wait_prepare(struct wait_queue *wq, struct waiter *waiter)
{
	(void)wq;
	(void)waiter;
}

bool wait_finish(struct wait_queue *wq, struct waiter *waiter)
{
	(void)wq;
	(void)waiter;
	return false;
}

bool wake_one(struct wait_queue *wq)
{
	(void)wq;
	return false;
}

void wake_all(struct wait_queue *wq)
{
	(void)wq;
}

bool sched_sleep(u64 until_ns)
{
	(void)until_ns;
	return false;
}

bool work_queue(struct work *work)
{
	(void)work;
	works++;
	return true;
}

static void begin(void)
{
	const u8 secret[32] = "known to nobody";

	host_time_now_ns = NSEC_PER_SEC;
	host_time_step_ns = 0;
	random_watch_for_copies(NULL);
	id[0] = 1;
	id[1] = 2;
	pool_want_key();
	pool_add(secret, sizeof(secret), RANDOM_SEED_BITS);
	random_watch_for_copies(id);
	host_said_count = 0;
}

TEST(a_copied_machine_gets_a_new_key_with_the_next_number)
{
	u64 key, copies;

	begin();
	CHECK(random_ready());
	random_u64();
	key = pool_generation();
	copies = random_copies();
	works = 0;
	random_u64();
	CHECK_EQ(pool_generation(), key);
	CHECK_EQ(random_copies(), copies);
	for (unsigned half = 0; half < 2; half++) {
		id[half]++;
		random_u64();
		CHECK_EQ(random_copies(), copies + 1 + half);
		CHECK_EQ(pool_generation(), key + 1 + half);
	}
	/* Said and asked once, however often it changes at a time. */
	CHECK_EQ(works, 1);
	CHECK_EQ(host_said_count, 1);
	host_time_now_ns += NSEC_PER_SEC;
	id[0]++;
	random_look_for_copy();
	CHECK_EQ(works, 2);
	CHECK_EQ(host_said_count, 2);
	CHECK_EQ(pool_generation(), key + 3);
}

TEST(what_the_sources_give_then_makes_another_key)
{
	u64 key;
	u8 fresh[RANDOM_SEED_BYTES] = "fresh";

	begin();
	id[1]++;
	random_look_for_copy();
	key = pool_generation();
	random_stir(fresh, sizeof(fresh));
	CHECK_EQ(pool_generation(), key);
	pool_add(fresh, sizeof(fresh), RANDOM_SEED_BITS);
	CHECK_EQ(pool_generation(), key + 1);
}

TEST(what_is_watched_no_more_changes_nothing)
{
	u64 key;

	begin();
	CHECK(random_watch_for_copies(NULL) == id);
	key = pool_generation();
	id[0]++;
	random_look_for_copy();
	random_u64();
	CHECK_EQ(pool_generation(), key);
	CHECK(!random_watch_for_copies(id));
	/* What it is when it is watched first is no change. */
	random_u64();
	CHECK_EQ(pool_generation(), key);
}

/* The next number of a copy of this process whose generation is @now. */
static u64 number_of_copy(u64 now)
{
	int ends[2], status;
	u64 number = 0;
	pid_t child;

	if (pipe(ends) || (child = fork()) < 0)
		abort();
	if (!child) {
		id[1] = now;
		number = random_u64();
		_exit(write(ends[1], &number, sizeof(number)) !=
		      sizeof(number));
	}
	CHECK_EQ(read(ends[0], &number, sizeof(number)), sizeof(number));
	close(ends[0]);
	close(ends[1]);
	CHECK_EQ(waitpid(child, &status, 0), child);
	return number;
}

TEST(copies_with_generations_of_their_own_go_different_ways)
{
	begin();
	/* This is what it is for. */
	CHECK_EQ(number_of_copy(2), number_of_copy(2));
	CHECK_EQ(number_of_copy(3), number_of_copy(3));
	CHECK(number_of_copy(3) != number_of_copy(2));
	CHECK(number_of_copy(3) != number_of_copy(4));
	CHECK(number_of_copy(4) != number_of_copy(2));
}
