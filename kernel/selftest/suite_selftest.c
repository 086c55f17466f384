/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runner, run by itself: suites whose outcome is known run with their
 * report caught, and report and totals are compared with what they must be.
 */
#include <kernel/string.h>
#include "runner.h"

#define CAPTURE_BYTES 1024

/* A report kept in memory instead of printed. */
struct capture {
	struct ktap ktap;
	size_t used;
	char text[CAPTURE_BYTES];
};

/* What does not fit is dropped; the comparison then fails. */
static void capture_line(struct ktap *ktap, const char *text)
{
	struct capture *c = container_of(ktap, struct capture, ktap);
	size_t n = strlen(text);

	if (n + 2 > sizeof(c->text) - c->used)
		return;
	memcpy(c->text + c->used, text, n);
	memcpy(c->text + c->used + n, "\n", 2);
	c->used += n + 1;
}

static void inner_pass(struct selftest *t)
{
	EXPECT(t, true);
}

static void inner_fail(struct selftest *t)
{
	selftest_fail(t, "inner.c", 7, "broken\non purpose");
}

static void inner_skip(struct selftest *t)
{
	selftest_skip(t, "no such device");
}

static const struct selftest_case deep_cases[] = {
	{ .name = "passes", .run = inner_pass },
	{ .name = "fails", .run = inner_fail },
	{},
};

static const struct selftest_suite deep = {
	.name = "deep",
	.cases = deep_cases,
};

static const struct selftest_case mixed_cases[] = {
	{ .name = "passes", .run = inner_pass },
	{ .name = "skips # or\nnot", .run = inner_skip },
	{ .name = "deep", .suite = &deep },
	{},
};

static const struct selftest_suite mixed = {
	.name = "mixed",
	.cases = mixed_cases,
};

static const struct selftest_case quiet_cases[] = {
	{ .name = "skips", .run = inner_skip },
	{},
};

static const struct selftest_suite quiet = {
	.name = "a-quiet-one",
	.cases = quiet_cases,
	.flags = SELFTEST_MANUAL,
};

static const struct selftest_suite *const inner_suites[] = { &mixed, &quiet };

/*
 * Run @spec of the inner suites. The buffer is static because the stack is
 * small; self-tests never run two at a time.
 */
static const char *run_inner(const char *spec, struct selftest_totals *totals)
{
	static struct capture capture;
	static const struct selftest_set set = {
		.begin = inner_suites,
		.end = inner_suites + ARRAY_SIZE(inner_suites),
	};

	capture.ktap.line = capture_line;
	capture.used = 0;
	capture.text[0] = '\0';
	selftest_run_set(&capture.ktap, &set, spec, totals);
	return capture.text;
}

static void expect_report(struct selftest *t, const char *spec,
			  const char *expected,
			  const struct selftest_totals *totals)
{
	struct selftest_totals got;

	EXPECT(t, strcmp(run_inner(spec, &got), expected) == 0);
	EXPECT_EQ(t, got.pass, totals->pass);
	EXPECT_EQ(t, got.fail, totals->fail);
	EXPECT_EQ(t, got.skip, totals->skip);
}

static void test_sees_failure(struct selftest *t)
{
	expect_report(
		t, "all",
		"KTAP version 1\n"
		"1..1\n"
		"  KTAP version 1\n"
		"  # Subtest: mixed\n"
		"  1..3\n"
		"  ok 1 passes\n"
		"  ok 2 skips ? or not # SKIP no such device\n"
		"    KTAP version 1\n"
		"    # Subtest: deep\n"
		"    1..2\n"
		"    ok 1 passes\n"
		"    # fails: inner.c:7: broken on purpose\n"
		"    not ok 2 fails\n"
		"  not ok 3 deep\n"
		"not ok 1 mixed\n"
		"# Totals: pass:2 fail:1 xfail:0 xpass:0 skip:1 error:0\n",
		&(struct selftest_totals){ 2, 1, 1 });
}

static void test_runs_what_is_named(struct selftest *t)
{
	expect_report(
		t, "mixed.deep.passes,a-quiet-one",
		"KTAP version 1\n"
		"1..2\n"
		"  KTAP version 1\n"
		"  # Subtest: a-quiet-one\n"
		"  1..1\n"
		"  ok 1 skips # SKIP no such device\n"
		"ok 1 a-quiet-one # SKIP no case was run\n"
		"  KTAP version 1\n"
		"  # Subtest: mixed\n"
		"  1..1\n"
		"    KTAP version 1\n"
		"    # Subtest: deep\n"
		"    1..1\n"
		"    ok 1 passes\n"
		"  ok 1 deep\n"
		"ok 2 mixed\n"
		"# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:1 error:0\n",
		&(struct selftest_totals){ 1, 0, 1 });
}

static void test_fails_unknown_name(struct selftest *t)
{
	expect_report(
		t, "mixed.nothing",
		"KTAP version 1\n"
		"1..1\n"
		"# no suite or case has this name\n"
		"not ok 1 mixed.nothing\n"
		"# Totals: pass:0 fail:1 xfail:0 xpass:0 skip:0 error:0\n",
		&(struct selftest_totals){ 0, 1, 0 });
}

static void test_runs_nothing(struct selftest *t)
{
	expect_report(t, "none", "", &(struct selftest_totals){ 0, 0, 0 });
	expect_report(t, "", "", &(struct selftest_totals){ 0, 0, 0 });
}

static bool good_name(const char *name)
{
	return *name && !strchr(name, '.') && !strchr(name, ',');
}

/* Two suites of one name could not be told apart in a report. */
static void test_names(struct selftest *t)
{
	table_for_each(const struct selftest_suite, selftest, a) {
		if (!good_name((*a)->name))
			selftest_fail(t, __FILE__, __LINE__,
				      "bad suite name \"%s\"", (*a)->name);
		for (const struct selftest_suite *const *b = a + 1;
		     b < __table_selftest_end; b++) {
			if (strcmp((*a)->name, (*b)->name) == 0)
				selftest_fail(t, __FILE__, __LINE__,
					      "two suites named \"%s\"",
					      (*a)->name);
		}
	}
}

static const struct selftest_case selftest_cases[] = {
	{ .name = "sees-failure", .run = test_sees_failure },
	{ .name = "runs-what-is-named", .run = test_runs_what_is_named },
	{ .name = "fails-unknown-name", .run = test_fails_unknown_name },
	{ .name = "runs-nothing", .run = test_runs_nothing },
	{ .name = "names", .run = test_names },
	{},
};

SELFTEST_SUITE(selftest, "selftest", selftest_cases, 0);
