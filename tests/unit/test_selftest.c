/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel/selftest: the report, to the letter, of suites whose outcome is
 * known; and what `selftest=` and `exit` do.
 */
#include "unit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <kernel/param.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "../../kernel/selftest/runner.h"

static char log_text[65536];

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	size_t used = strlen(log_text);
	va_list ap;

	(void)level;
	(void)flags;
	va_start(ap, fmt);
	vsnprintf(log_text + used, sizeof(log_text) - used, fmt, ap);
	va_end(ap);
	used = strlen(log_text);
	snprintf(log_text + used, sizeof(log_text) - used, "\n");
}

static jmp_buf at_exit;

void machine_exit(bool success)
{
	longjmp(at_exit, success ? 1 : 2);
}

/* The report of test_run(), as lines. */
static char report[65536];

static void add_line(struct ktap *ktap, const char *text)
{
	size_t used = strlen(report);

	(void)ktap;
	snprintf(report + used, sizeof(report) - used, "%s\n", text);
}

static void passes(struct selftest *t)
{
	EXPECT(t, 1 + 1 == 2);
	EXPECT_EQ(t, 1 + 1, 2);
}

static void fails(struct selftest *t)
{
	selftest_fail(t, "file.c", 12, "%d is not %d", 1, 2);
	selftest_fail(t, "file.c", 13, "nor is it\n3");
}

static void skips(struct selftest *t)
{
	selftest_skip(t, "no %s\nhere", "TPM");
}

static void notes(struct selftest *t)
{
	selftest_note(t, "took %u ns", 5U);
}

static void fails_and_skips(struct selftest *t)
{
	CHECK(!selftest_failed(t));
	selftest_fail(t, "file.c", 14, "first");
	CHECK(selftest_failed(t));
	skips(t);
}

static void is_wordy(struct selftest *t)
{
	char text[1000];

	memset(text, 'w', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	selftest_note(t, "%s", text);
}

static const struct selftest_case inner_cases[] = {
	{ .name = "passes", .run = passes },
	{ .name = "fails", .run = fails },
	{},
};
static const struct selftest_suite inner = { .name = "inner",
					     .cases = inner_cases };

static const struct selftest_case zoo_cases[] = {
	{ .name = "passes", .run = passes },  { .name = "fails", .run = fails },
	{ .name = "skips", .run = skips },    { .name = "notes", .run = notes },
	{ .name = "inner", .suite = &inner }, {},
};
static const struct selftest_suite zoo = { .name = "zoo", .cases = zoo_cases };

static const struct selftest_case good_cases[] = {
	{ .name = "passes", .run = passes },
	{ .name = "skips", .run = skips },
	{},
};
static const struct selftest_suite good = { .name = "good",
					    .cases = good_cases };

static const struct selftest_case odd_cases[] = {
	{ .name = "fails-and-skips", .run = fails_and_skips },
	{ .name = "is # SKIP\nnot ok 1", .run = passes },
	{ .name = "nothing" },
	{ .name = "wordy", .run = is_wordy },
	{},
};
static const struct selftest_suite odd = { .name = "odd",
					   .cases = odd_cases,
					   .flags = SELFTEST_MANUAL };

static const struct selftest_case no_cases[] = { {} };
static const struct selftest_suite empty = { .name = "empty",
					     .cases = no_cases,
					     .flags = SELFTEST_MANUAL };

static const struct selftest_suite endless;
static const struct selftest_case endless_cases[] = {
	{ .name = "again", .suite = &endless },
	{},
};
static const struct selftest_suite endless = { .name = "endless",
					       .cases = endless_cases,
					       .flags = SELFTEST_MANUAL };

static const struct selftest_suite *const suites[] = { &zoo, &good, &odd,
						       &empty, &endless };

static struct selftest_totals totals;

/* Run @spec; the report and totals are left above. */
static bool run(const char *spec)
{
	struct ktap ktap = { .line = add_line };
	struct selftest_set set = { suites, suites + ARRAY_SIZE(suites), NULL };
	bool success;

	report[0] = '\0';
	success = selftest_run_set(&ktap, &set, spec, &totals);
	CHECK_EQ(success, totals.fail == 0);
	CHECK_EQ(ktap.depth, 0);
	return success;
}

static void check_totals(unsigned pass, unsigned fail, unsigned skip)
{
	CHECK_EQ(totals.pass, pass);
	CHECK_EQ(totals.fail, fail);
	CHECK_EQ(totals.skip, skip);
}

TEST(report_has_every_outcome_and_sorted_suites)
{
	CHECK(!run("all"));
	check_totals(4, 2, 2);
	CHECK_STR(report,
		  "KTAP version 1\n"
		  "1..2\n"
		  "  KTAP version 1\n"
		  "  # Subtest: good\n"
		  "  1..2\n"
		  "  ok 1 passes\n"
		  "  ok 2 skips # SKIP no TPM here\n"
		  "ok 1 good\n"
		  "  KTAP version 1\n"
		  "  # Subtest: zoo\n"
		  "  1..5\n"
		  "  ok 1 passes\n"
		  "  # fails: file.c:12: 1 is not 2\n"
		  "  # fails: file.c:13: nor is it 3\n"
		  "  not ok 2 fails\n"
		  "  ok 3 skips # SKIP no TPM here\n"
		  "  # notes: took 5 ns\n"
		  "  ok 4 notes\n"
		  "    KTAP version 1\n"
		  "    # Subtest: inner\n"
		  "    1..2\n"
		  "    ok 1 passes\n"
		  "    # fails: file.c:12: 1 is not 2\n"
		  "    # fails: file.c:13: nor is it 3\n"
		  "    not ok 2 fails\n"
		  "  not ok 5 inner\n"
		  "not ok 2 zoo\n"
		  "# Totals: pass:4 fail:2 xfail:0 xpass:0 skip:2 error:0\n");
}

TEST(one_case_runs_alone)
{
	CHECK(run("zoo.inner.passes"));
	check_totals(1, 0, 0);
	CHECK_STR(report,
		  "KTAP version 1\n"
		  "1..1\n"
		  "  KTAP version 1\n"
		  "  # Subtest: zoo\n"
		  "  1..1\n"
		  "    KTAP version 1\n"
		  "    # Subtest: inner\n"
		  "    1..1\n"
		  "    ok 1 passes\n"
		  "  ok 1 inner\n"
		  "ok 1 zoo\n"
		  "# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:0\n");
}

TEST(names_choose_suites_cases_and_nested_suites)
{
	CHECK(run("good"));
	check_totals(1, 0, 1);
	CHECK(run("zoo.passes,zoo.notes"));
	check_totals(2, 0, 0);
	CHECK(!run("zoo.inner"));
	check_totals(1, 1, 0);
	CHECK(!run("zoo,zoo.passes,zoo"));
	check_totals(3, 2, 1);
	CHECK(run(",,good,,"));
	check_totals(1, 0, 1);
	CHECK(run("good,none"));
	check_totals(1, 0, 1);
	CHECK(!run("all,odd.fails-and-skips"));
	check_totals(4, 3, 2);
}

TEST(nothing_is_run_when_nothing_is_asked_for)
{
	static const char *const specs[] = { "", "none", ",", "none,,none" };

	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		CHECK(run(specs[i]));
		check_totals(0, 0, 0);
		CHECK_STR(report, "");
	}
}

