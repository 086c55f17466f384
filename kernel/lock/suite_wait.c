/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of everything that threads wait with. */
#include <kernel/completion.h>
#include <kernel/cpu.h>
#include <kernel/mutex.h>
#include <kernel/selftest.h>
#include <kernel/semaphore.h>
#include <kernel/thread.h>

/* What waits longer than this waits for something that was lost. */
#define LIMIT_MS 10000
#define SHORT_NS (2 * NSEC_PER_MSEC)

#define ROUNDS	300
#define THREADS 4

static u64 limit(void)
{
	return time_ns() + LIMIT_MS * NSEC_PER_MSEC;
}

/* Two threads that wake each other in turn: one lost wake-up stops both. */
static struct {
	struct semaphore ping, pong;
	unsigned rounds;
	bool lost;
} game;

static void play(void *arg __unused)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (!semaphore_down_until(&game.ping, limit())) {
			game.lost = true;
			return;
		}
		game.rounds++;
		semaphore_up(&game.pong);
	}
}

static void test_ping_pong(struct selftest *t)
{
	u64 start = time_ns();
	struct thread *thread;
	unsigned i = 0;

	game.rounds = 0;
	game.lost = false;
	thread = thread_create("player", play, NULL, NULL);
	if (!EXPECT(t, thread))
		return;
	for (; i < ROUNDS; i++) {
		semaphore_up(&game.ping);
		if (!semaphore_down_until(&game.pong, limit()))
			break;
	}
	EXPECT_EQ(t, i, ROUNDS);
	thread_join(thread);
	EXPECT_EQ(t, game.rounds, ROUNDS);
	EXPECT(t, !game.lost);
	selftest_note(t, "%lu ns for one round", (time_ns() - start) / ROUNDS);
}

/* A mutex that all want, and which they sometimes give up waiting for. */
static struct {
	struct mutex mutex;
	unsigned inside;
	unsigned overlaps;
	unsigned entered;
	unsigned gave_up;
} crowd;

static void enter(bool sleep)
{
	crowd.overlaps += crowd.inside++ != 0;
	crowd.entered++;
	if (sleep)
		thread_sleep_ns(NSEC_PER_USEC);
	else
		thread_yield();
	crowd.inside--;
	mutex_unlock(&crowd.mutex);
}

static void crowd_in(void *arg __unused)
{
	for (unsigned i = 0; i < ROUNDS / 5; i++) {
		u64 until = i % 3 ? WAIT_FOREVER : time_ns() + NSEC_PER_USEC;

		if (mutex_lock_until(&crowd.mutex, until))
			enter(i % 16 == 0);
		else
			atomic_fetch_add(&crowd.gave_up, 1U);
	}
}

static void test_mutex(struct selftest *t)
{
	struct thread *threads[THREADS];

	crowd.entered = 0;
	crowd.gave_up = 0;
	for (unsigned i = 0; i < THREADS; i++)
		threads[i] = thread_create("crowd", crowd_in, NULL, NULL);
	for (unsigned i = 0; i < THREADS; i++)
		if (EXPECT(t, threads[i]))
			thread_join(threads[i]);
	EXPECT_EQ(t, crowd.overlaps, 0);
	EXPECT_EQ(t, crowd.entered + crowd.gave_up, THREADS * (ROUNDS / 5));
	EXPECT(t, !crowd.mutex.owner && !crowd.mutex.waiters.first);
	selftest_note(t, "%u times entered, %u times given up", crowd.entered,
		      crowd.gave_up);
}

static struct mutex held;
static struct completion release;

static void hold(void *arg)
{
	mutex_lock(&held);
	complete(arg);
	(void)completion_wait_until(&release, limit());
	mutex_unlock(&held);
}

/* @kept: it was not had, and not before @start + SHORT_NS. */
static void expect_timeout(struct selftest *t, const char *what, bool had,
			   u64 start)
{
	u64 took = time_ns() - start;

	if (had || took < SHORT_NS)
		selftest_fail(t, __FILE__, __LINE__, "%s: %s after %llu ns",
			      what, had ? "had" : "given up",
			      (unsigned long long)took);
}

