/* SPDX-License-Identifier: BSD-2-Clause */
/* What the runner's files, and the tests of the runner, share. */
#pragma once

#include <kernel/selftest.h>

/* Nested suites below a top-level one. The stack is what it protects. */
#define SELFTEST_MAX_DEPTH 4

/* Where one run's report goes. */
struct ktap {
	/* Takes one line without its newline. */
	void (*line)(struct ktap *ktap, const char *text);
	unsigned depth; /* the runner's: levels of indentation */
};

/* The suites to choose from, in any order. */
struct selftest_set {
	const struct selftest_suite *const *begin;
	const struct selftest_suite *const *end;
	struct table *added; /* what modules add to them; NULL: nothing */
};

static inline struct table_walk selftest_walk(const struct selftest_set *set)
{
	return (struct table_walk){
		.at = (const void *const *)set->begin,
		.end = (const void *const *)set->end,
		.table = set->added,
	};
}

/* A suite or case and what it is in, up to the top-level suite. */
struct selftest_path {
	const struct selftest_path *parent; /* NULL at top level */
	const char *name;
	bool in_all; /* top level: "all" means it too */
};

/* One name of a list. Not terminated. */
struct selftest_item {
	const char *text;
	size_t length; /* never 0 */
};

/** Cut the next name off the list at *@spec; false at its end. */
bool selftest_next_item(const char **spec, struct selftest_item *item);

/** True if @item is "all" or "none", or names something in @set. */
bool selftest_item_exists(const struct selftest_set *set,
			  const struct selftest_item *item);

/** True if @spec names @path, something it is in, or something in it. */
bool selftest_selects(const struct selftest_set *set, const char *spec,
		      const struct selftest_path *path);

/** As selftest_run(), with the suites of @set, reporting to @ktap. */
bool selftest_run_set(struct ktap *ktap, const struct selftest_set *set,
		      const char *spec, struct selftest_totals *totals);
