/* SPDX-License-Identifier: BSD-2-Clause */
/* Spinlocks between threads of the host. */
#include <pthread.h>
#include <sched.h>
#include <kernel/spinlock.h>
#include "unit.h"

#define THREADS 4
#define ROUNDS	3000

static struct spinlock lock = SPINLOCK_INIT;
static unsigned counter, inside, overlaps;

TEST(one_holder_at_a_time)
{
	unsigned long state;

	CHECK(!spin_is_locked(&lock));
	spin_lock(&lock);
	CHECK(spin_is_locked(&lock));
	CHECK(!spin_trylock(&lock));
	spin_unlock(&lock);
	CHECK(spin_trylock(&lock));
	CHECK(!spin_trylock(&lock));
	spin_unlock(&lock);
	state = spin_lock_irqsave(&lock);
	CHECK(spin_is_locked(&lock));
	spin_unlock_irqrestore(&lock, state);
	CHECK(!spin_is_locked(&lock));
}

TEST(tickets_go_round)
{
	lock = (struct spinlock){ 0xffff, 0xffff };
	spin_lock(&lock);
	CHECK_EQ(lock.next, 0);
	CHECK(!spin_trylock(&lock));
	spin_unlock(&lock);
	CHECK_EQ(lock.owner, 0);
	CHECK(spin_trylock(&lock));
	spin_unlock(&lock);
}

/* More threads than processors: who waits must let the holder run. */
static void take_some(void)
{
	while (!spin_trylock(&lock))
		sched_yield();
	overlaps += atomic_fetch_add_relaxed(&inside, 1U) != 0;
	counter++;
	atomic_fetch_add_relaxed(&inside, -1U);
	spin_unlock(&lock);
}

static void *worker(void *arg)
{
	for (unsigned i = 0; i < ROUNDS; i++)
		take_some();
	return arg;
}

TEST(threads_exclude_each_other)
{
	pthread_t threads[THREADS];

	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, worker, NULL), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK_EQ(counter, THREADS * ROUNDS);
	CHECK_EQ(overlaps, 0);
	CHECK(!spin_is_locked(&lock));
}
