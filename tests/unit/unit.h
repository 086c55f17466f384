/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unit tests on the build machine. A test_*.c file holds tests:
 *
 *	#include "unit.h"
 *
 *	TEST(adds)
 *	{
 *		CHECK_EQ(1 + 1, 2);
 *	}
 *
 * and is one program, run in the order of the file under the address and
 * undefined-behaviour sanitizers. A failed check is reported, with its place
 * and values, and the test goes on; CHECKs are true or false, so that a test
 * that cannot go on can return.
 *
 * tests/unit/Makefile says which of the kernel's sources a test links. In
 * those and in the tests, the names that the kernel shares with the C library
 * are the kernel's (see include/host_names.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unit_test {
	const char *name;
	void (*run)(void);
	struct unit_test *next;
};

void unit_register(struct unit_test *test);

#define TEST(id)                                                    \
 static void test_##id(void);                                       \
 __attribute__((constructor)) static void register_##id(void)       \
 {                                                                  \
  static struct unit_test test = { .name = #id, .run = test_##id }; \
  unit_register(&test);                                             \
 }                                                                  \
 static void test_##id(void)

/* These report if the check fails, and return whether it held. */
bool unit_check(bool ok, const char *file, int line, const char *text);
bool unit_check_eq(uint64_t a, uint64_t b, const char *file, int line,
		   const char *a_text, const char *b_text);
bool unit_check_str(const char *a, const char *b, const char *file, int line,
		    const char *a_text);
bool unit_check_mem(const void *a, const void *b, uint64_t size,
		    const char *file, int line, const char *a_text);

/** @cond is true. */
#define CHECK(cond) unit_check(!!(cond), __FILE__, __LINE__, #cond)
/** The integers (or enums) @a and @b are equal. */
#define CHECK_EQ(a, b) \
 unit_check_eq((uint64_t)(a), (uint64_t)(b), __FILE__, __LINE__, #a, #b)
/** The strings @a and @b (neither may be left out: NULL equals NULL). */
#define CHECK_STR(a, b) unit_check_str(a, b, __FILE__, __LINE__, #a)
/** The first @size bytes at @a and @b. */
#define CHECK_MEM(a, b, size) unit_check_mem(a, b, size, __FILE__, __LINE__, #a)
