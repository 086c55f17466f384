/* SPDX-License-Identifier: BSD-2-Clause */
/* Does time go back from one CPU to another? */
#define pr_fmt(fmt) "clock: " fmt

#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include "watchdog.h"

/* When all CPUs are up: readings of all together, and the fewest of each. */
#define CHECK_READS 4096
#define CHECK_LEAST 32
/*
 * How often one looks whether the others have come, some 50 us. On a host that
 * does not run all at once waiting longer would only keep them from coming.
 */
#define START_LOOKS_MAX 1000

/* What the CPUs write stands apart from what they only read. */
struct race {
	u64 (*read)(void);
	unsigned rounds, cpus;
	_Alignas(64) unsigned arrived;
	_Alignas(64) u64 newest;	   /* that any CPU has read */
	_Alignas(64) struct spinlock lock; /* of the result */
	u64 back, handovers;
};

static void tell(struct race *r, u64 count)
{
	u64 old = atomic_read(&r->newest);

	while (old < count && !atomic_cmpxchg(&r->newest, &old, count))
		;
}

static void wait_for_others(struct race *r)
{
	atomic_fetch_add(&r->arrived, 1);
	for (unsigned i = 0; i < START_LOOKS_MAX; i++) {
		if (atomic_read(&r->arrived) >= r->cpus)
			return;
		cpu_relax();
	}
}

static void run_race(void *arg)
{
	struct race *r = arg;
	u64 mine = 0, handovers = 0, back = 0;

	wait_for_others(r);
	for (unsigned i = 0; i < r->rounds; i++) {
		/* Loaded before the clock is read. */
		u64 newest = atomic_load_acquire(&r->newest);

		handovers += newest != mine;
		mine = r->read();
		if (unlikely(mine < newest))
			back = MAX(back, newest - mine);
		tell(r, mine);
	}
	spin_lock(&r->lock);
	r->back = MAX(r->back, back);
	r->handovers += handovers;
	spin_unlock(&r->lock);
}

u64 clock_race(u64 (*read)(void), const struct cpumask *cpus, unsigned rounds,
	       u64 *handovers)
{
	struct race race = { .read = read,
			     .rounds = rounds,
			     .cpus = cpumask_count(cpus) };

	smp_call_mask(cpus, run_race, &race);
	if (handovers)
		*handovers += race.handovers;
	return race.back;
}

int clocksource_compare_cpus(void)
{
	const struct clocksource *cs = clocksource_current();
	unsigned cpus = cpumask_count(&cpu_online_mask);
	u64 back;

	if (!cs->per_cpu || cpus == 1)
		return 0;
	back = clock_race(cs->read, &cpu_online_mask,
			  MAX(CHECK_READS / cpus, CHECK_LEAST), NULL);
	if (back)
		clocksource_set_unequal(clocksource_elapsed_ns(cs, 0, back));
	return 0;
}
initcall(INIT_SCHED, clocksource_compare_cpus);
