/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of timers on several CPUs. */
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/timer.h>

#define DELAY_MS     5
#define QUIET_TRIALS 3
#define QUIET_MS     50
/* What an emulated machine on a busy host may be late. */
#define LATE_MAX_MS 1000
/* How long a handler runs that is cancelled meanwhile. */
#define HANDLER_US 3000

/* One CPU's timer, and what became of it. */
struct trial {
	struct timer timer;
	unsigned ran, ran_on, begun;
	u64 interrupts;
	int err;
};
static DEFINE_PER_CPU(struct trial, trials);

static bool has_several(struct selftest *t)
{
	if (!timer_available())
		selftest_skip(t, "no timer interrupts");
	else if (cpumask_count(&cpu_online_mask) == 1)
		selftest_skip(t, "only one CPU");
	else
		return true;
	return false;
}

static void note_cpu(struct timer *timer)
{
	struct trial *trial = container_of(timer, struct trial, timer);

	trial->ran_on = smp_processor_id();
	atomic_store_release(&trial->ran, trial->ran + 1);
}

static void start_here(void *arg)
{
	struct trial *trial = this_cpu_ptr(trials);

	*trial = (struct trial){ .timer = { .handler = arg } };
	trial->err = timer_start(&trial->timer,
				 time_ns() + DELAY_MS * NSEC_PER_MSEC);
}

/* Wait until *@counter is not 0. False: it takes too long. */
static bool wait_for(const unsigned *counter)
{
	u64 end = time_ns() + LATE_MAX_MS * NSEC_PER_MSEC;

	while (!atomic_load_acquire(counter) && time_ns() < end)
		cpu_relax();
	return atomic_load_acquire(counter);
}

static void test_each(struct selftest *t)
{
	unsigned cpu;

	if (!has_several(t))
		return;
	smp_call_mask(&cpu_online_mask, start_here, note_cpu);
	for_each_online_cpu(cpu) {
		struct trial *trial = &per_cpu(trials, cpu);

		EXPECT_EQ(t, trial->err, 0);
		EXPECT(t, wait_for(&trial->ran));
		EXPECT_EQ(t, trial->ran_on, cpu);
		EXPECT_EQ(t, trial->ran, 1);
		timer_cancel(&trial->timer);
	}
}

/* The first CPU but this one. */
static unsigned other_cpu(void)
{
	return cpumask_next_cyclic(&cpu_online_mask, smp_processor_id());
}

/* What is cancelled from here does not run there. */
static void test_cancel_there(struct selftest *t)
{
	struct trial *trial;

	if (!has_several(t))
		return;
	trial = &per_cpu(trials, other_cpu());
	smp_call(other_cpu(), start_here, note_cpu);
	EXPECT(t, timer_cancel(&trial->timer) || trial->ran);
	EXPECT(t, !timer_cancel(&trial->timer));
	udelay(2 * DELAY_MS * 1000);
	EXPECT(t, trial->ran <= 1);
}

/* It takes its time, and starts its timer again in the end. */
static void dawdle(struct timer *timer)
{
	struct trial *trial = container_of(timer, struct trial, timer);

	atomic_store_release(&trial->begun, 1);
	udelay(HANDLER_US);
	timer_start(timer, time_ns() + NSEC_PER_SEC);
	atomic_store_release(&trial->ran, 1);
}

static void test_cancel_waits(struct selftest *t)
{
	struct trial *trial;

	if (!has_several(t))
		return;
	trial = &per_cpu(trials, other_cpu());
	smp_call(other_cpu(), start_here, dawdle);
	if (EXPECT(t, wait_for(&trial->begun))) {
		timer_cancel(&trial->timer);
		EXPECT_EQ(t, atomic_load_acquire(&trial->ran), 1);
	}
	EXPECT(t, !timer_cancel(&trial->timer));
	EXPECT_EQ(t, timer_next_ns(other_cpu()), 0);
}

/* A timer that sets itself, and that two CPUs take from each other. */
#define MOVES	     200
#define MOVES_EACH   25 /* odd; so many, and one of them is waited for */
#define MOVE_US	     50
#define MOVER_NS     20000
#define MOVER_RUN_US 5

static struct {
	struct timer timer;
	bool running;
	bool taken;	  /* by another CPU, since the handler began */
	unsigned runs[2]; /* on the boot CPU, and on others */
	unsigned overlaps;
} mover;

