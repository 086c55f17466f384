/* SPDX-License-Identifier: BSD-2-Clause */
/* The log: its ring under laps, nesting and threads, and printk's records. */
#include <pthread.h>
#include "unit.h"
#include <kernel/console.h>
#include <kernel/param.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>
#include "../../kernel/printk/log.h"
#include "../../kernel/printk/ring.h"

static u64 fake_time_ns;

u64 time_ns(void)
{
	return fake_time_ns;
}

/* The ring. */

#define COUNT 64

static struct log_slot slots[COUNT];

static struct log_ring new_ring(void)
{
	memset(slots, 0, sizeof(slots));
	return (struct log_ring){ .slots = slots, .count = COUNT };
}

static struct log_record make_record(u64 n)
{
	struct log_record record = { .time_ns = n, .level = LOG_INFO };

	record.length = (u16)scnprintf(record.text, sizeof(record.text),
				       "record %llu", (unsigned long long)n);
	return record;
}

static void append(struct log_ring *ring, u64 n)
{
	struct log_record record = make_record(n);

	log_ring_write(ring, log_ring_reserve(ring, 1), &record);
}

static bool is_record(const struct log_record *record, u64 n)
{
	struct log_record expect = make_record(n);

	return record->time_ns == n && record->length == expect.length &&
	       memcmp(record->text, expect.text, expect.length) == 0;
}

TEST(records_are_read_in_order)
{
	struct log_ring ring = new_ring();
	struct log_record record;
	u64 seq = 0;

	CHECK(!log_ring_read(&ring, &seq, &record, false));
	for (u64 i = 0; i < 10; i++)
		append(&ring, i);
	for (u64 i = 0; i < 10; i++) {
		CHECK(log_ring_read(&ring, &seq, &record, false));
		CHECK_EQ(record.seq, i);
		CHECK(is_record(&record, i));
	}
	CHECK(!log_ring_read(&ring, &seq, &record, false));
	CHECK_EQ(seq, 10);
}

TEST(a_lapped_reader_goes_on_with_the_oldest_record)
{
	struct log_ring ring = new_ring();
	struct log_record record;
	u64 seq = 3;

	for (u64 i = 0; i < 3 * COUNT + 5; i++)
		append(&ring, i);
	CHECK(log_ring_read(&ring, &seq, &record, false));
	CHECK_EQ(record.seq, 2 * COUNT + 5);
	CHECK(is_record(&record, 2 * COUNT + 5));
	CHECK_EQ(seq, 2 * COUNT + 6);
}

TEST(an_unfinished_record_holds_readers_until_it_is_done)
{
	struct log_ring ring = new_ring();
	struct log_record record = make_record(0);
	u64 seq = 0, first = log_ring_reserve(&ring, 1);

	append(&ring, 1);
	CHECK(!log_ring_read(&ring, &seq, &record, false));
	CHECK(log_ring_claim(&ring, first));
	CHECK(!log_ring_read(&ring, &seq, &record, false));
	record = make_record(0);
	log_ring_commit(&ring, first, &record);
	CHECK(log_ring_read(&ring, &seq, &record, false));
	CHECK(is_record(&record, 0));
	CHECK(log_ring_read(&ring, &seq, &record, false));
	CHECK(is_record(&record, 1));
}

TEST(a_panic_passes_over_unfinished_records)
{
	struct log_ring ring = new_ring();
	struct log_record record;
	u64 seq = 0;

	CHECK(log_ring_claim(&ring, log_ring_reserve(&ring, 1)));
	log_ring_reserve(&ring, 1);
	append(&ring, 2);
	CHECK(log_ring_read(&ring, &seq, &record, true));
	CHECK_EQ(record.seq, 2);
	CHECK(!log_ring_read(&ring, &seq, &record, true));
}

TEST(a_writer_interrupted_for_a_lap_costs_one_record)
{
	struct log_ring ring = new_ring();
	struct log_record record = make_record(0);
	u64 slow = log_ring_reserve(&ring, 1), seq = 0;

	CHECK(log_ring_claim(&ring, slow));
	/* The slot of number COUNT is the one that the slow writer is in. */
	for (u64 i = 1; i <= COUNT + 1; i++)
		append(&ring, i);
	CHECK_EQ(ring.dropped, 1);
	log_ring_commit(&ring, slow, &record);

	for (u64 i = 2; i <= COUNT + 1; i++) {
		if (i == COUNT)
			continue;
		CHECK(log_ring_read(&ring, &seq, &record, false));
		CHECK_EQ(record.seq, i);
		CHECK(is_record(&record, i));
	}
	CHECK(!log_ring_read(&ring, &seq, &record, false));

	/* The slot is free for the next lap. */
	for (u64 i = COUNT + 2; i <= 2 * COUNT; i++)
		append(&ring, i);
	CHECK_EQ(ring.dropped, 1);
	seq = 2 * COUNT;
	CHECK(log_ring_read(&ring, &seq, &record, false));
	CHECK(is_record(&record, 2 * COUNT));
}

