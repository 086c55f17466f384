/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of threads and of who runs when. What is compared is the order of
 * events and the number of turns, not times: the host may stop any CPU at any
 * moment for as long as it likes.
 */
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/selftest.h>
#include <kernel/semaphore.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include "internal.h"

/* After this long something that should happen is taken not to. */
#define LIMIT_MS     10000
#define EQUALS	     3
#define TURNS	     3
#define CYCLES	     1000
#define SPINNERS_MAX 8
#define ENDINGS	     1000
#define ENDING_SPINS 4096 /* at most, while another CPU interrupts */

static u64 limit(void)
{
	return time_ns() + LIMIT_MS * NSEC_PER_MSEC;
}

static bool has_timers(struct selftest *t)
{
	if (!timer_available())
		selftest_skip(t, "no timers: threads are not preempted");
	return timer_available();
}

/* A thread that stays on this CPU, with the boot thread, which runs this. */
static struct thread *start_here(void (*fn)(void *arg), void *arg, u8 priority)
{
	struct thread_attr attr = {
		.priority = priority,
		.bound = true,
		.cpu = smp_processor_id(),
	};

	return thread_create("selftest", fn, arg, &attr);
}

static void add_one(void *arg)
{
	atomic_fetch_add((unsigned *)arg, 1U);
}

static void test_join(struct selftest *t)
{
	unsigned ran = 0;
	struct thread *thread = thread_create("one", add_one, &ran, NULL);
	static const struct thread_attr wrong = { .bound = true,
						  .cpu = CONFIG_NR_CPUS };

	if (!EXPECT(t, thread))
		return;
	thread_join(thread);
	EXPECT_EQ(t, ran, 1);
	EXPECT(t, !thread_create("nowhere", add_one, &ran, &wrong));
}

static u64 free_pages_now(void)
{
	thread_trim();
	kmem_trim();
	return page_free_count();
}

static unsigned count_named(const char *name)
{
	struct thread_info info;
	unsigned n = 0;

	for (unsigned id = 0; thread_get_info(id, &info); id = info.id + 1)
		n += strcmp(info.name, name) == 0;
	return n;
}

/* Detached threads are freed by a worker: give it the time. */
static bool none_is_left(const char *name)
{
	u64 until = limit();

	while (count_named(name) && time_ns() < until)
		thread_sleep_ns(NSEC_PER_MSEC / 10);
	return !count_named(name);
}

static bool start_one(unsigned i, unsigned *ran)
{
	static const struct thread_attr detached = { .detached = true };
	struct thread *thread =
		thread_create("many", add_one, ran, i & 1 ? &detached : NULL);

	if (thread && !(i & 1))
		thread_join(thread);
	/* As many at a time as their stacks are kept. */
	return thread && (i % 8 || none_is_left("many"));
}

static void test_many(struct selftest *t)
{
	u64 pages = free_pages_now(), start = time_ns();
	unsigned ran = 0, i = 0;

	while (i < CYCLES && EXPECT(t, start_one(i, &ran)))
		i++;
	selftest_note(t, "%lu ns for one", (time_ns() - start) / CYCLES);
	EXPECT(t, none_is_left("many"));
	EXPECT_EQ(t, ran, CYCLES);
	/* A few went to a second worker, and to tables, which stay. */
	EXPECT(t, free_pages_now() + CYCLES / 50 > pages);
}

/* Threads that count their own turns, until the first has had enough. */
static struct {
	struct thread *threads[EQUALS];
	u64 turns[EQUALS]; /* of each, when the first had TURNS */
	bool over;
} fair;

static void take_turns(void *arg)
{
	const struct thread *self = current_thread();
	u64 until = limit();

	(void)arg;
	while (!READ_ONCE(fair.over) && time_ns() < until &&
	       READ_ONCE(self->switches_involuntary) < TURNS)
		cpu_relax();
	if (READ_ONCE(fair.over))
		return;
	preempt_disable();
	for (unsigned i = 0; i < EQUALS; i++)
		fair.turns[i] = fair.threads[i]->switches_involuntary;
	WRITE_ONCE(fair.over, true);
	preempt_enable();
}

static void test_fair(struct selftest *t)
{
	u64 least = UINT64_MAX, most = 0;

	if (!has_timers(t))
		return;
	memset(&fair, 0, sizeof(fair));
	/* None begins before all are there. */
	preempt_disable();
	for (unsigned i = 0; i < EQUALS; i++)
		fair.threads[i] =
			start_here(take_turns, NULL, THREAD_PRIORITY_HIGH);
	preempt_enable();
	for (unsigned i = 0; i < EQUALS; i++)
		if (EXPECT(t, fair.threads[i]))
			thread_join(fair.threads[i]);
	/* Not TURNS at most: who has them may lose its next one to the host. */
	for (unsigned i = 0; i < EQUALS; i++) {
		least = MIN(least, fair.turns[i]);
		most = MAX(most, fair.turns[i]);
	}
	EXPECT(t, least >= TURNS - 1);
	EXPECT(t, most - least <= 1);
}

