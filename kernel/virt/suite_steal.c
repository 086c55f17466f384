/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Steal time, and CPUs that compete for other tests: see suite.h. They need a
 * host that has less CPUs for this guest than it has threads; on others they
 * are skipped.
 */
#include <kernel/cpu.h>
#include <kernel/mm/slab.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include "suite_compete.h"

#define BUSY_CPUS_MAX 4
/* How long CPUs are made to compete, and what shows that they do. */
#define COMPETE_NS	(300 * NSEC_PER_MSEC)
#define COMPETE_LONG_NS (3 * NSEC_PER_SEC)
#define STOLEN_MIN_NS	(20 * NSEC_PER_MSEC)
#define LIMIT_NS	(5 * NSEC_PER_SEC)
/*
 * A loop that reads the clock stands still for longer than this only when its
 * CPU does not run: the host's time slices are milliseconds, its interrupts
 * take less.
 */
#define GAP_NS		(500 * NSEC_PER_USEC)
#define LOOKS_MAX	1000
#define STEAL_TOLERANCE 20U /* 5 % of the time on the clock */
/* Below the host there may be another one, which takes time as well. */
#define MEASUREMENTS 5
/* Of one CPU, of which the host makes one each few milliseconds. */
#define GAPS_MAX 256
/* The grain in which CPUs' gaps are laid beside each other. */
#define GRAIN_NS (50 * NSEC_PER_USEC)

/* A CPU stood still, and some of that time was stolen. */
struct gap {
	u64 start, end;
};

/* What one CPU saw. */
struct seen {
	u64 start, end; /* of what it looked at */
	u64 stolen_ns;
	u64 gaps_ns; /* the sum of all, also of those that did not fit */
	unsigned count;
	struct gap gaps[GAPS_MAX];
};

/* What all of them saw. */
struct sums {
	u64 stolen_ns;
	u64 gaps_ns;   /* time they stood still: no more than that was stolen */
	u64 looked_ns; /* of each, together */
	u64 wall_ns;   /* from the first look to the last */
	u64 both_ns;   /* in which two or more were seen to run */
};

struct runner {
	struct thread *thread;
	struct seen seen;
};

static struct {
	unsigned ready;
	bool end;
	struct runner *runners; /* BUSY_CPUS_MAX */
	unsigned count;
	struct sums all; /* after the end */
} busy;

/* Those that do not fit are taken for work: then nothing is concluded. */
static void note_gap(struct seen *seen, u64 start, u64 end)
{
	seen->gaps_ns += end - start;
	if (seen->count < GAPS_MAX)
		seen->gaps[seen->count++] = (struct gap){ start, end };
}

/* What was stolen until now: both of the same moment. */
static void look(u64 *now, u64 *stolen)
{
	for (unsigned i = 0; i < LOOKS_MAX; i++) {
		*now = time_ns();
		*stolen = steal_clock(smp_processor_id());
		if (time_ns() - *now < GAP_NS)
			return;
	}
}

/*
 * Time in which this CPU stood still, and what was stolen meanwhile. Other
 * threads of the CPU, of which there are hardly any, run for less than a gap.
 * A gap in which nothing was stolen is not this host's doing, but that of
 * another one below it.
 */
static void measure(struct seen *seen)
{
	u64 first, stolen, last;

	memset(seen, 0, sizeof(*seen));
	look(&last, &first);
	seen->start = last;
	stolen = first;
	while (!atomic_read(&busy.end) && last - seen->start < LIMIT_NS) {
		u64 now, more;

		look(&now, &more);
		if (now - last > GAP_NS && more > stolen)
			note_gap(seen, last, now);
		stolen = more;
		last = now;
	}
	seen->end = last;
	seen->stolen_ns = stolen - first;
}

static void run_busy(void *arg)
{
	struct runner *self = arg;
	u64 until = time_ns() + LIMIT_NS;

	atomic_fetch_add(&busy.ready, 1U);
	while (!atomic_read(&busy.end) &&
	       atomic_read(&busy.ready) <= BUSY_CPUS_MAX && time_ns() < until)
		thread_yield();
	measure(&self->seen);
}

void virt_busy_start(void)
{
	unsigned cpu, n = 0;

	busy.count = 0;
	busy.runners = kzalloc(BUSY_CPUS_MAX * sizeof(*busy.runners));
	if (!busy.runners)
		return;
	atomic_write(&busy.ready, 0U);
	atomic_write(&busy.end, false);
	for_each_online_cpu(cpu) {
		struct thread_attr attr = { .bound = true, .cpu = cpu };

		if (n == BUSY_CPUS_MAX)
			break;
		busy.runners[n].thread = thread_create("competes", run_busy,
						       &busy.runners[n], &attr);
		n += busy.runners[n].thread != NULL;
	}
	busy.count = n;
}