TEST(a_writer_interrupted_for_many_laps_costs_one_record_each)
{
	struct log_ring ring = new_ring();
	struct log_record record = make_record(0);
	u64 slow = log_ring_reserve(&ring, 1);

	CHECK(log_ring_claim(&ring, slow));
	for (u64 i = 1; i < 5 * COUNT; i++)
		append(&ring, i);
	CHECK_EQ(ring.dropped, 4);
	log_ring_commit(&ring, slow, &record);
	append(&ring, 5 * COUNT);
	CHECK_EQ(ring.dropped, 4);
}

TEST(a_writer_that_was_lapped_before_it_claimed_drops_its_record)
{
	struct log_ring ring = new_ring();
	struct log_record record = make_record(0);
	u64 slow = log_ring_reserve(&ring, 1), seq = COUNT;

	for (u64 i = 1; i <= COUNT; i++)
		append(&ring, i);
	CHECK(!log_ring_write(&ring, slow, &record));
	CHECK_EQ(ring.dropped, 1);
	CHECK(log_ring_read(&ring, &seq, &record, false));
	CHECK(is_record(&record, COUNT));
}

TEST(a_number_given_up_is_passed_over)
{
	struct log_ring ring = new_ring();
	struct log_record record;
	u64 seq = 0;

	CHECK(log_ring_write(&ring, log_ring_reserve(&ring, 1), NULL));
	append(&ring, 1);
	CHECK(log_ring_read(&ring, &seq, &record, false));
	CHECK_EQ(record.seq, 1);
}

/* Threads. A record's whole text follows from its writer and number. */

#define WRITERS		   4
#define RECORDS_PER_WRITER 20000

struct writer {
	pthread_t thread;
	struct log_ring *ring;
	unsigned id;
};

static struct log_record thread_record(unsigned id, u64 n)
{
	struct log_record record = { .time_ns = n, .level = (u8)id };

	record.length = (u16)(LOG_TEXT_MAX - n % 50);
	memset(record.text, (int)('a' + (id * 7 + n) % 26), record.length);
	return record;
}

static void *write_records(void *arg)
{
	struct writer *w = arg;

	for (u64 n = 0; n < RECORDS_PER_WRITER; n++) {
		struct log_record record = thread_record(w->id, n);

		log_ring_write(w->ring, log_ring_reserve(w->ring, 1), &record);
	}
	return NULL;
}

struct reader {
	u64 expected[WRITERS]; /* least number that may come next */
	u64 torn, unordered, read;
};

static void check_record(struct reader *r, const struct log_record *record)
{
	struct log_record expect =
		thread_record(record->level % WRITERS, record->time_ns);
	u64 *next = &r->expected[record->level % WRITERS];

	r->read++;
	r->torn += record->level >= WRITERS ||
		   record->length != expect.length ||
		   memcmp(record->text, expect.text, expect.length) != 0;
	r->unordered += record->time_ns < *next;
	*next = record->time_ns + 1;
}

static u64 drain_ring(struct reader *r, struct log_ring *ring, u64 seq)
{
	struct log_record record;

	while (log_ring_read(ring, &seq, &record, false))
		check_record(r, &record);
	return seq;
}

TEST(concurrent_writers_leave_no_torn_or_unordered_records)
{
	struct log_ring ring = new_ring();
	struct writer writers[WRITERS];
	struct reader r = { .read = 0 };
	u64 seq = 0, total = WRITERS * RECORDS_PER_WRITER;

	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i].ring = &ring;
		writers[i].id = i;
		pthread_create(&writers[i].thread, NULL, write_records,
			       &writers[i]);
	}
	while (__atomic_load_n(&ring.head, __ATOMIC_ACQUIRE) < total)
		seq = drain_ring(&r, &ring, seq);
	for (unsigned i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	seq = drain_ring(&r, &ring, seq);

	CHECK_EQ(ring.head, total);
	CHECK_EQ(r.torn, 0);
	CHECK_EQ(r.unordered, 0);
	CHECK(r.read > 0);
	/* All writers are out: only what they dropped can be missing. */
	seq = total - COUNT;
	r = (struct reader){ .read = 0 };
	drain_ring(&r, &ring, seq);
	CHECK(r.read + ring.dropped >= COUNT);
	CHECK_EQ(r.torn, 0);
}

/* printk. */

/* The next record of the kernel's log, as a string; NULL: there is none. */
static u64 log_seq;
static struct log_record last;

static const char *next_text(void)
{
	static char text[LOG_TEXT_MAX + 1];

	if (!log_read(&log_seq, &last))
		return NULL;
	memcpy(text, last.text, last.length);
	text[last.length] = '\0';
	return text;
}

TEST(a_newline_at_the_end_makes_no_difference)
{
	pr_info("one");
	pr_warn("two\n");
	CHECK_STR(next_text(), "one");
	CHECK_EQ(last.level, LOG_INFO);
	CHECK_STR(next_text(), "two");
	CHECK_EQ(last.level, LOG_WARNING);
	CHECK_STR(next_text(), NULL);
}

