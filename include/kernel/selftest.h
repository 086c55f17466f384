/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In-kernel self-tests, reported as KTAP version 1. A suite is a list of
 * cases; a case is a function or a nested suite. Suites register themselves
 * and run in order of their names. Without CONFIG_SELFTEST nothing of them is
 * left in the kernel.
 *
 *	static void test_sum(struct selftest *t)
 *	{
 *		EXPECT_EQ(t, 1 + 1, 2);
 *	}
 *	static const struct selftest_case sum_cases[] = {
 *		{ "adds", test_sum },
 *		{}
 *	};
 *	SELFTEST_SUITE(sum, "sum", sum_cases, 0);
 */
#pragma once

#include <kernel/table.h>

struct selftest; /* one running case; the runner's */
struct selftest_suite;

struct selftest_case {
	/* Words joined by "-", without "." and ","; NULL ends the list. */
	const char *name;
	void (*run)(struct selftest *t);
	const struct selftest_suite *suite; /* instead of run: nested */
};

enum selftest_flags {
	/* Not part of "all": runs only when named. */
	SELFTEST_MANUAL = BIT(0),
};

struct selftest_suite {
	const char *name; /* as a case's */
	const struct selftest_case *cases;
	unsigned flags;
};

TABLE_DECLARE_OPEN(const struct selftest_suite, selftest);

#ifdef CONFIG_SELFTEST
# define __SELFTEST_REGISTER(id)                         \
  TABLE_ENTRY(const struct selftest_suite, selftest, id, \
	      __concat(selftest_suite_, id))
#else
/* Nothing refers to the suite: the compiler drops it and all its cases. */
# define __SELFTEST_REGISTER(id) _Static_assert(1, "not built in")
#endif

/** Define suite @id with name @n and register it at top level. */
#define SELFTEST_SUITE(id, n, c, f)                                            \
 static const struct selftest_suite __unused __concat(selftest_suite_, id) = { \
	 .name = n, .cases = c, .flags = f                                     \
 };                                                                            \
 __SELFTEST_REGISTER(id)

/** The running case failed; go on. Prints a "# ..." line. */
void selftest_fail(struct selftest *t, const char *file, int line,
		   const char *fmt, ...) __printf(4, 5);
/** The case could not be tested here, for this reason; return after it. */
void selftest_skip(struct selftest *t, const char *fmt, ...) __printf(2, 3);
/** A "# ..." line: something worth reading beside the result. */
void selftest_note(struct selftest *t, const char *fmt, ...) __printf(2, 3);
/** True if the case has failed so far. */
bool selftest_failed(const struct selftest *t);

/** Fail unless @cond; evaluates to the condition, so a test can return. */
#define EXPECT(t, cond)                                  \
 ({                                                      \
bool __ok = (cond);                                           \
if (!__ok)                                                    \
selftest_fail(t, __FILE__, __LINE__, "expected: %s", #cond); \
__ok;                                                         \
 })

/** Fail, showing both values, unless the integers @a and @b are equal. */
#define EXPECT_EQ(t, a, b)                                                    \
 ({                                                                           \
unsigned long long __a = (unsigned long long)(a);                                  \
unsigned long long __b = (unsigned long long)(b);                                  \
if (__a != __b)                                                                    \
selftest_fail(t, __FILE__, __LINE__, "%s is %#llx, expected %s = %#llx", #a, __a, \
    #b, __b);                                                                 \
__a == __b;                                                                        \
 })

struct selftest_totals {
	unsigned pass, fail, skip;
};

/**
 * Run the suites that @spec names: "all", "none", or names joined by commas
 * ("virt,printk"; "virt.cpuid" runs one case, which may be a nested suite).
 * Prints KTAP on the log and a total line; prints nothing when nothing is
 * asked for. An unknown name counts as one failure. Fills @totals, which
 * count cases, not suites; returns true when nothing failed.
 */
bool selftest_run(const char *spec, struct selftest_totals *totals);

/**
 * Run what `selftest=` asks for (nothing by default), and with `exit` leave
 * the machine with the result. Returns it otherwise: true when nothing
 * failed. Called once, when the boot is complete. There also without
 * CONFIG_SELFTEST, where asking for a test is a failure.
 */
bool selftest_boot(void);

/** True when `exit` is on the command line: a harness waits for a result. */
bool selftest_exit_requested(void);
