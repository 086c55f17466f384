/* SPDX-License-Identifier: BSD-2-Clause */
/* Queued spinlocks between threads of the host, each on a CPU of its own. */
#include <pthread.h>
#include <semaphore.h>
#include <kernel/spin_pv.h>
#include "fake_cpus.h"
#include "unit.h"

#define THREADS 4
#define ROUNDS	2000

static struct spinlock lock = SPINLOCK_INIT;
static unsigned counter, inside, overlaps;
static const struct spin_pv_ops *ops;

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
	CHECK_EQ(lock.word, 0);
}

static void take(void)
{
	if (ops)
		spin_lock_with(&lock, ops);
	else
		spin_lock(&lock);
}

static void give(void)
{
	if (ops)
		spin_unlock_with(&lock, ops);
	else
		spin_unlock(&lock);
}

static void take_some(void)
{
	take();
	overlaps += atomic_fetch_add_relaxed(&inside, 1U) != 0;
	counter++;
	/* Let others come meanwhile, or they never queue up. */
	if (counter % 8 == 0)
		cpu_relax();
	atomic_fetch_add_relaxed(&inside, -1U);
	give();
}

static void *worker(void *arg)
{
	unsigned cpu = (unsigned)(uintptr_t)arg;

	fake_cpu_enter(cpu);
	for (unsigned i = 0; i < ROUNDS; i++)
		take_some();
	return NULL;
}

static void run_workers(void)
{
	pthread_t threads[THREADS];

	counter = 0;
	overlaps = 0;
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, worker,
					(void *)(i + 1)),
			 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < THREADS; i++)
		fake_cpu_end(i + 1);
	CHECK_EQ(counter, THREADS * ROUNDS);
	CHECK_EQ(overlaps, 0);
	CHECK_EQ(lock.word, 0);
}

TEST(threads_exclude_each_other)
{
	ops = NULL;
	run_workers();
}

/* A hypervisor made of semaphores: a kick is never lost. */
static sem_t kicks[THREADS + 2];
static unsigned halts;

static void sem_wait_for(const u8 *byte, u8 value)
{
	atomic_fetch_add(&halts, 1U);
	if (atomic_read(byte) == value)
		sem_wait(&kicks[smp_processor_id()]);
}

static void sem_kick(unsigned cpu)
{
	CHECK(cpu <= THREADS + 1);
	sem_post(&kicks[cpu]);
}

static const struct spin_pv_ops sem_ops = {
	.wait = sem_wait_for,
	.kick = sem_kick,
};

static void init_kicks(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kicks); i++)
		sem_init(&kicks[i], 0, 0);
	halts = 0;
}

TEST(halting_threads_exclude_each_other)
{
	init_kicks();
	ops = &sem_ops;
	run_workers();
	ops = NULL;
}

static unsigned order[THREADS], arrived;

static void *queue_up(void *arg)
{
	unsigned cpu = (unsigned)(uintptr_t)arg;

	fake_cpu_enter(cpu);
	take();
	order[arrived++] = cpu;
	give();
	return NULL;
}

/* Start them one after another; each is in the queue before the next comes. */
static void check_order(void)
{
	pthread_t threads[THREADS];
	u16 tail = 0;

	arrived = 0;
	take();
	for (uintptr_t i = 0; i < THREADS; i++) {
		CHECK_EQ(pthread_create(&threads[i], NULL, queue_up,
					(void *)(i + 1)),
			 0);
		while (atomic_read(&lock.tail) == tail)
			cpu_relax();
		tail = atomic_read(&lock.tail);
	}
	CHECK(!spin_trylock(&lock));
	give();
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < THREADS; i++) {
		fake_cpu_end(i + 1);
		CHECK_EQ(order[i], i + 1);
	}
	CHECK_EQ(lock.word, 0);
}

TEST(first_come_first_served)
{
	ops = NULL;
	check_order();
}

/* All of them halt while the lock is held, and are kicked one by one. */
static void *release_when_all_halt(void *arg)
{
	while (atomic_read(&halts) < THREADS)
		cpu_relax();
	return arg;
}

TEST(waiters_halt_and_are_kicked_in_order)
{
	pthread_t threads[THREADS], watcher;
	u16 tail = 0;

	init_kicks();
	ops = &sem_ops;
	arrived = 0;
	take();
	for (uintptr_t i = 0; i < THREADS; i++) {
		pthread_create(&threads[i], NULL, queue_up, (void *)(i + 1));
		while (atomic_read(&lock.tail) == tail)
			cpu_relax();
		tail = atomic_read(&lock.tail);
	}
	pthread_create(&watcher, NULL, release_when_all_halt, NULL);
	pthread_join(watcher, NULL);
	CHECK_EQ(atomic_read(&lock.held), SPIN_HALTED);
	give();
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < THREADS; i++) {
		fake_cpu_end(i + 1);
		CHECK_EQ(order[i], i + 1);
	}
	ops = NULL;
	CHECK_EQ(lock.word, 0);
}

TEST(halting_cannot_begin_when_other_cpus_run)
{
	cpumask_set(&cpu_online_mask, 1);
	CHECK_EQ(spin_pv_init(&sem_ops), -16);
	CHECK(!spin_pv);
	cpumask_clear(&cpu_online_mask, 1);
	CHECK_EQ(spin_pv_init(&sem_ops), 0);
	spin_lock(&lock);
	spin_unlock(&lock);
	CHECK_EQ(lock.word, 0);
	CHECK_EQ(spin_pv_init(NULL), 0);
}