TEST(newlines_inside_make_records)
{
	pr_info("a\n\nb %d\n\n", 3);
	CHECK_STR(next_text(), "a");
	CHECK_STR(next_text(), "");
	CHECK_STR(next_text(), "b 3");
	CHECK_STR(next_text(), "");
	CHECK_STR(next_text(), NULL);
}

TEST(an_empty_message_is_an_empty_line)
{
	pr_info("%s", "");
	pr_info("\n");
	CHECK_STR(next_text(), "");
	CHECK_STR(next_text(), "");
	CHECK_STR(next_text(), NULL);
}

TEST(a_long_line_continues_in_further_records)
{
	char text[2 * LOG_TEXT_MAX + 11];
	u64 first;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	pr_info("%s", text);
	CHECK(next_text());
	first = last.seq;
	CHECK_EQ(last.flags, LOG_CONTINUES);
	CHECK_EQ(last.length, LOG_TEXT_MAX);
	CHECK(next_text());
	CHECK_EQ(last.flags, LOG_CONTINUES | LOG_PLAIN);
	CHECK_STR(next_text(), "xxxxxxxxxx");
	CHECK_EQ(last.flags, LOG_PLAIN);
	CHECK_EQ(last.seq, first + 2);
	CHECK_STR(next_text(), NULL);
}

TEST(a_line_of_exactly_one_record_does_not_continue)
{
	char text[LOG_TEXT_MAX + 1];

	memset(text, 'x', LOG_TEXT_MAX);
	text[LOG_TEXT_MAX] = '\0';
	pr_info("%s\n", text);
	CHECK_STR(next_text(), text);
	CHECK_EQ(last.flags, 0);
	CHECK_STR(next_text(), NULL);
}

TEST(a_message_without_end_is_cut)
{
	static char text[100000];
	unsigned n = 0;

	memset(text, 'y', sizeof(text) - 1);
	pr_info("%s", text);
	pr_info("after");
	while (next_text() && last.length == LOG_TEXT_MAX)
		n++;
	CHECK_EQ(n, LOG_MESSAGE_RECORDS_MAX);
	CHECK_EQ(last.length, 5);
	CHECK_STR(next_text(), NULL);
}

TEST(control_characters_are_escaped)
{
	pr_info("a\033[31m\tb\x7f\r\n%c", 0);
	CHECK_STR(next_text(), "a\\x1b[31m\tb\\x7f\\x0d");
	CHECK_STR(next_text(), "\\x00");
	CHECK_STR(next_text(), NULL);
}

static const char *formatted(size_t size)
{
	static char line[LOG_LINE_MAX];
	size_t n = log_format(&last, line, size);

	CHECK_EQ(n, strlen(line));
	return line;
}

TEST(lines_begin_with_the_time_unless_plain)
{
	fake_time_ns = 1234567;
	pr_info("hello");
	fake_time_ns = 123456 * NSEC_PER_SEC + 999999999;
	pr_info("late");
	pr_plain("plain");
	CHECK(next_text());
	CHECK_STR(formatted(LOG_LINE_MAX), "[    0.001234] hello\n");
	CHECK_STR(formatted(10), "[    0.00");
	CHECK_STR(formatted(1), "");
	CHECK(next_text());
	CHECK_STR(formatted(LOG_LINE_MAX), "[123456.999999] late\n");
	CHECK(next_text());
	CHECK_STR(formatted(LOG_LINE_MAX), "plain\n");
	CHECK_EQ(last.level, LOG_NOTICE);
}

TEST(the_longest_line_fits_its_buffer)
{
	char line[LOG_LINE_MAX];
	struct log_record record = { .time_ns = UINT64_MAX,
				     .length = LOG_TEXT_MAX };

	memset(record.text, 'z', LOG_TEXT_MAX);
	CHECK(log_format(&record, line, sizeof(line)) < sizeof(line) - 1);
	CHECK_EQ(line[strlen(line) - 1], '\n');
}

static void parse(const char *words)
{
	static char cmdline[256];

	scnprintf(cmdline, sizeof(cmdline), "%s", words);
	CHECK_EQ(param_parse(cmdline), 0);
}

static bool shown(enum log_level level, unsigned flags)
{
	const struct log_record record = {
		.level = (u8)level,
		.flags = (u8)flags,
	};

	return log_record_shown(&record);
}

TEST(boot_parameters_choose_levels_and_time)
{
	CHECK(shown(LOG_INFO, 0));
	CHECK(!shown(LOG_DEBUG, 0));
	parse("loglevel=8 printk.time=0");
	CHECK(shown(LOG_DEBUG, 0));
	CHECK(next_text() == NULL);
	pr_info("no time");
	CHECK(next_text());
	CHECK_STR(formatted(LOG_LINE_MAX), "no time\n");
	parse("quiet printk.time");
	CHECK(shown(LOG_ERR, 0));
	CHECK(!shown(LOG_WARNING, 0));
	CHECK(shown(LOG_WARNING, LOG_ALWAYS));
	CHECK(!shown(LOG_WARNING, LOG_PLAIN));
	parse("loglevel=0");
	CHECK(!shown(LOG_EMERG, 0));
}