TEST(an_unknown_name_is_a_failure)
{
	CHECK(!run("goo,good.,#x,zoo.inner.none"));
	check_totals(0, 4, 0);
	CHECK_STR(report,
		  "KTAP version 1\n"
		  "1..4\n"
		  "# no suite or case has this name\n"
		  "not ok 1 goo\n"
		  "# no suite or case has this name\n"
		  "not ok 2 good.\n"
		  "# no suite or case has this name\n"
		  "not ok 3 ?x\n"
		  "# no suite or case has this name\n"
		  "not ok 4 zoo.inner.none\n"
		  "# Totals: pass:0 fail:4 xfail:0 xpass:0 skip:0 error:0\n");
	CHECK(!run("good,zoo.passes.deeper"));
	check_totals(1, 1, 1);
	CHECK(strstr(report, "\n1..2\n"));
	CHECK(!run("ALL"));
	check_totals(0, 1, 0);
}

TEST(a_very_long_unknown_name_is_cut)
{
	char name[2000];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	CHECK(!run(name));
	check_totals(0, 1, 0);
}

TEST(a_failure_stays_one_when_the_case_then_skips)
{
	CHECK(!run("odd.fails-and-skips"));
	check_totals(0, 1, 0);
	CHECK(strstr(report, "\n  not ok 1 fails-and-skips\n"));
}

TEST(a_name_cannot_forge_a_result)
{
	CHECK(!run("odd"));
	CHECK(strstr(report, "\n  ok 2 is ? SKIP not ok 1\n"));
}

TEST(a_case_that_is_nothing_fails)
{
	CHECK(!run("odd.nothing"));
	check_totals(0, 1, 0);
	CHECK(strstr(report, "neither a function nor a suite"));
}

TEST(a_long_note_is_one_cut_line)
{
	const char *note;

	CHECK(run("odd.wordy"));
	note = strstr(report, "  # wordy: www");
	CHECK(note);
	CHECK(note && strcspn(note, "\n") < LOG_TEXT_MAX);
}

TEST(a_suite_without_cases_has_not_passed)
{
	CHECK(run("empty"));
	check_totals(0, 0, 0);
	CHECK(strstr(report, "  1..0\nok 1 empty # SKIP no case was run\n"));
}

TEST(a_suite_within_itself_is_cut_off)
{
	CHECK(!run("endless"));
	check_totals(0, 1, 0);
	CHECK(strstr(report, "nested deeper than 4 levels"));
}

/* Boot with @cmdline. 1 or 2: left the machine as success, as failure. */
static int boot(const char *cmdline)
{
	static char line[256];
	volatile bool result = false;
	int left;

	snprintf(line, sizeof(line), "selftest=none exit=n %s", cmdline);
	CHECK_EQ(param_parse(line), 0);
	log_text[0] = '\0';
	left = setjmp(at_exit);
	if (!left)
		result = selftest_boot();
	return left ? left : result ? 10 : 20;
}

TEST(boot_runs_nothing_by_default)
{
	CHECK_EQ(boot(""), 10);
	CHECK_STR(log_text, "");
	CHECK(!selftest_exit_requested());
	CHECK_EQ(boot("exit"), 1);
	CHECK(selftest_exit_requested());
	CHECK_STR(log_text, "");
}

TEST(boot_leaves_with_the_result)
{
	CHECK_EQ(boot("selftest=all"), 10);
	CHECK(strstr(log_text, "\nok 1 selftest\n"));
	CHECK(!strstr(log_text, "broken"));
	CHECK_EQ(boot("selftest=all exit"), 1);
	CHECK_EQ(boot("selftest=nonsense exit"), 2);
	CHECK_EQ(boot("selftest=nonsense"), 20);
}

TEST(the_broken_suite_is_seen_to_fail)
{
	CHECK_EQ(boot("selftest=broken exit"), 2);
	CHECK(strstr(log_text, "\nnot ok 1 broken\n# Totals: pass:2 fail:3 "
			       "xfail:0 xpass:0 skip:1 error:0\n"));
	CHECK(strstr(log_text, "\n  not ok 5 nested\n"));
}
