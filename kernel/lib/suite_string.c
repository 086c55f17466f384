/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory functions as this kernel's compiler and options made them, which
 * the host's tests cannot see.
 */
#include <kernel/selftest.h>
#include <kernel/string.h>

#define BLOCK_BYTES 40

static u8 block[BLOCK_BYTES];

static void fill_block(void)
{
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		block[i] = (u8)(i + 1);
}

/*
 * True if the block is as filled, but for @n bytes from @to on, which hold
 * what was at @from.
 */
static bool block_is_moved(unsigned to, unsigned from, unsigned n)
{
	for (unsigned i = 0; i < BLOCK_BYTES; i++) {
		unsigned source = i >= to && i < to + n ? i - to + from : i;

		if (block[i] != source + 1)
			return false;
	}
	return true;
}

/* Every length and distance up to two words, each way. */
static void test_memmove(struct selftest *t)
{
	for (unsigned n = 0; n <= 17; n++) {
		for (unsigned to = 0; to <= 17; to++) {
			fill_block();
			memmove(block + to, block + 9, n);
			if (!EXPECT(t, block_is_moved(to, 9, n)))
				return;
		}
	}
}

static void test_memcpy(struct selftest *t)
{
	for (unsigned n = 0; n <= 17; n++) {
		fill_block();
		memcpy(block + 1, block + 20, n);
		if (!EXPECT(t, block_is_moved(1, 20, n)))
			return;
	}
}

static void test_memset(struct selftest *t)
{
	for (unsigned n = 0; n <= 17; n++) {
		fill_block();
		memset(block + 3, 0xff, n);
		for (unsigned i = 0; i < BLOCK_BYTES; i++) {
			bool set = i >= 3 && i < 3 + n;

			if (!EXPECT_EQ(t, block[i], set ? 0xff : i + 1))
				return;
		}
	}
}

static void test_memcmp(struct selftest *t)
{
	EXPECT(t, memcmp("ab\0c", "ab\0c", 4) == 0);
	EXPECT(t, memcmp("ab\0c", "ab\0d", 4) < 0);
	EXPECT(t, memcmp("\xff", "\x01", 1) > 0);
	EXPECT(t, memcmp("a", "b", 0) == 0);
}

static void test_strlen(struct selftest *t)
{
	char text[4] = "abc";

	EXPECT_EQ(t, strlen(text), 3);
	text[0] = '\0';
	EXPECT_EQ(t, strlen(text), 0);
}

static const struct selftest_case string_cases[] = {
	{ .name = "memmove", .run = test_memmove },
	{ .name = "memcpy", .run = test_memcpy },
	{ .name = "memset", .run = test_memset },
	{ .name = "memcmp", .run = test_memcmp },
	{ .name = "strlen", .run = test_strlen },
	{},
};

SELFTEST_SUITE(string, "string", string_cases, 0);
