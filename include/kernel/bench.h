/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Benchmarks inside of the kernel: the `bench` command. A suite is a list of
 * cases, a case is one operation whose cost is measured many times over:
 *
 *	static void read_clock(u64 count)
 *	{
 *		while (count--)
 *			time_ns();
 *	}
 *	static const struct bench_case clock_cases[] = {
 *		{ .name = "clock_read", .run = read_clock },
 *		{}
 *	};
 *	BENCH_SUITE(clock, "clock", clock_cases);
 *
 * The kernel chooses @count so that a batch is long against the cost of
 * reading the clock, and takes the median and the quartiles of many batches.
 * All values are in picoseconds for one operation.
 */
#pragma once

#include <kernel/table.h>

struct bench_case {
	const char *name; /* words joined by "_"; NULL ends the list */
	/*
	 * Before the first batch: 0, or -errno, and the case is left out:
	 * -ENODEV means that this machine does not have what it is about. May
	 * be NULL.
	 */
	int (*setup)(void);
	/* Do the operation @count times. */
	void (*run)(u64 count);
	/*
	 * Instead of run(): do it once. Returns what is to be reported, in
	 * nanoseconds; BENCH_NONE: it did not come about.
	 */
	u64 (*sample)(void);
	/* After the last batch, if setup() went well. May be NULL. */
	void (*teardown)(void);
};

#define BENCH_NONE UINT64_MAX

struct bench_suite {
	const char *name;
	const struct bench_case *cases;
};

TABLE_DECLARE(const struct bench_suite, bench);

#ifdef CONFIG_BENCH
# define __BENCH_REGISTER(id) \
  TABLE_ENTRY(const struct bench_suite, bench, id, __concat(bench_suite_, id))
#else
/* Nothing refers to the suite: the compiler drops it and all its cases. */
# define __BENCH_REGISTER(id) _Static_assert(1, "not built in")
#endif

/** Define suite @id with name @n and register it. */
#define BENCH_SUITE(id, n, c)                                            \
 static const struct bench_suite __unused __concat(bench_suite_,         \
						   id) = { .name = n,    \
							   .cases = c }; \
 __BENCH_REGISTER(id)

/**
 * For setup(): let a thread on each other CPU call @fn all the time, until
 * bench_others_end(). 0; -ENODEV (there is no other CPU) or -ENOMEM or
 * -ETIMEDOUT, with none of them left.
 */
int bench_others_begin(void (*fn)(void));
void bench_others_end(void);
