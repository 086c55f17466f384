/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linker tables: a list that is written where its entries are, not in one
 * central file. An entry is a pointer in the section ".table.<name>.<order>";
 * kernel/tables.lds.h collects each table between two explicit symbols,
 * sorted by <order> (compared as text, so give numbers a fixed width), with
 * KEEP, so that neither --gc-sections nor archives can empty it.
 *
 * To add a table: TABLE_DECLARE() in the contract's header, a registration
 * macro that wraps TABLE_ENTRY(), and one TABLE() line in
 * kernel/tables.lds.h. Entries live as long as the kernel.
 *
 * Loaded modules add entries to the tables that are declared open, behind the
 * kernel's own, and take them away when they are unloaded, but not while
 * somebody visits them or holds one. So an entry of an open table may be used
 * in the body of table_for_each(), and after it only if it was held.
 */
#pragma once

#include <kernel/compiler.h>

/* What a module adds to an open table. The memory is the module's. */
struct table_segment {
	const void *const *start, *const *end;
	struct table_segment *next; /* this and what follows is table.c's */
	unsigned users;		    /* visits and holds */
};

/* An open table; zeroed memory is one to which nothing was added. */
struct table {
	struct table_segment *first;
};

/* Where a visit of a table is. */
struct table_walk {
	const void *const *at, *const *end;
	struct table *table;	       /* what follows; NULL: nothing */
	struct table_segment *segment; /* that `at` is in; NULL: the kernel */
};

/** Declare table @name of pointers to @type (which may be const). */
#define TABLE_DECLARE(type, name) __TABLE_DECLARE(type, name, NULL)

/**
 * The same for one that modules add to. kernel/lib/table.c defines it, and
 * lists it for the module loader.
 */
#define TABLE_DECLARE_OPEN(type, name) \
 extern struct table __table_##name;   \
 __TABLE_DECLARE(type, name, &__table_##name)

#define __TABLE_DECLARE(type, name, more)                             \
 extern type *const __table_##name##_start[];                         \
 extern type *const __table_##name##_end[];                           \
 static inline __unused struct table_walk __table_##name##_walk(void) \
 {                                                                    \
  return (struct table_walk){                                         \
	  .at = (const void *const *)__table_##name##_start,          \
	  .end = (const void *const *)__table_##name##_end,           \
	  .table = more,                                              \
  };                                                                  \
 }

/*
 * Entries stand side by side: clang's AddressSanitizer must not put red zones
 * between them. gcc leaves variables with a section of their own alone.
 */
#ifdef __clang__
# define __table_packed __attribute__((no_sanitize("address")))
#else
# define __table_packed
#endif

/** Register @object (of the table's type) in table @name at @order. */
#define TABLE_ENTRY(type, name, order, object)            \
 static type *const __concat(__entry_##name##_, __LINE__) \
	 __used __table_packed __section(".table." #name  \
					 "." __stringify(order)) = &(object)

/**
 * Go on with what modules have added: the next entry's place, or NULL. The
 * segment it is in stays until the next call or table_walk_end().
 */
const void *const *table_walk_more(struct table_walk *walk);
/** Let go of the segment that @walk is in. */
void table_leave(struct table_walk *walk);

static inline const void *const *table_walk_next(struct table_walk *walk)
{
	if (walk->at < walk->end)
		return walk->at++;
	return walk->table ? table_walk_more(walk) : NULL;
}

static inline void table_walk_end(struct table_walk *walk)
{
	if (walk->segment)
		table_leave(walk);
}

/**
 * Visit each entry of a walk; @it is a `type *const *`, so use
 * `(*it)->member`. break and return leave the visit as it should be.
 */
#define table_for_each_in(type, from, it)                \
 for (struct table_walk __walk_##it                      \
      __attribute__((cleanup(table_walk_end))) = (from), \
      *__once_##it = &__walk_##it;                       \
      __once_##it; __once_##it = NULL)                   \
  for (type *const *it;                                  \
       (it = (type *const *)table_walk_next(&__walk_##it)) != NULL;)

/** Visit each entry of table @name. */
#define table_for_each(type, name, it) \
 table_for_each_in(type, __table_##name##_walk(), it)

/** Number of entries of table @name. */
#define table_count(name) table_walk_count(__table_##name##_walk())
size_t table_walk_count(struct table_walk walk);

/**
 * The @n-th entry of open table @name, or NULL past the last. Not held: for
 * completion, where the shell is the one who would unload its module.
 */
#define table_entry(type, name, n) \
 ((type *)table_walk_entry(__table_##name##_walk(), n))
const void *table_walk_entry(struct table_walk walk, size_t n);

/*
 * The following are for types whose first member is `const char *name`. What
 * they return is held, so that it stays, until table_release().
 */

/** The entry @wanted of @walk, or NULL. */
const void *table_find_in(struct table_walk walk, const char *wanted);

/** The entry @wanted of table @name, or NULL. */
#define table_find(type, name, wanted) \
 ((type *)table_find_in(__table_##name##_walk(), wanted))

/**
 * The entry after @last in order of name, then of place; the first one for
 * NULL; NULL behind the last one. @last is released.
 */
const void *table_next_by_name_in(struct table_walk walk, const void *last);

/** The same for table @name. */
#define table_next_by_name(type, name, last) \
 ((type *)table_next_by_name_in(__table_##name##_walk(), last))

/** Let go of @entry of @table; NULL is ignored. */
void table_release_in(struct table *table, const void *entry);
#define table_release(name, entry) table_release_in(&__table_##name, entry)

/* For the module loader. */

/** An open table as the linker and modules know it. */
struct table_known {
	const char *name; /* "shell" */
	struct table *table;
};
#define OPEN_TABLES_MAX 8
extern const struct table_known open_tables[];
extern const size_t open_table_count;

/** Add @segment, whose start and end are set, to @table. */
void table_add(struct table *table, struct table_segment *segment);

/**
 * Take @segment away again. False, and it stays, while somebody visits it or
 * holds one of its entries.
 */
bool table_try_remove(struct table *table, struct table_segment *segment);
