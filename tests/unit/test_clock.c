/* SPDX-License-Identifier: BSD-2-Clause */
/* The choice of a clock, its time, and the clock that watches it. */
#include "unit.h"
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include "../../kernel/time/watchdog.h"

static unsigned warnings;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)flags;
	(void)fmt;
	warnings += level <= LOG_WARNING;
}

int param_set_string(const struct param *p, const char *value)
{
	*(const char **)p->data = value;
	return 0;
}

void clockevent_init(void)
{
}

static u64 wake_ns;

int timer_start(struct timer *timer, u64 expires_ns)
{
	(void)timer;
	wake_ns = expires_ns;
	return 0;
}

DEFINE_PER_CPU(unsigned, cpu_number);
struct cpumask cpu_online_mask = { { 3 } };
static unsigned this_cpu;

/* One after the other: what the first one told is seen by the second. */
void smp_call_mask(const struct cpumask *mask, void (*fn)(void *arg), void *arg)
{
	for_each_cpu(this_cpu, mask)
		fn(arg);
	this_cpu = 0;
}

/* Three clocks that all follow one true time, unless told otherwise. */
static u64 true_ns;
static u64 fast_lag_ns;	 /* how far the fast one is behind */
static u64 read_cost_ns; /* what reading a slow one takes */

static u64 boot_read(void)
{
	return true_ns;
}

struct clocksource clocksource_boot = {
	.name = "boot",
	.mask = UINT64_MAX,
	.read = boot_read,
	/* Twice as fast as it is believed to be: half the time. */
	.ns_scale = 1ULL << 31,
};

static u64 second_cpu_lag_ns;

static u64 fast_read(void)
{
	return (true_ns - fast_lag_ns - this_cpu * second_cpu_lag_ns) * 2;
}

static u64 fast_probe(void)
{
	return 2 * NSEC_PER_SEC;
}

static unsigned demotions;

static void fast_demoted(void)
{
	demotions++;
}

static struct clocksource fast = {
	.name = "fast",
	.rating = 30,
	.mask = UINT64_MAX,
	.read = fast_read,
	.probe = fast_probe,
	.from_entry = true,
	.per_cpu = true,
	.watched = true,
	.demoted = fast_demoted,
};
CLOCKSOURCE(fast);

/* 10 MHz, 24 bits: it wraps every 1.7 s. */
static u64 narrow_read(void)
{
	true_ns += read_cost_ns;
	return true_ns / 100;
}

static u64 narrow_probe(void)
{
	return 10000000;
}

static struct clocksource narrow = {
	.name = "narrow",
	.rating = 20,
	.mask = 0xffffff,
	.read = narrow_read,
	.probe = narrow_probe,
};
CLOCKSOURCE(narrow);

static u64 absurd_probe(void)
{
	return 42;
}

static struct clocksource absurd = {
	.name = "absurd",
	.rating = 99,
	.mask = UINT64_MAX,
	.read = boot_read,
	.probe = absurd_probe,
};
CLOCKSOURCE(absurd);

static u64 absent_probe(void)
{
	return 0;
}

static struct clocksource absent = {
	.name = "absent",
	.rating = 98,
	.mask = UINT64_MAX,
	.read = boot_read,
	.probe = absent_probe,
};
CLOCKSOURCE(absent);

static void run_init(void)
{
	table_for_each(const struct initcall, init, it)
		if (!strcmp((*it)->name, "time_init"))
			CHECK_EQ((*it)->fn(), 0);
}

TEST(before_there_is_a_clock_there_is_an_estimate)
{
	true_ns = 1000000;
	CHECK_EQ(time_ns(), 500000);
}

TEST(the_best_clock_is_used_and_absurd_ones_are_refused)
{
	warnings = 0;
	run_init();
	CHECK(clocksource_current() == &fast);
	CHECK_EQ(warnings, 1);
	CHECK(clocksource_nth(0) == &fast);
	CHECK(clocksource_nth(1) == &narrow);
	CHECK(!clocksource_nth(2));
	/* It counted since entry: the estimate is corrected. */
	CHECK_EQ(time_ns(), 1000000);
	true_ns += NSEC_PER_SEC;
	CHECK_EQ(time_ns(), 1000000 + NSEC_PER_SEC);
}

TEST(a_counter_that_goes_back_does_not_take_time_back_to_the_start)
{
	u64 before;

	clocksource_watch();
	before = true_ns;
	true_ns = 0;
	fast_lag_ns = 1;
	/* To when it was chosen, that is. */
	CHECK_EQ(time_ns(), 1000000);
	fast_lag_ns = 0;
	true_ns = before;
}

/* Let @intervals pass, in which the fast clock loses @lag_percent. */
static void pass(unsigned intervals, unsigned lag_percent)
{
	const u64 step = 600 * NSEC_PER_MSEC;

	for (unsigned i = 0; i < intervals; i++) {
		true_ns += step;
		fast_lag_ns += step * lag_percent / 100;
		clocksource_watch();
	}
}

