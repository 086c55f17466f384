/* SPDX-License-Identifier: BSD-2-Clause */
#include "measure.h"
#include <kernel/errno.h>
#include <kernel/time.h>

#define PS_PER_NS 1000ULL

/* Policy: a batch of this length hides what reading the clock costs. */
#define BATCH_NS 1000000ULL
/* A batch of one may be longer; then fewer samples must do. */
#define CASE_NS_MAX NSEC_PER_SEC
#define SAMPLES_MIN 5

void bench_statistics(u64 *values, unsigned n, struct bench_result *result)
{
	for (unsigned i = 1; i < n; i++) {
		u64 value = values[i];
		unsigned at = i;

		for (; at > 0 && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
	result->samples = n;
	result->minimum = values[0];
	result->quartile1 = values[n / 4];
	result->median = values[n / 2];
	result->quartile3 = values[(3 * n) / 4];
	result->maximum = values[n - 1];
}

u64 bench_spread(const struct bench_result *result)
{
	u64 width = result->quartile3 - result->quartile1;

	return result->median
		       ? (width * 100 + result->median - 1) / result->median
		       : 0;
}

static u64 time_batch(const struct bench_case *c, u64 count)
{
	u64 start = time_ns();

	c->run(count);
	return time_ns() - start;
}

/* How many operations make a batch long enough. Warms up as well. */
static u64 choose_count(const struct bench_case *c)
{
	u64 count = 2;

	while (count < BIT64(32) && time_batch(c, count) < BATCH_NS)
		count *= 2;
	return count;
}

static u64 take_sample(const struct bench_case *c, u64 count)
{
	u64 ns;

	if (c->run)
		return time_batch(c, count) * PS_PER_NS / count;
	ns = c->sample();
	return ns == BENCH_NONE ? BENCH_NONE : ns * PS_PER_NS;
}

static unsigned take_samples(const struct bench_case *c, u64 count, u64 *values)
{
	u64 start = time_ns();
	unsigned n = 0;

	for (unsigned tries = 0; tries < BENCH_SAMPLES; tries++) {
		if (n >= SAMPLES_MIN && time_ns() - start > CASE_NS_MAX)
			break;
		values[n] = take_sample(c, count);
		n += values[n] != BENCH_NONE;
	}
	return n;
}

static int take_values(const struct bench_case *c, struct bench_result *result)
{
	int n = c->report(c, result->values);

	if (n <= 0)
		return n ? n : -ETIMEDOUT;
	result->value_count = (unsigned)n;
	return 0;
}

static int measure(const struct bench_case *c, struct bench_result *result)
{
	u64 values[BENCH_SAMPLES];
	unsigned n;

	if (c->report)
		return take_values(c, result);
	if (c->run)
		result->count = choose_count(c);
	n = take_samples(c, result->count, values);
	if (!n)
		return -ETIMEDOUT;
	bench_statistics(values, n, result);
	return 0;
}

void bench_measure(const struct bench_case *c, struct bench_result *result)
{
	*result = (struct bench_result){ .count = 1 };
	if (c->setup)
		result->err = c->setup();
	if (result->err)
		return;
	result->err = measure(c, result);
	if (c->teardown)
		c->teardown();
}