static void run_and_restart(struct timer *timer)
{
	mover.overlaps += atomic_xchg(&mover.running, true);
	atomic_write(&mover.taken, false);
	mover.runs[smp_processor_id() != 0]++;
	udelay(MOVER_RUN_US);
	/* On a slow host the CPU that has it would else never let it go. */
	if (!atomic_read(&mover.taken))
		timer_start(timer, time_ns() + MOVER_NS);
	atomic_store_release(&mover.running, false);
}

static void take_mover(void *arg __unused)
{
	atomic_write(&mover.taken, true);
	timer_start(&mover.timer, time_ns() + MOVER_NS);
}

/* How often it ran, on all CPUs. */
static unsigned mover_runs(void)
{
	return atomic_read(&mover.runs[0]) + atomic_read(&mover.runs[1]);
}

/* A host may take longer to interrupt than the timer is set for. */
static void let_mover_run(void)
{
	unsigned before = mover_runs();
	u64 until = time_ns() + NSEC_PER_SEC;

	while (mover_runs() == before && time_ns() < until)
		cpu_relax();
}

static void test_moving(struct selftest *t)
{
	unsigned runs;

	if (!has_several(t))
		return;
	mover.timer.handler = run_and_restart;
	mover.runs[0] = mover.runs[1] = mover.overlaps = 0;
	for (unsigned i = 0; i < MOVES; i++) {
		smp_call(i % 2 ? smp_processor_id() : other_cpu(), take_mover,
			 NULL);
		/* Now on the one, now on the other. */
		if (i % MOVES_EACH)
			udelay(MOVE_US);
		else
			let_mover_run();
	}
	EXPECT(t, timer_cancel(&mover.timer));
	EXPECT(t, !mover.running);
	runs = mover_runs();
	EXPECT(t, mover.runs[0] > 0 && mover.runs[1] > 0);
	udelay(10 * MOVER_NS / 1000);
	EXPECT_EQ(t, mover_runs(), runs);
	EXPECT_EQ(t, mover.overlaps, 0);
	selftest_note(t, "%u runs on one CPU, %u on another", mover.runs[0],
		      mover.runs[1]);
}

static void disarm_here(void *arg __unused)
{
	struct trial *trial = this_cpu_ptr(trials);

	timer_start(&trial->timer, time_ns() + NSEC_PER_SEC);
	timer_cancel(&trial->timer);
}

/*
 * CPUs with nothing due are left alone; the boot CPU may have to look at a
 * clock, or serve the others.
 */
static u64 interrupts_while_quiet(unsigned *quiet)
{
	u64 sum = 0;
	unsigned cpu;

	*quiet = 0;
	/* A timer that another CPU cancelled has left the device armed. */
	smp_call_mask(&cpu_online_mask, disarm_here, NULL);
	for_each_online_cpu(cpu)
		per_cpu(trials, cpu).interrupts = timer_interrupt_count(cpu);
	udelay(QUIET_MS * 1000);
	for_each_online_cpu(cpu) {
		if (cpu == 0 || timer_next_ns(cpu))
			continue;
		sum += timer_interrupt_count(cpu) -
		       per_cpu(trials, cpu).interrupts;
		++*quiet;
	}
	return sum;
}

/* What came before may have left an interrupt on its way: not every time. */
static void test_quiet(struct selftest *t)
{
	u64 sum = 1;
	unsigned quiet = 0;

	if (!has_several(t))
		return;
	for (unsigned i = 0; i < QUIET_TRIALS && sum; i++) {
		sum = interrupts_while_quiet(&quiet);
		selftest_note(t,
			      "%lu timer interrupts in %u ms on %u idle "
			      "CPUs",
			      sum, QUIET_MS, quiet);
	}
	EXPECT_EQ(t, sum, 0);
}

static const struct selftest_case cases[] = {
	{ .name = "each-cpu-has-timers", .run = test_each },
	{ .name = "cancelled-from-another-cpu", .run = test_cancel_there },
	{ .name = "cancelling-waits-for-handler", .run = test_cancel_waits },
	{ .name = "timers-move-without-overlap", .run = test_moving },
	{ .name = "idle-cpus-take-no-interrupts", .run = test_quiet },
	{},
};
SELFTEST_SUITE(timer_cpus, "timer-cpus", cases, 0);
