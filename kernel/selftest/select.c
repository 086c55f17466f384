/* SPDX-License-Identifier: BSD-2-Clause */
/* Which suites and cases a list like "virt,printk.levels" means. */
#include <kernel/string.h>
#include "runner.h"

bool selftest_next_item(const char **spec, struct selftest_item *item)
{
	const char *s = *spec;

	while (*s == ',')
		s++;
	item->text = s;
	while (*s && *s != ',')
		s++;
	item->length = (size_t)(s - item->text);
	*spec = s;
	return item->length != 0;
}

static bool item_is(const struct selftest_item *item, const char *word)
{
	return item->length == strlen(word) &&
	       memcmp(item->text, word, item->length) == 0;
}

/*
 * If @name is the first component of the dotted text from @at to @end, return
 * where it ends (a dot, or @end), else NULL.
 */
static const char *after_component(const char *at, const char *end,
				   const char *name)
{
	size_t n = strlen(name);

	if ((size_t)(end - at) < n || memcmp(at, name, n) != 0)
		return NULL;
	at += n;
	return at == end || *at == '.' ? at : NULL;
}

static const struct selftest_case *find_case(const struct selftest_suite *suite,
					     const char **at, const char *end)
{
	for (const struct selftest_case *c = suite->cases; c->name; c++) {
		const char *rest = after_component(*at, end, c->name);

		if (rest) {
			*at = rest;
			return c;
		}
	}
	return NULL;
}

/* True if what follows a suite's name, from @at to @end, is in the suite. */
static bool exists_in_suite(const struct selftest_suite *suite, const char *at,
			    const char *end)
{
	while (at != end) {
		const struct selftest_case *c;

		if (!suite)
			return false;
		at++;
		c = find_case(suite, &at, end);
		if (!c)
			return false;
		suite = c->suite;
	}
	return true;
}

bool selftest_item_exists(const struct selftest_set *set,
			  const struct selftest_item *item)
{
	const char *end = item->text + item->length;

	if (item_is(item, "all") || item_is(item, "none"))
		return true;
	table_for_each_in(const struct selftest_suite, selftest_walk(set), it)
	{
		const char *at = after_component(item->text, end, (*it)->name);

		if (at && exists_in_suite(*it, at, end))
			return true;
	}
	return false;
}

/*
 * Return what @item says beyond @path: its end when it names @path or
 * something around it, a dot when it goes deeper, NULL when elsewhere.
 */
static const char *beyond_path(const struct selftest_item *item,
			       const struct selftest_path *path)
{
	const char *end = item->text + item->length;
	const char *at = item->text;

	if (path->parent) {
		at = beyond_path(item, path->parent);
		if (!at || at == end)
			return at;
		at++;
	} else if (path->in_all && item_is(item, "all")) {
		return end;
	}
	return after_component(at, end, path->name);
}

bool selftest_selects(const struct selftest_set *set, const char *spec,
		      const struct selftest_path *path)
{
	struct selftest_item item;

	while (selftest_next_item(&spec, &item)) {
		const char *at = beyond_path(&item, path);

		if (!at)
			continue;
		/* Do not open a suite for a case that is not in it. */
		if (at == item.text + item.length ||
		    selftest_item_exists(set, &item))
			return true;
	}
	return false;
}
