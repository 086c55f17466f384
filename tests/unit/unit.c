/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runner that every unit test program shares. It runs all tests, or those
 * named as arguments, and ends with the line "NAME: N passed, N failed" and
 * status 0 if none failed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "unit.h"

static struct unit_test *tests, **tests_end = &tests;
static bool failed;

void unit_register(struct unit_test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

bool unit_check(bool ok, const char *file, int line, const char *text)
{
	if (!ok) {
		failed = true;
		printf("%s:%d: expected: %s\n", file, line, text);
	}
	return ok;
}

bool unit_check_eq(uint64_t a, uint64_t b, const char *file, int line,
		   const char *a_text, const char *b_text)
{
	if (a != b) {
		failed = true;
		printf("%s:%d: %s is %" PRIu64 " (%#" PRIx64 "), expected %s ="
		       " %" PRIu64 " (%#" PRIx64 ")\n",
		       file, line, a_text, a, a, b_text, b, b);
	}
	return a == b;
}

bool unit_check_str(const char *a, const char *b, const char *file, int line,
		    const char *a_text)
{
	bool ok = a && b ? !strcmp(a, b) : a == b;

	if (!ok) {
		failed = true;
		printf("%s:%d: %s is \"%s\", expected \"%s\"\n", file, line,
		       a_text, a ? a : "(null)", b ? b : "(null)");
	}
	return ok;
}

bool unit_check_mem(const void *a, const void *b, uint64_t size,
		    const char *file, int line, const char *a_text)
{
	const unsigned char *x = a, *y = b;

	for (uint64_t i = 0; i < size; i++) {
		if (x[i] == y[i])
			continue;
		failed = true;
		printf("%s:%d: byte %" PRIu64 " of %s is %#x, expected %#x\n",
		       file, line, i, a_text, x[i], y[i]);
		return false;
	}
	return true;
}

static bool is_wanted(const char *name, int count, char **names)
{
	for (int i = 0; i < count; i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return count == 0;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	unsigned passes = 0, failures = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (struct unit_test *t = tests; t; t = t->next) {
		if (!is_wanted(t->name, argc - 1, argv + 1))
			continue;
		failed = false;
		t->run();
		if (failed)
			printf("not ok: %s\n", t->name);
		failures += failed;
		passes += !failed;
	}
	if (passes + failures == 0) {
		printf("no test of that name\n");
		failures = 1;
	}
	printf("%s: %u passed, %u failed\n", slash ? slash + 1 : argv[0],
	       passes, failures);
	return failures != 0;
}
