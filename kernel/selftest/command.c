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

/* Join the arguments with commas into @spec. 0 or -E2BIG. */
static int join_names(char *spec, size_t size, char **names)
{
	size_t used = 0;

	spec[0] = '\0';
	for (; *names; names++) {
		long n = strscpy(spec + used, *names, size - used);

		if (n < 0 || used + (size_t)n + 2 > size)
			return -E2BIG;
		used += (size_t)n;
		strscpy(spec + used, names[1] ? "," : "", size - used);
		used += names[1] != NULL;
	}
	return 0;
}

static void list_suites(void)
{
	table_for_each (const struct selftest_suite, selftest, it) {
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
	char spec[SPEC_BYTES];
	int ret;

	if (argc == 2 && strcmp(argv[1], "-l") == 0) {
		list_suites();
		return 0;
	}
	if (argc > 1 && argv[1][0] == '-')
		return -EINVAL;
	ret = join_names(spec, sizeof(spec),
			 argc > 1 ? argv + 1 : (char *[]){ "all", NULL });
	if (ret)
		return ret;
	selftest_run(spec, &totals);
	return 0;
}

/* Index 0 is the word that is no suite. */
static const char *complete_selftest(unsigned n)
{
	if (n == 0)
		return "all";
	return n <= table_count(selftest) ? __table_selftest_start[n - 1]->name
					  : NULL;
}

SHELL_COMMAND_COMPLETE(selftest, "[-l | all | SUITE[.CASE]...]",
		       "Run self-tests (all by default); -l lists them",
		       command_selftest, complete_selftest);