static void expect_mutex_timeout(struct selftest *t)
{
	struct completion is_held = { 0 };
	struct thread *holder = thread_create("holder", hold, &is_held, NULL);
	u64 start;

	if (!EXPECT(t, holder) ||
	    !EXPECT(t, completion_wait_until(&is_held, limit())))
		return;
	start = time_ns();
	expect_timeout(t, "mutex", mutex_lock_until(&held, start + SHORT_NS),
		       start);
	EXPECT(t, !mutex_trylock(&held));
	EXPECT(t, !mutex_is_mine(&held));
	complete(&release);
	thread_join(holder);
	EXPECT(t, mutex_trylock(&held));
	EXPECT(t, mutex_is_mine(&held));
	mutex_unlock(&held);
}

static void test_timeouts(struct selftest *t)
{
	static struct wait_queue queue;
	static struct semaphore semaphore;
	static struct completion completion;
	u64 start = time_ns();

	expect_timeout(t, "wait queue",
		       wait_event_until(&queue, false, start + SHORT_NS),
		       start);
	EXPECT(t, !queue.first && !queue.last);
	start = time_ns();
	expect_timeout(t, "semaphore",
		       semaphore_down_until(&semaphore, start + SHORT_NS),
		       start);
	EXPECT(t, !semaphore.waiters.first);
	start = time_ns();
	expect_timeout(t, "completion",
		       completion_wait_until(&completion, start + SHORT_NS),
		       start);
	EXPECT(t, !completion.waiters.first);
	expect_mutex_timeout(t);
	/* A time in the past: one look. */
	EXPECT(t, wait_event_until(&queue, true, 0));
	EXPECT(t, !wait_event_until(&queue, false, 0));
	semaphore_up(&semaphore);
	EXPECT(t, semaphore_down_until(&semaphore, 0));
	EXPECT(t, !semaphore_try_down(&semaphore));
}

static struct completion gate;
static unsigned passed;

static void pass_gate(void *arg __unused)
{
	if (completion_wait_until(&gate, limit()))
		atomic_fetch_add(&passed, 1U);
}

static void test_complete_all(struct selftest *t)
{
	struct thread *threads[THREADS];

	gate = (struct completion){ 0 };
	passed = 0;
	for (unsigned i = 0; i < THREADS; i++)
		threads[i] = thread_create("passer", pass_gate, NULL, NULL);
	EXPECT(t, !completion_done(&gate));
	complete(&gate);
	thread_sleep_ns(SHORT_NS);
	EXPECT(t, atomic_read(&passed) <= 1);
	complete_all(&gate);
	for (unsigned i = 0; i < THREADS; i++)
		if (EXPECT(t, threads[i]))
			thread_join(threads[i]);
	EXPECT_EQ(t, passed, THREADS);
	EXPECT(t, completion_done(&gate));
}

/* Times that run out while somebody makes it true: never both, never none. */
static void race_for(void *arg)
{
	struct semaphore *semaphore = arg;

	for (unsigned i = 0; i < ROUNDS / 5; i++) {
		semaphore_up(semaphore);
		thread_sleep_ns(i % 7 * 10 * NSEC_PER_USEC);
	}
}

static void test_race(struct selftest *t)
{
	struct semaphore semaphore = SEMAPHORE_INIT(0);
	struct thread *thread =
		thread_create("race", race_for, &semaphore, NULL);
	u64 until = limit();
	unsigned had = 0;

	if (!EXPECT(t, thread))
		return;
	while (had < ROUNDS / 5 && time_ns() < until)
		had += semaphore_down_until(&semaphore,
					    time_ns() + 20 * NSEC_PER_USEC);
	thread_join(thread);
	EXPECT_EQ(t, had, ROUNDS / 5);
	EXPECT_EQ(t, semaphore.count, 0);
}

static const struct selftest_case wait_cases[] = {
	{ .name = "no-wake-up-lost", .run = test_ping_pong },
	{ .name = "mutex-excludes", .run = test_mutex },
	{ .name = "time-limits", .run = test_timeouts },
	{ .name = "limit-races-with-wake-up", .run = test_race },
	{ .name = "complete-all", .run = test_complete_all },
	{},
};
SELFTEST_SUITE(wait, "wait", wait_cases, 0);
