/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs self-tests and reports them as KTAP version 1 (Linux's
 * Documentation/dev-tools/ktap.rst): each level of nesting is indented by two
 * spaces and begins with its own version and plan lines.
 */
#include <stdarg.h>
#include <kernel/ctype.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "runner.h"

#define KTAP_INDENT 2 /* columns a level */

#define SELFTEST_NAME_MAX   64
#define SELFTEST_REASON_MAX 96

enum outcome {
	OUTCOME_PASS,
	OUTCOME_FAIL,
	OUTCOME_SKIP,
};

struct selftest {
	struct ktap *ktap;
	const char *name;
	bool failed;
	bool skipped;
	char reason[SELFTEST_REASON_MAX]; /* why it was skipped */
};

/* What stays the same all through one run. */
struct run {
	struct ktap *ktap;
	const struct selftest_set *set;
	const char *spec;
	struct selftest_totals *totals;
};

/* One line means one line: what is not printable would break the report. */
static void blank_unprintable(char *s)
{
	for (; *s; s++) {
		if (!is_print(*s))
			*s = ' ';
	}
}

/* Print one line, cut to what one log record holds. */
static __printf(2, 0) void ktap_vprint(struct ktap *ktap, const char *fmt,
				       va_list ap)
{
	size_t indent = (size_t)ktap->depth * KTAP_INDENT;
	char text[LOG_TEXT_MAX];

	memset(text, ' ', indent);
	vsnprintf(text + indent, sizeof(text) - indent, fmt, ap);
	blank_unprintable(text);
	ktap->line(ktap, text);
}

static __printf(2, 3) void ktap_print(struct ktap *ktap, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ktap_vprint(ktap, fmt, ap);
	va_end(ap);
}

/* A "#" in a name would begin a directive. */
static const char *ktap_name(char *buf, const char *name)
{
	strscpy(buf, name, SELFTEST_NAME_MAX);
	for (char *p = buf; *p; p++) {
		if (*p == '#')
			*p = '?';
	}
	return buf;
}

static void ktap_result(struct ktap *ktap, unsigned number, const char *name,
			enum outcome outcome, const char *reason)
{
	char shown[SELFTEST_NAME_MAX];

	ktap_name(shown, name);
	if (outcome == OUTCOME_SKIP)
		ktap_print(ktap, "ok %u %s # SKIP %s", number, shown, reason);
	else
		ktap_print(ktap, "%s %u %s",
			   outcome == OUTCOME_PASS ? "ok" : "not ok", number,
			   shown);
}

/* Print a "# ..." line of @t: "# name: where: text". */
static __printf(3, 0) void diagnostic(struct selftest *t, const char *where,
				      const char *fmt, va_list ap)
{
	char text[LOG_TEXT_MAX];
	char shown[SELFTEST_NAME_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	ktap_print(t->ktap, "# %s: %s%s", ktap_name(shown, t->name), where,
		   text);
}

void selftest_fail(struct selftest *t, const char *file, int line,
		   const char *fmt, ...)
{
	char where[SELFTEST_NAME_MAX];
	va_list ap;

	t->failed = true;
	snprintf(where, sizeof(where), "%s:%d: ", file, line);
	va_start(ap, fmt);
	diagnostic(t, where, fmt, ap);
	va_end(ap);
}

void selftest_skip(struct selftest *t, const char *fmt, ...)
{
	va_list ap;

	t->skipped = true;
	va_start(ap, fmt);
	vsnprintf(t->reason, sizeof(t->reason), fmt, ap);
	va_end(ap);
}

void selftest_note(struct selftest *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diagnostic(t, "", fmt, ap);
	va_end(ap);
}

bool selftest_failed(const struct selftest *t)
{
	return t->failed;
}

/* A failure counts even in a case that was then skipped. */
static enum outcome case_outcome(const struct selftest *t)
{
	if (t->failed)
		return OUTCOME_FAIL;
	return t->skipped ? OUTCOME_SKIP : OUTCOME_PASS;
}

static void count(struct selftest_totals *totals, enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_PASS: totals->pass++; break;
	case OUTCOME_FAIL: totals->fail++; break;
	case OUTCOME_SKIP: totals->skip++; break;
	}
}

/* Run a case that is a function, or refuse one that is nothing runnable. */
static void run_function(struct run *run, const struct selftest_case *c,
			 unsigned number)
{
	struct selftest t = { .ktap = run->ktap, .name = c->name };
	enum outcome outcome;

	if (c->suite)
		selftest_fail(&t, __FILE__, __LINE__,
			      "nested deeper than %d levels",
			      SELFTEST_MAX_DEPTH);
	else if (!c->run)
		selftest_fail(&t, __FILE__, __LINE__,
			      "neither a function nor a suite");
	else
		c->run(&t);
	outcome = case_outcome(&t);
	count(run->totals, outcome);
	ktap_result(run->ktap, number, c->name, outcome, t.reason);
}

