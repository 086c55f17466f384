/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel/lib/string.c against the host's C library, and kernel/lib/strutil.c.
 * The kernel's functions are here under the names kernel_*.
 */
#include "unit.h"
#include <kernel/errno.h>
#include <kernel/string.h>

/* From here on the plain names are the C library's. */
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strstr
#undef snprintf

#define ROUNDS	   20000
#define BLOCK_SIZE 96

static u64 random_state = 0x9e3779b97f4a7c15ULL;

static unsigned random_below(unsigned n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)((random_state >> 33) % n);
}

static void random_bytes(u8 *p, size_t n)
{
	while (n--)
		*p++ = (u8)random_below(256);
}

/* Few different letters, so that texts are often alike; exactly allocated. */
static char *random_text(unsigned max)
{
	unsigned n = random_below(max + 1);
	char *s = malloc(n + 1);

	for (unsigned i = 0; i < n; i++)
		s[i] = "ab\xff"[random_below(3)];
	s[n] = '\0';
	return s;
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

/* A pointer as an offset from @base, -1 for NULL. */
static long place(const void *p, const void *base)
{
	return p ? (long)((const char *)p - (const char *)base) : -1;
}

TEST(moves_bytes_as_libc_does_at_any_overlap)
{
	u8 ours[BLOCK_SIZE], theirs[BLOCK_SIZE];

	for (int i = 0; i < ROUNDS; i++) {
		unsigned n = random_below(BLOCK_SIZE / 2);
		unsigned from = random_below(BLOCK_SIZE - n + 1);
		unsigned to = random_below(BLOCK_SIZE - n + 1);

		random_bytes(ours, sizeof(ours));
		memcpy(theirs, ours, sizeof(ours));
		CHECK(kernel_memmove(ours + to, ours + from, n) == ours + to);
		memmove(theirs + to, theirs + from, n);
		CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
	}
}

TEST(copies_and_sets_exactly_the_bytes_asked_for)
{
	u8 source[BLOCK_SIZE], ours[BLOCK_SIZE], theirs[BLOCK_SIZE];

	for (int i = 0; i < ROUNDS; i++) {
		unsigned n = random_below(BLOCK_SIZE / 2);
		unsigned to = random_below(BLOCK_SIZE / 2);
		int c = (int)random_below(100000) - 50000;

		random_bytes(source, sizeof(source));
		random_bytes(ours, sizeof(ours));
		memcpy(theirs, ours, sizeof(ours));
		CHECK(kernel_memcpy(ours + to, source + 3, n) == ours + to);
		memcpy(theirs + to, source + 3, n);
		CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
		CHECK(kernel_memset(ours + to / 2, c, n) == ours + to / 2);
		memset(theirs + to / 2, c, n);
		CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
	}
}

TEST(compares_and_searches_memory_as_libc_does)
{
	for (int i = 0; i < ROUNDS; i++) {
		unsigned n = random_below(20);
		u8 *a = malloc(n + 1), *b = malloc(n + 1);

		random_bytes(a, n + 1);
		memcpy(b, a, n + 1);
		b[random_below(n + 1)] = (u8)random_below(256);
		CHECK_EQ(sign(kernel_memcmp(a, b, n)), sign(memcmp(a, b, n)));
		CHECK_EQ(place(kernel_memchr(a, b[0] - 256, n), a),
			 place(memchr(a, b[0], n), a));
		free(a);
		free(b);
	}
}

TEST(treats_strings_as_libc_does)
{
	for (int i = 0; i < ROUNDS; i++) {
		char *a = random_text(12), *b = random_text(4);
		unsigned n = random_below(14);
		int c = "ab\xff\0c"[random_below(5)];

		CHECK_EQ(kernel_strlen(a), strlen(a));
		CHECK_EQ(kernel_strnlen(a, n), strnlen(a, n));
		CHECK_EQ(sign(kernel_strcmp(a, b)), sign(strcmp(a, b)));
		CHECK_EQ(sign(kernel_strncmp(a, b, n)), sign(strncmp(a, b, n)));
		CHECK_EQ(place(kernel_strchr(a, c), a), place(strchr(a, c), a));
		CHECK_EQ(place(kernel_strrchr(a, c), a),
			 place(strrchr(a, c), a));
		CHECK_EQ(place(kernel_strstr(a, b), a), place(strstr(a, b), a));
		free(a);
		free(b);
	}
}

TEST(bounded_copy_is_always_terminated)
{
	for (int i = 0; i < ROUNDS; i++) {
		char *source = random_text(12);
		size_t n = strlen(source), size = 1 + random_below(14);
		char *target = malloc(size);
		long ret = strscpy(target, source, size);

		CHECK_EQ(ret, n < size ? (long)n : -E2BIG);
		CHECK_EQ(strlen(target), n < size ? n : size - 1);
		CHECK(strncmp(target, source, size - 1) == 0);
		free(source);
		free(target);
	}
}

TEST(bounded_copy_does_not_read_beyond_what_it_takes)
{
	char unterminated[4] = { 'a', 'b', 'c', 'd' }, target[3];

	CHECK_EQ(strscpy(target, unterminated, 3), -E2BIG);
	CHECK_STR(target, "ab");
}

TEST(words_are_joined_within_the_buffer)
{
	char *words[] = { "ab", "", "c", NULL };
	char *none[] = { NULL };

	for (size_t size = 1; size < 8; size++) {
		char *target = malloc(size);
		long ret = str_join(target, size, words, ',');

		CHECK_EQ(ret, size > 5 ? 5 : -E2BIG);
		CHECK_EQ(strlen(target), size > 5 ? 5 : size - 1);
		CHECK(strncmp(target, "ab,,c", size - 1) == 0);
		CHECK_EQ(str_join(target, size, none, ','), 0);
		CHECK_STR(target, "");
		free(target);
	}
}

TEST(prefix_is_the_beginning)
{
	CHECK(str_has_prefix("console=ttyS0", "console="));
	CHECK(str_has_prefix("abc", ""));
	CHECK(str_has_prefix("abc", "abc"));
	CHECK(!str_has_prefix("ab", "abc"));
	CHECK(!str_has_prefix("xabc", "abc"));
}

#define UNTOUCHED 0x5ca1ab1eULL

struct number {
	const char *text;
	unsigned base;
	int ret;
	u64 value;
};

static const struct number numbers[] = {
	{ "0", 0, 0, 0 },
	{ "0", 10, 0, 0 },
	{ "7", 0, 0, 7 },
	{ "007", 0, 0, 7 },
	{ "010", 0, 0, 8 },
	{ "010", 10, 0, 10 },
	{ "0x10", 0, 0, 16 },
	{ "0XfF", 0, 0, 255 },
	{ "ff", 16, 0, 255 },
	{ "101", 2, 0, 5 },
	{ "zz", 36, 0, 35 * 36 + 35 },
	{ "18446744073709551615", 10, 0, UINT64_MAX },
	{ "0xffffffffffffffff", 0, 0, UINT64_MAX },
	{ "01777777777777777777777", 0, 0, UINT64_MAX },
	{ "0000000000000000000000000000000000001", 10, 0, 1 },
	{ "18446744073709551616", 10, -ERANGE, 0 },
	{ "18446744073709551620", 10, -ERANGE, 0 },
	{ "0x10000000000000000", 0, -ERANGE, 0 },
	{ "99999999999999999999999999999999999999", 0, -ERANGE, 0 },
	{ "", 0, -EINVAL, 0 },
	{ "", 10, -EINVAL, 0 },
	{ "0x", 0, -EINVAL, 0 },
	{ "0xg", 0, -EINVAL, 0 },
	{ "08", 0, -EINVAL, 0 },
	{ "0x10", 16, -EINVAL, 0 },
	{ "0x10", 10, -EINVAL, 0 },
	{ "-1", 0, -EINVAL, 0 },
	{ "+1", 0, -EINVAL, 0 },
	{ " 1", 0, -EINVAL, 0 },
	{ "1 ", 0, -EINVAL, 0 },
	{ "1\n", 0, -EINVAL, 0 },
	{ "1a", 10, -EINVAL, 0 },
	{ "2", 2, -EINVAL, 0 },
	{ "99999999999999999999999999x", 10, -EINVAL, 0 },
	{ "1", 1, -EINVAL, 0 },
	{ "1", 37, -EINVAL, 0 },
	{ "\xb2", 0, -EINVAL, 0 },
};

TEST(numbers_are_taken_whole_or_not_at_all)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct number *n = &numbers[i];
		u64 v = UNTOUCHED;
		int ret = kstrtou64(n->text, n->base, &v);

		CHECK_EQ(ret, n->ret);
		CHECK_EQ(v, n->ret ? UNTOUCHED : n->value);
		if (ret != n->ret)
			printf("\"%s\" in base %u\n", n->text, n->base);
	}
}

