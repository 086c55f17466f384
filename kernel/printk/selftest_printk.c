/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of formatting, of the log's ring, and of the log itself. */
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/symbols.h>
#include <kernel/vsprintf.h>
#include "ring.h"

#define TEXT_MAX 96

static void expect_text(struct selftest *t, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		selftest_fail(t, __FILE__, __LINE__,
			      "got \"%s\", expected \"%s\"", got, want);
}

static void test_formats(struct selftest *t)
{
	char s[TEXT_MAX];

	scnprintf(s, sizeof(s), "%d %5u|%-5x|%#o %c %s %%", -42, 7U, 0xabU, 8U,
		  'z', "text");
	expect_text(t, s, "-42     7|ab   |010 z text %");
	scnprintf(s, sizeof(s), "%#018llx %+.3d %.*s", 0xfeedULL, 5, 2, "abc");
	expect_text(t, s, "0x000000000000feed +005 ab");
	scnprintf(s, sizeof(s), "%hhu %hd %zu %lld", (u8)255, (s16)-32768,
		  sizeof(u64), (long long)INT64_MIN);
	expect_text(t, s, "255 -32768 8 -9223372036854775808");
	EXPECT_EQ(t, snprintf(s, 4, "abcdef"), 6);
	expect_text(t, s, "abc");
}

static void test_symbols(struct selftest *t)
{
	char s[TEXT_MAX];
	size_t offset, size;

	if (!symbol_lookup((uintptr_t)printk, &offset, &size)) {
		selftest_skip(t, "the kernel has no symbol table");
		return;
	}
	scnprintf(s, sizeof(s), "%pS", (void *)((uintptr_t)printk + 1));
	EXPECT(t, str_has_prefix(s, "printk+0x1/0x"));
}

/* A ring of our own, so that the log stays as it is. */
#define SLOTS 8

static struct log_slot slots[SLOTS];

static struct log_ring new_ring(void)
{
	memset(slots, 0, sizeof(slots));
	return (struct log_ring){ .slots = slots, .count = SLOTS };
}

static void append(struct log_ring *ring, u64 n)
{
	struct log_record record = { .time_ns = n, .length = 1 };

	log_ring_write(ring, log_ring_reserve(ring, 1), &record);
}

static void expect_record(struct selftest *t, const struct log_ring *ring,
			  u64 *seq, u64 n)
{
	struct log_record record = { .length = 0 };

	if (!EXPECT(t, log_ring_read(ring, seq, &record, false)))
		return;
	EXPECT_EQ(t, record.seq, n);
	EXPECT_EQ(t, record.time_ns, n);
}

static void test_ring_wraps(struct selftest *t)
{
	struct log_ring ring = new_ring();
	struct log_record record = { .length = 0 };
	u64 seq = 0;

	for (u64 n = 0; n < 3 * SLOTS + 1; n++)
		append(&ring, n);
	/* The reader was lapped and goes on with the oldest that is left. */
	for (u64 n = 2 * SLOTS + 1; n < 3 * SLOTS + 1; n++)
		expect_record(t, &ring, &seq, n);
	EXPECT(t, !log_ring_read(&ring, &seq, &record, false));
}

/* What an NMI does that logs while it interrupts a writer. */
static void test_ring_nests(struct selftest *t)
{
	struct log_ring ring = new_ring();
	struct log_record record = { .time_ns = 0 };
	u64 seq = 0;

	EXPECT(t, log_ring_claim(&ring, log_ring_reserve(&ring, 1)));
	append(&ring, 1);
	EXPECT(t, !log_ring_read(&ring, &seq, &record, false));
	record.time_ns = 0;
	log_ring_commit(&ring, 0, &record);
	expect_record(t, &ring, &seq, 0);
	expect_record(t, &ring, &seq, 1);
}

/* The same for so long that the ring comes round to the writer's slot. */
static void test_ring_overrun(struct selftest *t)
{
	struct log_ring ring = new_ring();
	struct log_record record = { .time_ns = 0 };
	u64 seq = 0;

	EXPECT(t, log_ring_claim(&ring, log_ring_reserve(&ring, 1)));
	for (u64 n = 1; n <= SLOTS + 1; n++)
		append(&ring, n);
	EXPECT_EQ(t, ring.dropped, 1);
	log_ring_commit(&ring, 0, &record);
	for (u64 n = 2; n < SLOTS; n++)
		expect_record(t, &ring, &seq, n);
	/* Number SLOTS was the one dropped. */
	expect_record(t, &ring, &seq, SLOTS + 1);
}

/* The position behind the newest record of the log. */
static u64 log_end(void)
{
	struct log_record record = { .length = 0 };
	u64 seq = 0;

	while (log_read(&seq, &record))
		continue;
	return seq;
}

static void test_log_order(struct selftest *t)
{
	struct log_record record = { .length = 0 };
	u64 seq = log_end(), time = 0;

	for (unsigned i = 0; i < 3; i++)
		pr_debug("selftest %u\nof printk", i);
	for (unsigned i = 0; i < 6; i++) {
		char want[TEXT_MAX], got[TEXT_MAX];

		if (!EXPECT(t, log_read(&seq, &record)))
			return;
		scnprintf(want, sizeof(want),
			  i % 2 ? "of printk" : "selftest %u", i / 2);
		scnprintf(got, sizeof(got), "%.*s", (int)record.length,
			  record.text);
		expect_text(t, got, want);
		EXPECT_EQ(t, record.level, LOG_DEBUG);
		EXPECT(t, record.time_ns >= time);
		time = record.time_ns;
	}
}

static void test_long_line(struct selftest *t)
{
	struct log_record record = { .length = 0 };
	u64 seq = log_end();

	pr_debug("%*d", LOG_TEXT_MAX + 1, 5);
	EXPECT(t, log_read(&seq, &record));
	EXPECT_EQ(t, record.length, LOG_TEXT_MAX);
	EXPECT_EQ(t, record.flags, LOG_CONTINUES);
	EXPECT(t, log_read(&seq, &record));
	EXPECT_EQ(t, record.length, 1);
	EXPECT_EQ(t, record.text[0], '5');
	EXPECT_EQ(t, record.flags, LOG_PLAIN);
}

static void test_no_control_characters(struct selftest *t)
{
	struct log_record record = { .length = 0 };
	u64 seq = log_end();

	pr_debug("%s", "\033[2J");
	EXPECT(t, log_read(&seq, &record));
	EXPECT_EQ(t, record.length, 7);
	EXPECT(t, memcmp(record.text, "\\x1b[2J", 7) == 0);
}

static const struct selftest_case printk_cases[] = {
	{ .name = "formats", .run = test_formats },
	{ .name = "symbols", .run = test_symbols },
	{ .name = "ring-wraps", .run = test_ring_wraps },
	{ .name = "ring-nests", .run = test_ring_nests },
	{ .name = "ring-overrun", .run = test_ring_overrun },
	{ .name = "log-order", .run = test_log_order },
	{ .name = "long-line", .run = test_long_line },
	{ .name = "no-control-characters", .run = test_no_control_characters },
	{},
};
SELFTEST_SUITE(printk, "printk", printk_cases, 0);
