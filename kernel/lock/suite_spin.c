/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of spinlocks between CPUs. A CPU may be stopped by the host while
 * it is the next in a queue, which stops all behind it: so there is a limit of
 * time to each test and not a number of rounds.
 */
#include <kernel/irq.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/spin_pv.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/timer.h>

#define CPUS_MAX   8
#define TORTURE_MS 20
#define ROUNDS_MAX 2000
/* How long a waiter may take to halt, or to be woken. */
#define LIMIT_MS 10000

static struct {
	struct spinlock lock;
	const struct spin_pv_ops *ops; /* NULL: the lock's usual ones */
	u64 until_ns;
	unsigned inside;
	unsigned overlaps;
	unsigned rounds; /* under the lock */
	unsigned done;	 /* the same, counted by each for itself */
} torture;

static void note_holder(void)
{
	torture.overlaps += torture.inside++ != 0;
	torture.rounds++;
	for (unsigned i = 0; i < torture.rounds % 64; i++)
		barrier();
	torture.inside--;
}

static void take_once(unsigned i)
{
	unsigned long irqs;

	if (torture.ops) {
		spin_lock_with(&torture.lock, torture.ops);
		note_holder();
		spin_unlock_with(&torture.lock, torture.ops);
		return;
	}
	irqs = local_irq_save();
	if (i % 4) {
		spin_lock(&torture.lock);
		note_holder();
		spin_unlock(&torture.lock);
	} else {
		while (!spin_trylock(&torture.lock))
			cpu_relax();
		note_holder();
		spin_unlock(&torture.lock);
	}
	local_irq_restore(irqs);
}

static void take_often(void *arg __unused)
{
	unsigned n = 0;

	while (n < ROUNDS_MAX && time_ns() < torture.until_ns)
		take_once(n++);
	atomic_fetch_add(&torture.done, n);
}

/* Interrupts want it too. */
static void timer_takes(struct timer *timer)
{
	take_once(1);
	atomic_fetch_add(&torture.done, 1U);
	if (time_ns() < torture.until_ns)
		timer_start(timer, time_ns() + 200 * NSEC_PER_USEC);
}

/* One thread on each of the first CPUs. */
static unsigned start_on_all(struct thread **threads, void (*fn)(void *arg))
{
	unsigned cpu, n = 0;

	for_each_online_cpu(cpu) {
		struct thread_attr attr = { .bound = true, .cpu = cpu };

		if (n < CPUS_MAX)
			threads[n++] =
				thread_create("torture", fn, NULL, &attr);
	}
	return n;
}

static void join_all(struct selftest *t, struct thread **threads, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (EXPECT(t, threads[i]))
			thread_join(threads[i]);
}

static void run_torture(struct selftest *t, const struct spin_pv_ops *ops)
{
	struct timer timer = { .handler = timer_takes };
	struct thread *threads[CPUS_MAX];
	unsigned n;

	torture.ops = ops;
	torture.rounds = 0;
	torture.done = 0;
	torture.overlaps = 0;
	torture.until_ns = time_ns() + TORTURE_MS * NSEC_PER_MSEC;
	if (!ops)
		timer_start(&timer, time_ns());
	n = start_on_all(threads, take_often);
	join_all(t, threads, n);
	timer_cancel(&timer);
	EXPECT_EQ(t, torture.overlaps, 0);
	EXPECT_EQ(t, torture.rounds, torture.done);
	EXPECT(t, torture.rounds >= n);
	EXPECT_EQ(t, torture.lock.word, 0);
	selftest_note(t, "%u times taken by %u CPUs", torture.rounds, n);
}

static void test_torture(struct selftest *t)
{
	run_torture(t, NULL);
}

/*
 * What a hypervisor would do, by an interrupt: a CPU that halts with interrupts
 * unmasked is woken by the one that makes it look at need_resched.
 */
static void soft_wait(const u8 *byte, u8 value)
{
	if (!local_irq_enabled()) {
		cpu_relax();
		return;
	}
	local_irq_disable();
	if (atomic_read(byte) == value)
		cpu_idle();
	local_irq_enable();
}

static void soft_kick(unsigned cpu)
{
	smp_send_reschedule(cpu);
}

static const struct spin_pv_ops soft_ops = {
	.wait = soft_wait,
	.kick = soft_kick,
};

static bool can_halt(struct selftest *t)
{
	bool can = cpumask_count(&cpu_online_mask) > 1 && irq_available();

	if (!can)
		selftest_skip(t, "one CPU");
	return can;
}

static void test_torture_halting(struct selftest *t)
{
	if (can_halt(t))
		run_torture(t, &soft_ops);
}

static void take_soft(void *arg __unused)
{
	spin_lock_with(&torture.lock, &soft_ops);
	torture.rounds++;
	spin_unlock_with(&torture.lock, &soft_ops);
}

/* The first of the queue halts, and the one behind it, if there is one. */
static void test_halts(struct selftest *t)
{
	struct thread *threads[CPUS_MAX];
	u64 halts, kicks, halts_before, kicks_before;
	u64 until = time_ns() + LIMIT_MS * NSEC_PER_MSEC;
	unsigned n, waiters;

	if (!can_halt(t))
		return;
	waiters = MIN(cpumask_count(&cpu_online_mask), CPUS_MAX) - 1;
	torture.rounds = 0;
	spin_pv_counts(&halts_before, &kicks_before);
	spin_lock_with(&torture.lock, &soft_ops);
	n = start_on_all(threads, take_soft);
	do
		spin_pv_counts(&halts, &kicks);
	while (halts - halts_before < waiters && time_ns() < until);
	EXPECT_EQ(t, atomic_read(&torture.lock.held), SPIN_HALTED);
	spin_unlock_with(&torture.lock, &soft_ops);
	join_all(t, threads, n);
	EXPECT_EQ(t, torture.rounds, n);
	spin_pv_counts(&halts, &kicks);
	EXPECT(t, halts - halts_before >= waiters);
	EXPECT(t, kicks > kicks_before);
	EXPECT_EQ(t, torture.lock.word, 0);
	selftest_note(t, "%lu halts, %lu kicks", halts - halts_before,
		      kicks - kicks_before);
}

static const struct selftest_case spin_cases[] = {
	{ .name = "all-cpus-and-interrupts", .run = test_torture },
	{ .name = "waiters-halt-and-are-kicked", .run = test_halts },
	{ .name = "all-cpus-halting", .run = test_torture_halting },
	{},
};
SELFTEST_SUITE(spin, "spin", spin_cases, 0);