static void test_priority(struct selftest *t)
{
	unsigned high = 0, equal = 0, low = 0;
	struct thread *threads[3];
	u64 until;

	if (!has_timers(t))
		return;
	threads[0] = start_here(add_one, &low, THREAD_PRIORITY_LOW);
	threads[1] = start_here(add_one, &equal, THREAD_PRIORITY_NORMAL);
	threads[2] = start_here(add_one, &high, THREAD_PRIORITY_HIGH);
	EXPECT_EQ(t, atomic_read(&high), 1);
	until = limit();
	while (!atomic_read(&equal) && time_ns() < until)
		cpu_relax();
	EXPECT_EQ(t, atomic_read(&equal), 1);
	EXPECT_EQ(t, atomic_read(&low), 0);
	for (unsigned i = 0; i < 3; i++)
		if (EXPECT(t, threads[i]))
			thread_join(threads[i]);
	EXPECT_EQ(t, low, 1);
}

static void spin_until_set(void *arg)
{
	const bool *stop = arg;
	u64 until = limit();

	while (!atomic_read(stop) && time_ns() < until)
		cpu_relax();
}

/* One that does not give up the CPU loses it, first to an equal. */
static void test_preempted(struct selftest *t)
{
	bool stop = false;
	struct thread *spinner;
	u64 start = time_ns();

	if (!has_timers(t))
		return;
	spinner = start_here(spin_until_set, &stop, THREAD_PRIORITY_NORMAL);
	if (!EXPECT(t, spinner))
		return;
	/* It has the CPU until its turn is over. */
	thread_yield();
	EXPECT(t, time_ns() - start < LIMIT_MS * NSEC_PER_MSEC);
	EXPECT(t, spinner->switches_involuntary >= 1);
	EXPECT(t, spinner->cpu_ns > 0);
	atomic_write(&stop, true);
	thread_join(spinner);
}

static void join_all(struct selftest *t, struct thread **threads, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (EXPECT(t, threads[i]))
			thread_join(threads[i]);
}

static struct {
	struct semaphore looks;
	unsigned spins;
	bool ends; /* a thread does, in that many rounds */
	bool over;
	unsigned wrong;
} ending;

/* On another CPU: waking one that is more urgent interrupts this one. */
static void wake_looker(void *arg __unused)
{
	while (!atomic_read(&ending.over)) {
		cpu_relax();
		if (!atomic_read(&ending.ends))
			continue;
		atomic_write(&ending.ends, false);
		semaphore_up(&ending.looks);
	}
	/* For the last look. */
	semaphore_up(&ending.looks);
}

static void end_soon(void *arg __unused)
{
	atomic_write(&ending.ends, true);
	for (unsigned i = 0; i < ending.spins; i++)
		cpu_relax();
}

/* Threads that wait for this CPU, and are taken to be gone. */
static unsigned count_gone(void)
{
	struct run_queue *rq = this_cpu_ptr(run_queue);
	unsigned long irqs = spin_lock_irqsave(&rq->lock);
	const struct thread *last = rq->last[THREAD_PRIORITY_NORMAL];
	const struct thread *it = last;
	unsigned n = 0;

	while (it) {
		n += atomic_read(&it->life) == THREAD_GONE;
		it = it->next == last ? NULL : it->next;
	}
	spin_unlock_irqrestore(&rq->lock, irqs);
	return n;
}

/* More urgent than those that end: it runs when the interrupt is over. */
static void look_for_gone(void *arg __unused)
{
	while (!atomic_read(&ending.over)) {
		semaphore_down(&ending.looks);
		ending.wrong += count_gone();
	}
}

static void end_many(struct selftest *t)
{
	for (unsigned i = 0; i < ENDINGS && !READ_ONCE(ending.wrong); i++) {
		struct thread *thread;

		ending.spins = i * (ENDING_SPINS / ENDINGS);
		thread = start_here(end_soon, NULL, THREAD_PRIORITY_NORMAL);
		if (EXPECT(t, thread))
			thread_join(thread);
	}
}

/* Interrupts at any point of a thread's end, and others that run then. */
static void test_ending(struct selftest *t)
{
	unsigned other = cpumask_next(&cpu_online_mask, smp_processor_id() + 1);
	struct thread_attr attr = { .bound = true, .cpu = other };
	struct thread *threads[2];

	if (other >= CONFIG_NR_CPUS) {
		selftest_skip(t, "needs a CPU after this one");
		return;
	}
	memset(&ending, 0, sizeof(ending));
	threads[0] = start_here(look_for_gone, NULL, THREAD_PRIORITY_HIGH);
	threads[1] = thread_create("waker", wake_looker, NULL, &attr);
	end_many(t);
	atomic_write(&ending.over, true);
	join_all(t, threads, 2);
	EXPECT_EQ(t, ending.wrong, 0);
}

