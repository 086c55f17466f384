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
 */
#pragma once

#include <kernel/compiler.h>

/** Declare table @name of pointers to @type (which may be const). */
#define TABLE_DECLARE(type, name)             \
 extern type *const __table_##name##_start[]; \
 extern type *const __table_##name##_end[]

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

/** Visit each entry; @it is a `type *const *`, so use `(*it)->member`. */
#define table_for_each(type, name, it) \
 for (type *const *it = __table_##name##_start; it < __table_##name##_end; it++)

/** Number of entries of table @name. */
#define table_count(name) \
 ((size_t)(__table_##name##_end - __table_##name##_start))