TEST(numbers_survive_being_printed_and_read)
{
	static const char *const formats[] = { "%llu", "0x%llx", "0%llo" };

	for (int i = 0; i < ROUNDS; i++) {
		u64 value = 0, v = UNTOUCHED;
		char text[32];

		random_bytes((u8 *)&value, 1 + random_below(8));
		snprintf(text, sizeof(text), formats[i % 3],
			 (unsigned long long)value);
		CHECK_EQ(kstrtou64(text, 0, &v), 0);
		CHECK_EQ(v, value);
	}
}

static const struct number sizes[] = {
	{ "0", 0, 0, 0 },
	{ "4096", 0, 0, 4096 },
	{ "1k", 0, 0, 1024 },
	{ "64M", 0, 0, 64ULL << 20 },
	{ "0x10m", 0, 0, 16ULL << 20 },
	{ "3G", 0, 0, 3ULL << 30 },
	{ "2t", 0, 0, 2ULL << 40 },
	{ "16777215T", 0, 0, 16777215ULL << 40 },
	{ "18446744073709551615", 0, 0, UINT64_MAX },
	{ "16777216T", 0, -ERANGE, 0 },
	{ "18446744073709551616", 0, -ERANGE, 0 },
	{ "18446744073709551616K", 0, -ERANGE, 0 },
	{ "", 0, -EINVAL, 0 },
	{ "M", 0, -EINVAL, 0 },
	{ "1MM", 0, -EINVAL, 0 },
	{ "1MB", 0, -EINVAL, 0 },
	{ "1P", 0, -EINVAL, 0 },
	{ "1 M", 0, -EINVAL, 0 },
	{ "1.5G", 0, -EINVAL, 0 },
	{ "-1M", 0, -EINVAL, 0 },
	{ "18446744073709551616x", 0, -EINVAL, 0 },
};

TEST(sizes_take_a_suffix)
{
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const struct number *n = &sizes[i];
		u64 v = UNTOUCHED;
		int ret = parse_size(n->text, &v);

		CHECK_EQ(ret, n->ret);
		CHECK_EQ(v, n->ret ? UNTOUCHED : n->value);
		if (ret != n->ret)
			printf("\"%s\"\n", n->text);
	}
}
