/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wait queues and what is made of them, between threads of the host. The
 * scheduler here is a condition variable for each thread, which makes every
 * wake-up that comes too early or too late a hang.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <kernel/completion.h>
#include <kernel/mutex.h>
#include <kernel/semaphore.h>
#include "fake_cpus.h"
#include "unit.h"

#define THREADS	 4
#define ROUNDS	 1000
#define LIMIT_NS (5 * NSEC_PER_SEC)
#define SHORT_NS NSEC_PER_MSEC

/* Of one thread; the kernel's struct thread has only the state. */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

u64 time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (u64)now.tv_sec * NSEC_PER_SEC + (u64)now.tv_nsec;
}

void might_sleep(void)
{
	CHECK(!preempt_disabled());
}

void sched_prepare_sleep(void)
{
	(void)atomic_xchg(&current_thread()->state, (u8)THREAD_WAITING);
}

bool sched_sleep(u64 until_ns)
{
	struct thread *self = current_thread();
	u64 limit = MIN(until_ns, time_ns() + LIMIT_NS);
	struct timespec until = { (time_t)(limit / NSEC_PER_SEC),
				  (long)(limit % NSEC_PER_SEC) };
	int err = 0;

	pthread_mutex_lock(&guard);
	while (atomic_read(&self->state) == THREAD_WAITING && !err)
		err = pthread_cond_timedwait(&changed, &guard, &until);
	atomic_write(&self->state, THREAD_RUNNABLE);
	pthread_mutex_unlock(&guard);
	/* A wake-up was lost. */
	CHECK(!err || until_ns != WAIT_FOREVER);
	return time_ns() < until_ns;
}

bool thread_wake(struct thread *thread)
{
	u8 was = atomic_xchg(&thread->state, (u8)THREAD_RUNNABLE);

	pthread_mutex_lock(&guard);
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&guard);
	return was == THREAD_WAITING;
}

struct job {
	pthread_t thread;
	unsigned cpu;
	void (*fn)(void *arg);
	void *arg;
};

static void *run_job(void *arg)
{
	struct job *job = arg;

	fake_cpu_enter(job->cpu);
	job->fn(job->arg);
	return NULL;
}

static void start(struct job *job, unsigned cpu, void (*fn)(void *arg),
		  void *arg)
{
	*job = (struct job){ .cpu = cpu, .fn = fn, .arg = arg };
	CHECK_EQ(pthread_create(&job->thread, NULL, run_job, job), 0);
}

static void end(struct job *jobs, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pthread_join(jobs[i].thread, NULL);
	for (unsigned i = 0; i < n; i++)
		fake_cpu_end(jobs[i].cpu);
}

static struct mutex mutex;
static unsigned counter, inside, overlaps;

static void use_mutex(void *arg)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (i % 5 == 0) {
			if (!mutex_lock_until(&mutex, time_ns() + 1000))
				continue;
		} else {
			mutex_lock(&mutex);
		}
		overlaps += inside++ != 0;
		if (i % 16 == 0)
			cpu_relax();
		inside--;
		counter++;
		mutex_unlock(&mutex);
	}
}

TEST(a_mutex_excludes)
{
	struct job jobs[THREADS];

	for (unsigned i = 0; i < THREADS; i++)
		start(&jobs[i], i + 1, use_mutex, NULL);
	end(jobs, THREADS);
	CHECK_EQ(overlaps, 0);
	CHECK(counter >= THREADS * ROUNDS / 5 * 4);
	CHECK(!mutex.owner && !mutex.waiters.first && !mutex.waiters.last);
	CHECK(mutex_trylock(&mutex));
	CHECK(mutex_is_mine(&mutex));
	CHECK(!mutex_trylock(&mutex));
	mutex_unlock(&mutex);
}

static struct semaphore full, empty = SEMAPHORE_INIT(3);

static void produce(void *arg)
{
	for (unsigned i = 0; i < THREADS * ROUNDS; i++) {
		semaphore_down(&empty);
		semaphore_up(&full);
	}
}

static void consume(void *arg)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		while (!semaphore_down_until(&full, time_ns() + SHORT_NS))
			;
		semaphore_up(&empty);
	}
}

TEST(what_one_makes_others_take)
{
	struct job jobs[THREADS + 1];

	for (unsigned i = 0; i < THREADS; i++)
		start(&jobs[i], i + 1, consume, NULL);
	start(&jobs[THREADS], THREADS + 1, produce, NULL);
	end(jobs, THREADS + 1);
	CHECK_EQ(full.count, 0);
	CHECK_EQ(empty.count, 3);
	CHECK(!full.waiters.first && !empty.waiters.first);
}

static void finish(void *arg)
{
	complete(arg);
}

/* AddressSanitizer sees who touches it too late. */
TEST(a_completion_may_be_on_the_stack)
{
	for (unsigned i = 0; i < ROUNDS / 20; i++) {
		struct completion *done = calloc(1, sizeof(*done));
		struct job job;

		start(&job, 1, finish, done);
		completion_wait(done);
		free(done);
		end(&job, 1);
	}
}

TEST(times_run_out)
{
	struct completion never = { 0 };
	struct semaphore none = SEMAPHORE_INIT(0);
	u64 begin = time_ns();

	CHECK(!completion_wait_until(&never, begin + SHORT_NS));
	CHECK(time_ns() >= begin + SHORT_NS);
	CHECK(!never.waiters.first);
	begin = time_ns();
	CHECK(!semaphore_down_until(&none, begin + SHORT_NS));
	CHECK(time_ns() >= begin + SHORT_NS);
	CHECK(!none.waiters.first && !none.waiters.last);
	complete(&never);
	CHECK(completion_wait_until(&never, 0));
	CHECK(!completion_wait_until(&never, 0));
	complete_all(&never);
	CHECK(completion_wait_until(&never, 0));
	CHECK(completion_wait_until(&never, 0));
}

static struct wait_queue queue;
static unsigned looks;

static struct waiter behind;

/*
 * True at the second look; then another one waits too, and a wake-up comes,
 * which takes the first of the queue, who does not need it.
 */
static bool comes_true_before_another(void)
{
	if (++looks == 2) {
		wait_prepare(&queue, &behind);
		wake_one(&queue);
	}
	return looks >= 2;
}

TEST(nobody_sleeps_on_for_who_had_what_it_wanted)
{
	struct thread other = { .state = THREAD_WAITING };

	behind = (struct waiter){ .thread = &other };
	looks = 0;
	CHECK(wait_event_until(&queue, comes_true_before_another(), 0));
	CHECK(!behind.queued);
	CHECK_EQ(other.state, THREAD_RUNNABLE);
	CHECK(!queue.first && !queue.last);
}