TEST(a_steady_clock_is_kept)
{
	pass(20, 0);
	pass(20, 2);
	CHECK(clocksource_current() == &fast);
}

TEST(one_bad_comparison_is_forgiven)
{
	pass(1, 10);
	pass(3, 0);
	pass(2, 10);
	pass(3, 0);
	CHECK(clocksource_current() == &fast);
}

TEST(a_slow_reading_says_nothing)
{
	read_cost_ns = 1000000;
	pass(20, 10);
	read_cost_ns = 0;
	CHECK(clocksource_current() == &fast);
	/* Nor does a time in which the other clock may have wrapped. */
	true_ns += 10 * NSEC_PER_SEC;
	clocksource_watch();
	for (unsigned i = 0; i < 10; i++) {
		true_ns += 1300 * NSEC_PER_MSEC;
		fast_lag_ns += 200 * NSEC_PER_MSEC;
		clocksource_watch();
	}
	CHECK(clocksource_current() == &fast);
}

TEST(cpus_that_agree_keep_their_clock)
{
	u64 handovers = 0;

	warnings = 0;
	clocksource_compare_cpus();
	CHECK(clocksource_current() == &fast);
	CHECK_EQ(warnings, 0);
	CHECK_EQ(clock_race(time_ns, &cpu_online_mask, 10, &handovers), 0);
	CHECK_EQ(handovers, 1);
}

TEST(a_cpu_that_is_behind_is_seen)
{
	second_cpu_lag_ns = 500;
	CHECK_EQ(clock_race(time_ns, &cpu_online_mask, 10, NULL), 500);
	second_cpu_lag_ns = 0;
	CHECK_EQ(clock_race(time_ns, &cpu_online_mask, 10, NULL), 0);
}

TEST(an_unstable_clock_is_demoted_and_time_goes_on)
{
	u64 before, after;

	warnings = 0;
	pass(WATCHDOG_STRIKES, 10);
	before = time_ns();
	CHECK(clocksource_current() == &narrow);
	CHECK_EQ(demotions, 1);
	CHECK_EQ(warnings, 1);
	CHECK(!clocksource_nth(1));
	true_ns += 100 * NSEC_PER_MSEC;
	after = time_ns();
	CHECK(after - before > 99 * NSEC_PER_MSEC);
	CHECK(after - before < 101 * NSEC_PER_MSEC);
	/* The last one stays. */
	clocksource_demote(&narrow, "test");
	CHECK(clocksource_current() == &narrow);
}

TEST(a_narrow_clock_is_kept_from_wrapping)
{
	u64 start = time_ns(), begin = true_ns;

	CHECK(wake_ns > start - NSEC_PER_SEC);
	CHECK(wake_ns < start + NSEC_PER_SEC);
	for (unsigned i = 0; i < 100; i++) {
		true_ns += 700 * NSEC_PER_MSEC;
		time_ns();
	}
	CHECK(time_ns() - start > true_ns - begin - 100000);
	CHECK(time_ns() - start <= true_ns - begin + 100);
}

TEST(long_delays_end_on_a_narrow_clock)
{
	u64 start = true_ns;

	read_cost_ns = 10 * NSEC_PER_MSEC;
	udelay(5000000);
	read_cost_ns = 0;
	CHECK(true_ns - start >= 5 * NSEC_PER_SEC);
	CHECK(true_ns - start < 6 * NSEC_PER_SEC);
}

/* The tests above have used up all other clocks. */
TEST(cpus_that_disagree_without_another_clock_do_not_go_back)
{
	u64 now;

	warnings = 0;
	narrow.hz = 0;
	fast.hz = 2 * NSEC_PER_SEC;
	narrow.hz = 1;
	clocksource_demote(&narrow, "test");
	CHECK(clocksource_current() == &fast);
	second_cpu_lag_ns = 500;
	clocksource_compare_cpus();
	CHECK(clocksource_current() == &fast);
	CHECK_EQ(clock_race(time_ns, &cpu_online_mask, 10, NULL), 0);
	now = time_ns();
	this_cpu = 1;
	CHECK_EQ(time_ns(), now);
	true_ns += 600;
	CHECK_EQ(time_ns(), now + 100);
	this_cpu = 0;
	CHECK_EQ(time_ns(), now + 600);
	second_cpu_lag_ns = 0;
}

/* 3 MHz: 333.3 ns a tick, of which none is lost when counting begins anew. */
TEST(fractions_of_a_nanosecond_are_kept)
{
	u64 start, ticks = 0;

	fast.ns_scale = (NSEC_PER_SEC << 32) / 3000000;
	fast.mask = 0xff;
	start = time_ns();
	for (unsigned i = 0; i < 3000; i++, ticks += 200) {
		true_ns += 100; /* 200 counts */
		time_ns();
	}
	CHECK_EQ((time_ns() - start + 500) / 1000, ticks / 3);
}
