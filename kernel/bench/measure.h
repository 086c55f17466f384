/* SPDX-License-Identifier: BSD-2-Clause */
/* One case, measured. */
#pragma once

#include <kernel/bench.h>

/* Policy: odd, so that the median is one of them. */
#define BENCH_SAMPLES 51

/* A middle half wider than this, in percent of the median, is no result. */
#define BENCH_SPREAD_MAX 20

struct bench_result {
	int err; /* -errno: left out; the rest says nothing */
	unsigned samples;
	u64 count; /* operations in one of them */
	/* Picoseconds for one operation. */
	u64 minimum, quartile1, median, quartile3, maximum;
	/* Instead of all these, of cases that report(). */
	unsigned value_count;
	struct bench_value values[BENCH_VALUES_MAX];
};

/** Take a case's samples: a second at most, if the case itself is bounded. */
void bench_measure(const struct bench_case *c, struct bench_result *result);

/** Fill in the order statistics of @n (1 or more) @values; sorts them. */
void bench_statistics(u64 *values, unsigned n, struct bench_result *result);

/** Width of the middle half in percent of the median, rounded up. */
u64 bench_spread(const struct bench_result *result);
