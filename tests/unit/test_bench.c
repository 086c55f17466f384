/* SPDX-License-Identifier: BSD-2-Clause */
/* Benchmarks: statistics, and how a case is run. */
#include "../../kernel/bench/measure.h"
#include "unit.h"
#include <kernel/errno.h>
#include <kernel/time.h>

static u64 now;

u64 time_ns(void)
{
	return now;
}

static void run_10ns(u64 count)
{
	now += 10 * count;
}

TEST(median_and_quartiles_do_not_depend_on_the_order)
{
	u64 values[] = { 9, 1, 8, 2, 7, 3, 6, 4, 5 };
	struct bench_result r;

	bench_statistics(values, 9, &r);
	CHECK_EQ(r.samples, 9);
	CHECK_EQ(r.minimum, 1);
	CHECK_EQ(r.quartile1, 3);
	CHECK_EQ(r.median, 5);
	CHECK_EQ(r.quartile3, 7);
	CHECK_EQ(r.maximum, 9);
	CHECK_EQ(bench_spread(&r), 80);
}

TEST(one_value_is_all_of_them)
{
	struct bench_result r;
	u64 value = 0;

	bench_statistics(&value, 1, &r);
	CHECK_EQ(r.quartile1, 0);
	CHECK_EQ(r.quartile3, 0);
	CHECK_EQ(bench_spread(&r), 0);
}

TEST(an_operation_of_10_ns_is_seen_as_such)
{
	static const struct bench_case c = { .name = "x", .run = run_10ns };
	struct bench_result r;

	bench_measure(&c, &r);
	CHECK_EQ(r.err, 0);
	CHECK_EQ(r.median, 10000);
	CHECK_EQ(r.samples, BENCH_SAMPLES);
	CHECK(r.count >= 20000);
}

static int report_two(const struct bench_case *c, struct bench_value *values)
{
	const int *n = c->arg;

	values[0] = (struct bench_value){ "requests_per_s", 7 };
	values[1] = (struct bench_value){ "p99_ns", 8 };
	return *n;
}

TEST(a_case_may_report_values_of_its_own)
{
	static const int two = 2, none = 0, failed = -EIO;
	struct bench_case c = { .name = "x",
				.report = report_two,
				.arg = &two };
	struct bench_result r;

	bench_measure(&c, &r);
	CHECK_EQ(r.err, 0);
	CHECK_EQ(r.value_count, 2);
	CHECK_EQ(r.values[1].value, 8);
	c.arg = &none;
	bench_measure(&c, &r);
	CHECK_EQ(r.err, -ETIMEDOUT);
	c.arg = &failed;
	bench_measure(&c, &r);
	CHECK_EQ(r.err, -EIO);
}

static void run_slow(u64 count)
{
	now += count * NSEC_PER_SEC;
}

TEST(slow_operations_get_fewer_samples)
{
	static const struct bench_case c = { .name = "x", .run = run_slow };
	struct bench_result r;

	bench_measure(&c, &r);
	CHECK_EQ(r.count, 2);
	CHECK(r.samples >= 5 && r.samples < 10);
}

static unsigned ended;

static int setup_nothing_there(void)
{
	return -ENODEV;
}

static void note_end(void)
{
	ended++;
}

TEST(a_case_that_cannot_be_set_up_is_left_out)
{
	static const struct bench_case c = {
		.name = "x",
		.setup = setup_nothing_there,
		.run = run_10ns,
		.teardown = note_end,
	};
	struct bench_result r;

	ended = 0;
	bench_measure(&c, &r);
	CHECK_EQ(r.err, -ENODEV);
	CHECK_EQ(ended, 0);
}

static u64 sample_nothing(void)
{
	return BENCH_NONE;
}

TEST(samples_that_never_come_about_are_an_error)
{
	static const struct bench_case c = {
		.name = "x",
		.sample = sample_nothing,
		.teardown = note_end,
	};
	struct bench_result r;

	ended = 0;
	bench_measure(&c, &r);
	CHECK_EQ(r.err, -ETIMEDOUT);
	CHECK_EQ(ended, 1);
}