static void test_sleep(struct selftest *t)
{
	static const u64 ns[] = { 0, 100000, 1000000, 3000000 };

	for (unsigned i = 0; i < ARRAY_SIZE(ns); i++) {
		u64 until = time_ns() + ns[i], late;

		thread_sleep_until(until);
		late = time_ns() - until;
		EXPECT(t, time_ns() >= until);
		EXPECT(t, late < LIMIT_MS * NSEC_PER_MSEC);
		selftest_note(t, "%lu us: late by %lu us", ns[i] / 1000,
			      late / 1000);
	}
}

static void test_info(struct selftest *t)
{
	struct thread_info info = { 0 };
	unsigned n = 0;
	bool self = false;

	for (unsigned id = 0; thread_get_info(id, &info); id = info.id + 1) {
		n++;
		if (info.id == current_thread()->id) {
			self = true;
			EXPECT(t, info.on_cpu);
			EXPECT(t, info.cpu_ns > 0);
		}
	}
	EXPECT(t, self);
	EXPECT(t, n >= 2);
}

static u64 fake_stolen;

static u64 fake_steal_clock(unsigned cpu __unused)
{
	return READ_ONCE(fake_stolen);
}

/* What the host took is neither the thread's nor idle time. */
static void test_stolen(struct selftest *t)
{
	struct sched_cpu_times before, after;
	unsigned cpu = smp_processor_id();
	steal_clock_fn real;
	u64 start;

	preempt_disable();
	fake_stolen = NSEC_PER_SEC;
	real = sched_set_steal_clock(fake_steal_clock);
	sched_get_times(cpu, &before);
	start = time_ns();
	while (time_ns() - start < NSEC_PER_MSEC)
		cpu_relax();
	fake_stolen += 3 * NSEC_PER_MSEC / 4;
	sched_get_times(cpu, &after);
	EXPECT_EQ(t, after.steal_ns - before.steal_ns, 3 * NSEC_PER_MSEC / 4);
	EXPECT(t, after.busy_ns - before.busy_ns >= NSEC_PER_MSEC / 4);
	/* A clock that runs backwards changes nothing. */
	fake_stolen = 0;
	sched_get_times(cpu, &before);
	EXPECT_EQ(t, after.steal_ns, before.steal_ns);
	sched_set_steal_clock(real);
	preempt_enable();
}

static struct {
	bool release;
	bool stop;
	u64 cpus; /* bit n: one of the spinners ran on CPU n */
} spread;

static void hold_cpu(void *arg __unused)
{
	spin_until_set(&spread.release);
}

static void note_cpu(void *arg __unused)
{
	u64 until = limit();

	while (!atomic_read(&spread.stop) && time_ns() < until) {
		__atomic_fetch_or(&spread.cpus, BIT64(smp_processor_id()),
				  __ATOMIC_RELAXED);
		cpu_relax();
	}
}

/* Keep CPUs 0 to @n - 1 but this one busy; how many. */
static unsigned hold_others(struct thread **holders, unsigned n)
{
	unsigned held = 0, self = smp_processor_id();

	for (unsigned cpu = 0; cpu < n; cpu++) {
		struct thread_attr attr = { .bound = true,
					    .cpu = cpu,
					    .priority = THREAD_PRIORITY_HIGH };

		if (cpu != self && cpu_is_online(cpu))
			holders[held++] =
				thread_create("holder", hold_cpu, NULL, &attr);
	}
	return held;
}

/* All begin in one queue; whoever has nothing to do takes from it. */
static void test_stealing(struct selftest *t)
{
	struct thread *spinners[SPINNERS_MAX], *holders[SPINNERS_MAX];
	unsigned n = cpumask_count(&cpu_online_mask), held;
	u64 until = limit();

	if (n == 1 || n > SPINNERS_MAX || !timer_available()) {
		selftest_skip(t, "needs timers and 2 to %u CPUs", SPINNERS_MAX);
		return;
	}
	memset(&spread, 0, sizeof(spread));
	held = hold_others(holders, n);
	for (unsigned i = 0; i < n; i++)
		spinners[i] = thread_create("spinner", note_cpu, NULL, NULL);
	atomic_write(&spread.release, true);
	while (atomic_read(&spread.cpus) != BIT64(n) - 1 && time_ns() < until)
		thread_sleep_ns(NSEC_PER_MSEC);
	EXPECT_EQ(t, spread.cpus, BIT64(n) - 1);
	atomic_write(&spread.stop, true);
	join_all(t, holders, held);
	join_all(t, spinners, n);
}

static const struct selftest_case sched_cases[] = {
	{ .name = "thread-runs-and-is-joined", .run = test_join },
	{ .name = "no-thread-leaves-anything", .run = test_many },
	{ .name = "equals-take-turns", .run = test_fair },
	{ .name = "priority-obeyed", .run = test_priority },
	{ .name = "spinning-thread-preempted", .run = test_preempted },
	{ .name = "preempted-at-its-end", .run = test_ending },
	{ .name = "sleep-not-too-short", .run = test_sleep },
	{ .name = "threads-listed", .run = test_info },
	{ .name = "stolen-time-charged-to-nobody", .run = test_stolen },
	{ .name = "idle-cpus-take-work", .run = test_stealing },
	{},
};
SELFTEST_SUITE(sched, "sched", sched_cases, 0);
