/* SPDX-License-Identifier: BSD-2-Clause */
/* Linker tables that grow and shrink with modules. */
#include <kernel/device.h>
#include <kernel/module.h>
#include <kernel/param.h>
#include <kernel/selftest.h>
#include <kernel/shell.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>

struct table __table_driver;
struct table __table_module;
struct table __table_param;
struct table __table_selftest;
struct table __table_shell;

const struct table_known open_tables[] = {
	{ "driver", &__table_driver }, { "module", &__table_module },
	{ "param", &__table_param },   { "selftest", &__table_selftest },
	{ "shell", &__table_shell },
};
const size_t open_table_count = ARRAY_SIZE(open_tables);
_Static_assert(ARRAY_SIZE(open_tables) <= OPEN_TABLES_MAX, "open tables");

/*
 * Protects the lists of segments and their users. A segment with users stays
 * in its list, so a visitor that stands on it finds the way on.
 */
static struct spinlock lock;

const void *const *table_walk_more(struct table_walk *walk)
{
	struct table_segment *next;

	spin_lock(&lock);
	next = walk->segment ? walk->segment->next : walk->table->first;
	while (next && next->start == next->end)
		next = next->next;
	if (next)
		next->users++;
	if (walk->segment)
		walk->segment->users--;
	spin_unlock(&lock);
	walk->segment = next;
	if (!next) {
		walk->table = NULL;
		return NULL;
	}
	walk->at = next->start;
	walk->end = next->end;
	return walk->at++;
}

void table_leave(struct table_walk *walk)
{
	spin_lock(&lock);
	walk->segment->users--;
	spin_unlock(&lock);
	walk->segment = NULL;
}

/* Keep the segment that @walk is in, and so the entry it is at. */
static void hold(const struct table_walk *walk)
{
	if (!walk->segment)
		return;
	spin_lock(&lock);
	walk->segment->users++;
	spin_unlock(&lock);
}

static bool segment_has(const struct table_segment *segment, const void *entry)
{
	for (const void *const *it = segment->start; it < segment->end; it++)
		if (*it == entry)
			return true;
	return false;
}

/* The segment that a held @entry is in, or NULL: the kernel's own part. */
static struct table_segment *segment_of(const struct table *table,
					const void *entry)
{
	struct table_segment *s = table->first;

	while (s && !segment_has(s, entry))
		s = s->next;
	return s;
}

void table_release_in(struct table *table, const void *entry)
{
	struct table_segment *segment;

	if (!entry || !table)
		return;
	spin_lock(&lock);
	segment = segment_of(table, entry);
	if (segment)
		segment->users--;
	spin_unlock(&lock);
}

size_t table_walk_count(struct table_walk walk)
{
	size_t n = 0;

	table_for_each_in(const void, walk, it) n++;
	return n;
}

const void *table_walk_entry(struct table_walk walk, size_t n)
{
	table_for_each_in(const void, walk, it) if (!n--) return *it;
	return NULL;
}

static const char *name_of(const void *entry)
{
	return *(const char *const *)entry;
}

const void *table_find_in(struct table_walk walk, const char *wanted)
{
	table_for_each_in(const void, walk, it)
	{
		if (strcmp(name_of(*it), wanted))
			continue;
		hold(&__walk_it);
		return *it;
	}
	return NULL;
}

/* True if @a comes before @b by name, then by place. */
static bool is_before(const void *a, const void *b)
{
	int order = strcmp(name_of(a), name_of(b));

	return order ? order < 0 : (uintptr_t)a < (uintptr_t)b;
}

const void *table_next_by_name_in(struct table_walk walk, const void *last)
{
	struct table *table = walk.table;
	const void *best = NULL;

	table_for_each_in(const void, walk, it)
	{
		if ((last && !is_before(last, *it)) ||
		    (best && !is_before(*it, best)))
			continue;
		table_release_in(table, best);
		hold(&__walk_it);
		best = *it;
	}
	table_release_in(table, last);
	return best;
}

void table_add(struct table *table, struct table_segment *segment)
{
	struct table_segment **link = &table->first;

	segment->next = NULL;
	segment->users = 0;
	spin_lock(&lock);
	while (*link)
		link = &(*link)->next;
	*link = segment;
	spin_unlock(&lock);
}

bool table_try_remove(struct table *table, struct table_segment *segment)
{
	struct table_segment **link = &table->first;
	bool unused;

	spin_lock(&lock);
	unused = segment->users == 0;
	if (unused) {
		while (*link != segment)
			link = &(*link)->next;
		*link = segment->next;
	}
	spin_unlock(&lock);
	return unused;
}
