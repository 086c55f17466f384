/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables that modules add to, and take away from while they are looked at. */
#include "unit.h"
#include <kernel/param.h>
#include <kernel/string.h>

static const struct param first = { .name = "b" }, second = { .name = "d" };
static const struct param added[] = { { .name = "c" },
				      { .name = "a" },
				      { .name = "d" } };
static const void *const one[] = { &added[0], &added[1] };
static const void *const two[] = { &added[2] };

TABLE_ENTRY(const struct param, param, 1, first);
TABLE_ENTRY(const struct param, param, 2, second);

static struct table_segment a, b, empty;

static void begin(void)
{
	a = (struct table_segment){ .start = one, .end = one + 2 };
	b = (struct table_segment){ .start = two, .end = two + 1 };
	empty = (struct table_segment){ .start = two, .end = two };
	table_add(&__table_param, &a);
	table_add(&__table_param, &empty);
	table_add(&__table_param, &b);
}

static void end(void)
{
	CHECK(table_try_remove(&__table_param, &a));
	CHECK(table_try_remove(&__table_param, &empty));
	CHECK(table_try_remove(&__table_param, &b));
	CHECK_EQ(table_count(param), 2);
}

/* The names in the order of a visit. */
static const char *names(void)
{
	static char text[16];
	size_t n = 0;

	table_for_each(const struct param, param, it)
		text[n++] = (*it)->name[0];
	text[n] = '\0';
	return text;
}

TEST(what_is_added_comes_behind_and_goes_again)
{
	CHECK_STR(names(), "bd");
	begin();
	CHECK_STR(names(), "bdcad");
	CHECK_EQ(table_count(param), 5);
	CHECK(table_entry(const struct param, param, 3) == &added[1]);
	CHECK(!table_entry(const struct param, param, 5));
	CHECK(table_try_remove(&__table_param, &a));
	CHECK_STR(names(), "bdd");
	a.next = NULL;
	table_add(&__table_param, &a);
	CHECK_STR(names(), "bddca");
	end();
}

TEST(segment_stays_while_it_is_visited)
{
	begin();
	table_for_each(const struct param, param, it) {
		bool in_a = *it == &added[0] || *it == &added[1];

		CHECK_EQ(a.users, in_a);
		CHECK_EQ(b.users, *it == &added[2]);
		if (in_a)
			CHECK(!table_try_remove(&__table_param, &a));
	}
	CHECK_EQ(a.users + b.users, 0);
	end();
}

static const struct param *leave_early(const char *name)
{
	table_for_each(const struct param, param, it)
		if (!strcmp((*it)->name, name))
			return *it;
	return NULL;
}

TEST(break_and_return_leave_the_visit)
{
	unsigned n = 0;

	begin();
	table_for_each(const struct param, param, it) {
		if (++n == 3)
			break;
	}
	CHECK_EQ(n, 3);
	CHECK_EQ(a.users, 0);
	CHECK(leave_early("a") == &added[1]);
	CHECK_EQ(a.users, 0);
	n = 0;
	table_for_each(const struct param, param, it) {
		if ((*it)->name[0] == 'b')
			continue;
		n++;
	}
	CHECK_EQ(n, 4);
	end();
}

TEST(what_is_found_is_held)
{
	const struct param *p;

	begin();
	p = table_find(const struct param, param, "c");
	CHECK(p == &added[0]);
	CHECK(!table_try_remove(&__table_param, &a));
	table_release(param, p);
	CHECK_EQ(a.users, 0);
	p = table_find(const struct param, param, "b");
	CHECK(p == &first);
	table_release(param, p);
	CHECK(!table_find(const struct param, param, "e"));
	table_release(param, NULL);
	end();
}

TEST(visit_by_name_has_each_once_and_holds_one)
{
	const struct param *p = NULL;
	char text[8];
	size_t n = 0;

	begin();
	while ((p = table_next_by_name(const struct param, param, p))) {
		text[n++] = p->name[0];
		CHECK_EQ(a.users, p == &added[0] || p == &added[1]);
		CHECK_EQ(b.users, p == &added[2]);
	}
	CHECK_EQ(n, 5);
	CHECK_MEM(text, "abcdd", 5);
	CHECK_EQ(a.users + b.users, 0);
	end();
}