static bool selected(const struct run *run, const struct selftest_path *suite,
		     const struct selftest_case *c)
{
	struct selftest_path path = { .parent = suite, .name = c->name };

	return selftest_selects(run->set, run->spec, &path);
}

static unsigned count_selected(const struct run *run,
			       const struct selftest_path *path,
			       const struct selftest_suite *suite)
{
	unsigned n = 0;

	for (const struct selftest_case *c = suite->cases; c->name; c++)
		n += selected(run, path, c);
	return n;
}

/* Run the selected cases of the suite at @path as test @number around it. */
static void run_suite(struct run *run, const struct selftest_path *path,
		      const struct selftest_suite *suite, unsigned number)
{
	struct selftest_totals before = *run->totals;
	enum outcome outcome = OUTCOME_SKIP;
	char shown[SELFTEST_NAME_MAX];
	unsigned n = 0;

	run->ktap->depth++;
	ktap_print(run->ktap, "KTAP version 1");
	ktap_print(run->ktap, "# Subtest: %s", ktap_name(shown, path->name));
	ktap_print(run->ktap, "1..%u", count_selected(run, path, suite));
	for (const struct selftest_case *c = suite->cases; c->name; c++) {
		struct selftest_path sub = { .parent = path, .name = c->name };

		if (!selected(run, path, c))
			continue;
		if (c->suite && run->ktap->depth <= SELFTEST_MAX_DEPTH)
			run_suite(run, &sub, c->suite, ++n);
		else
			run_function(run, c, ++n);
	}
	run->ktap->depth--;

	if (run->totals->fail != before.fail)
		outcome = OUTCOME_FAIL;
	else if (run->totals->pass != before.pass)
		outcome = OUTCOME_PASS;
	ktap_result(run->ktap, number, path->name, outcome, "no case was run");
}

static struct selftest_path top_path(const struct selftest_suite *suite)
{
	return (struct selftest_path){
		.name = suite->name,
		.in_all = !(suite->flags & SELFTEST_MANUAL),
	};
}

/* How many results there will be at top level: suites and unknown names. */
static unsigned count_top(const struct run *run)
{
	const char *spec = run->spec;
	struct selftest_item item;
	unsigned n = 0;

	table_for_each_in(const struct selftest_suite, selftest_walk(run->set),
			  it)
	{
		struct selftest_path path = top_path(*it);

		n += selftest_selects(run->set, run->spec, &path);
	}
	while (selftest_next_item(&spec, &item))
		n += !selftest_item_exists(run->set, &item);
	return n;
}

/* A misspelt name must not look like a run in which all is well. */
static void fail_unknown(struct run *run, unsigned number)
{
	const char *spec = run->spec;
	struct selftest_item item;

	while (selftest_next_item(&spec, &item)) {
		char name[SELFTEST_NAME_MAX];

		if (selftest_item_exists(run->set, &item))
			continue;
		strscpy(name, item.text, MIN(item.length + 1, sizeof(name)));
		ktap_print(run->ktap, "# no suite or case has this name");
		ktap_result(run->ktap, ++number, name, OUTCOME_FAIL, "");
		run->totals->fail++;
	}
}

/* True if @spec asks for anything at all, be it unknown. */
static bool asks_for_something(const char *spec)
{
	struct selftest_item item;

	while (selftest_next_item(&spec, &item)) {
		if (item.length != 4 || memcmp(item.text, "none", 4) != 0)
			return true;
	}
	return false;
}

bool selftest_run_set(struct ktap *ktap, const struct selftest_set *set,
		      const char *spec, struct selftest_totals *totals)
{
	struct run run = { ktap, set, spec, totals };
	const struct selftest_suite *suite = NULL;
	unsigned n = 0;

	*totals = (struct selftest_totals){ 0 };
	ktap->depth = 0;
	if (!asks_for_something(spec))
		return true;
	ktap_print(ktap, "KTAP version 1");
	ktap_print(ktap, "1..%u", count_top(&run));
	while ((suite = table_next_by_name_in(selftest_walk(set), suite))) {
		struct selftest_path path = top_path(suite);

		if (selftest_selects(set, spec, &path))
			run_suite(&run, &path, suite, ++n);
	}
	fail_unknown(&run, n);
	ktap_print(ktap,
		   "# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0",
		   totals->pass, totals->fail, totals->skip);
	return totals->fail == 0;
}

static void line_to_log(struct ktap *ktap __unused, const char *text)
{
	printk(LOG_NOTICE, LOG_PLAIN | LOG_ALWAYS, "%s", text);
}

bool selftest_run(const char *spec, struct selftest_totals *totals)
{
	struct ktap ktap = { .line = line_to_log };
	struct selftest_set set = {
		.begin = __table_selftest_start,
		.end = __table_selftest_end,
		.added = &__table_selftest,
	};

	return selftest_run_set(&ktap, &set, spec, totals);
}
