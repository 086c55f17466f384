/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's `selftest`. */
#include <kernel/errno.h>
#include <kernel/console.h>
#include <kernel/selftest.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

/* Bytes of all names together, which is more than a command line holds. */
#define SPEC_BYTES 512

static void list_suites(void)
{
	table_for_each(const struct selftest_suite, selftest, it) {
		console_printf("%s%s\n", (*it)->name,
			       (*it)->flags & SELFTEST_MANUAL
				       ? " (only when named)"
				       : "");
		for (const struct selftest_case *c = (*it)->cases; c->name; c++)
			console_printf("  %s.%s\n", (*it)->name, c->name);
	}
}

/* A failed test is an answer, not a command that went wrong. */
static int command_selftest(int argc, char **argv)
{
	struct selftest_totals totals;
	char spec[SPEC_BYTES] = "all";

	if (argc == 2 && strcmp(argv[1], "-l") == 0) {
		list_suites();
		return 0;
	}
	if (argc > 1 && argv[1][0] == '-')
		return -EINVAL;
	if (argc > 1 && str_join(spec, sizeof(spec), argv + 1, ',') < 0)
		return -E2BIG;
	selftest_run(spec, &totals);
	return 0;
}

/* Index 0 is the word that is no suite. */
static const char *complete_selftest(unsigned n)
{
	const struct selftest_suite *suite;

	if (n == 0)
		return "all";
	suite = table_entry(const struct selftest_suite, selftest, n - 1);
	return suite ? suite->name : NULL;
}

SHELL_COMMAND_COMPLETE(selftest, "[-l | all | SUITE[.CASE]...]",
		       "Run self-tests (all by default); -l lists them",
		       command_selftest, complete_selftest);