/* @seen looked at @at, and ran. *@next: the first of its gaps not over. */
static bool ran_at(const struct seen *seen, u64 at, unsigned *next)
{
	while (*next < seen->count && seen->gaps[*next].end <= at)
		++*next;
	return at >= seen->start && at < seen->end &&
	       (*next == seen->count || at < seen->gaps[*next].start);
}

/* How long two or more CPUs worked at the same time. */
static u64 worked_at_once(u64 from, u64 to)
{
	unsigned next[BUSY_CPUS_MAX] = { 0 };
	u64 ns = 0;

	for (u64 at = from; at < to; at += GRAIN_NS) {
		unsigned work = 0;

		for (unsigned i = 0; i < busy.count; i++)
			work += ran_at(&busy.runners[i].seen, at, &next[i]);
		if (work > 1)
			ns += GRAIN_NS;
	}
	return ns;
}

static struct sums sum(void)
{
	u64 from = UINT64_MAX, to = 0;
	struct sums all = { 0 };

	for (unsigned i = 0; i < busy.count; i++) {
		const struct seen *seen = &busy.runners[i].seen;

		all.stolen_ns += seen->stolen_ns;
		all.gaps_ns += seen->gaps_ns;
		all.looked_ns += seen->end - seen->start;
		from = MIN(from, seen->start);
		to = MAX(to, seen->end);
	}
	if (!busy.count)
		return all;
	all.wall_ns = to - from;
	all.both_ns = worked_at_once(from, to);
	return all;
}

void virt_busy_end(void)
{
	atomic_write(&busy.end, true);
	for (unsigned i = 0; i < busy.count; i++)
		thread_join(busy.runners[i].thread);
	busy.all = sum();
	kfree(busy.runners);
}

/* Keep some CPUs busy. What they saw is in busy.all. */
static void compete(u64 ns)
{
	virt_busy_start();
	while (atomic_read(&busy.ready) < busy.count)
		thread_sleep_ns(NSEC_PER_MSEC);
	/* All are there: go. */
	atomic_write(&busy.ready, BUSY_CPUS_MAX + 1U);
	thread_sleep_ns(ns);
	virt_busy_end();
}

/* True if the host has not enough CPUs; else @t is skipped. */
static bool competes(struct selftest *t, u64 stolen)
{
	if (stolen < STOLEN_MIN_NS)
		selftest_skip(t, "the host has a CPU for each of this guest's");
	return stolen >= STOLEN_MIN_NS;
}

bool virt_test_competes(struct selftest *t)
{
	compete(COMPETE_NS);
	return competes(t, busy.all.stolen_ns);
}

/*
 * What was stolen is the time that the CPUs stood still, but a host below this
 * one makes them stand still for longer. Then something else can be known:
 * where never two of them ran at once they share one CPU of the host, and all
 * the time but that CPU's was stolen from somebody, and more if the host ran
 * something of its own.
 */
static bool is_stood_still(void)
{
	const struct sums *all = &busy.all;
	u64 tolerance = all->looked_ns / STEAL_TOLERANCE;
	bool alone = all->both_ns < all->wall_ns / STEAL_TOLERANCE;

	if (all->stolen_ns > all->gaps_ns + tolerance)
		return false;
	return all->stolen_ns + tolerance >= all->gaps_ns ||
	       (alone &&
		all->stolen_ns + tolerance >= all->looked_ns - all->wall_ns);
}

static unsigned long long in_us(u64 ns)
{
	return ns / NSEC_PER_USEC;
}

void virt_test_steal(struct selftest *t, enum hypervisor_type type,
		     const char *feature)
{
	bool is_so = false;
	const struct sums *all = &busy.all;

	if (!virt_test_runs(t, type, feature))
		return;
	for (unsigned i = 0; i < MEASUREMENTS && !is_so; i++) {
		compete(COMPETE_NS);
		selftest_note(
			t,
			"%u CPUs: stolen %llu of %llu us, stood still "
			"%llu us; %llu us, in %llu us of them two at once",
			busy.count, in_us(all->stolen_ns),
			in_us(all->looked_ns), in_us(all->gaps_ns),
			in_us(all->wall_ns), in_us(all->both_ns));
		if (!competes(t, all->stolen_ns))
			return;
		is_so = is_stood_still();
	}
	if (is_so)
		virt_service_verified(type, feature);
	else if (EXPECT(t, all->stolen_ns < all->gaps_ns) &&
		 EXPECT(t, all->stolen_ns > all->gaps_ns / 2))
		selftest_skip(t, "something below the host takes time too");
}

/* For a comparison with what the host counts: `cpus` before and after. */
void virt_test_all_want_to_run(struct selftest *t, enum hypervisor_type type,
			       const char *feature)
{
	if (!virt_test_runs(t, type, feature))
		return;
	compete(COMPETE_LONG_NS);
	if (competes(t, busy.all.stolen_ns))
		EXPECT(t, busy.all.stolen_ns <
				  busy.count * (COMPETE_LONG_NS + LIMIT_NS));
}
