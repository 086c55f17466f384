/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel/params.c: what one may write on the command line, and what not. */
#include "unit.h"
#include <limits.h>
#include <stdarg.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>

/* From here on these are the C library's. */
#undef snprintf
#undef vsnprintf

#define RANDOM_LINES   65536
#define LINE_MAX_CHARS 64

static bool flag;
static unsigned count;
static int offset;
static u64 limit;
static const char *text;
param_bool("flag", flag, "a boolean");
param_uint("count", count, "an unsigned number");
param_int("offset", offset, "a signed number");
param_size("limit", limit, "a size");
param_string("some-text", text, "a string");

/* A setter that remembers all it was given, and refuses "busy". */
static char calls[4096];

static int set_called(const struct param *p, const char *value)
{
	size_t used = strlen(calls);

	(void)p;
	snprintf(calls + used, sizeof(calls) - used, "<%s>",
		 value ? value : "(bare)");
	return value && strcmp(value, "busy") == 0 ? -EBUSY : 0;
}
param_call("call", set_called, "a setter of its own");

/* The same name twice: both see the value. */
static unsigned count_too;
param_uint("count", count_too, "the same number");

static char log_text[65536];

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	size_t used = strlen(log_text);
	va_list ap;

	(void)flags;
	CHECK_EQ(level, LOG_WARNING);
	va_start(ap, fmt);
	vsnprintf(log_text + used, sizeof(log_text) - used, fmt, ap);
	va_end(ap);
	strncat(log_text, "\n", sizeof(log_text) - strlen(log_text) - 1);
}

static char *line;

/* Parse a copy that is exactly as long as it must be. */
static unsigned parse(const char *cmdline)
{
	free(line);
	line = strdup(cmdline);
	flag = false;
	count = count_too = 0;
	offset = 0;
	limit = 0;
	text = "";
	calls[0] = '\0';
	log_text[0] = '\0';
	return param_parse(line);
}

TEST(each_kind_of_value_is_taken)
{
	CHECK_EQ(parse("flag count=7 offset=-3 limit=2M some-text=hello"), 0);
	CHECK(flag);
	CHECK_EQ(count, 7);
	CHECK_EQ(count_too, 7);
	CHECK_EQ(offset, -3);
	CHECK_EQ(limit, 2 << 20);
	CHECK_STR(text, "hello");
	CHECK(!param_unknown(0));
	CHECK_STR(log_text, "");
}

TEST(empty_lines_have_no_words)
{
	static const char *const lines[] = { "", " ", " \t\r\n\v\f ", "\"\"" };

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		CHECK_EQ(parse(lines[i]), 0);
		CHECK(!param_unknown(0));
	}
}

TEST(booleans_have_many_words)
{
	static const char *const yes[] = { "flag=1",  "flag=y",	   "flag=yes",
					   "flag=on", "flag=true", "flag" };
	static const char *const no[] = { "flag flag=0", "flag flag=n",
					  "flag flag=no", "flag flag=off",
					  "flag flag=false" };
	static const char *const bad[] = { "flag=2", "flag=", "flag=maybe" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		CHECK_EQ(parse(yes[i]), 0);
		CHECK(flag);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		CHECK_EQ(parse(no[i]), 0);
		CHECK(!flag);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(parse(bad[i]), 1);
		CHECK(!flag);
	}
}

TEST(numbers_are_checked_against_their_range)
{
	CHECK_EQ(parse("count=4294967295"), 0);
	CHECK_EQ(count, UINT_MAX);
	CHECK_EQ(parse("count=4294967296"), 2);
	CHECK_EQ(count, 0);
	CHECK_EQ(parse("offset=2147483647"), 0);
	CHECK_EQ(offset, INT_MAX);
	CHECK_EQ(parse("offset=-2147483648"), 0);
	CHECK_EQ(offset, INT_MIN);
	CHECK_EQ(parse("offset=2147483648"), 1);
	CHECK_EQ(parse("offset=-2147483649"), 1);
	CHECK_EQ(parse("offset=-18446744073709551615"), 1);
	CHECK_EQ(offset, 0);
	CHECK_EQ(parse("offset=--1 offset=- offset=+1 offset="), 4);
	CHECK_EQ(parse("offset=-0x10"), 0);
	CHECK_EQ(offset, -16);
	CHECK_EQ(parse("limit=99999999T"), 1);
	CHECK_EQ(limit, 0);
}

TEST(bad_values_are_reported_with_name_and_value)
{
	parse("offset=nine limit=99999999T call=busy some-text");
	CHECK_STR(log_text, "param: offset=nine: not a valid value, ignored\n"
			    "param: limit=99999999T: out of range, ignored\n"
			    "param: call=busy: error -16, ignored\n"
			    "param: some-text: needs a value, ignored\n");
}

TEST(reports_cannot_drive_a_terminal_and_are_cut)
{
	char cmdline[300] = "offset=\033[2J\xff";

	CHECK_EQ(parse(cmdline), 1);
	CHECK_STR(log_text,
		  "param: offset=?[2J?: not a valid value, ignored\n");
	memset(cmdline + 7, '9', 250);
	CHECK_EQ(parse(cmdline), 1);
	CHECK(strlen(log_text) < 120);
}

TEST(a_bare_word_is_no_value_and_an_empty_one_is)
{
	CHECK_EQ(parse("count"), 2);
	CHECK_EQ(parse("offset limit some-text"), 3);
	CHECK_EQ(parse("some-text="), 0);
	CHECK_EQ(parse("call call= call=x"), 0);
	CHECK_STR(calls, "<(bare)><><x>");
}

TEST(the_last_of_a_repeated_parameter_wins)
{
	CHECK_EQ(parse("count=1 offset=5 count=2 count=3"), 0);
	CHECK_EQ(count, 3);
	CHECK_EQ(parse("count=1 count=bad"), 2);
	CHECK_EQ(count, 1);
}

TEST(dash_and_underscore_are_one_in_names_only)
{
	CHECK_EQ(parse("some_text=a-b_c"), 0);
	CHECK_STR(text, "a-b_c");
	CHECK_EQ(parse("some-text=x"), 0);
	CHECK_STR(text, "x");
	CHECK_EQ(parse("some+text=y"), 0);
	CHECK_STR(text, "");
	CHECK_STR(param_unknown(0), "some+text=y");
}

TEST(names_match_whole_and_in_case)
{
	CHECK_EQ(parse("coun=1 counts=1 Count=1 =1 cou\"\"nt=5"), 0);
	CHECK_EQ(count, 5);
	CHECK_STR(param_unknown(0), "coun=1");
	CHECK_STR(param_unknown(1), "counts=1");
	CHECK_STR(param_unknown(2), "Count=1");
	CHECK_STR(param_unknown(3), "=1");
	CHECK(!param_unknown(4));
}

TEST(quotes_keep_white_space)
{
	CHECK_EQ(parse("some-text=\"a  b\tc\" flag"), 0);
	CHECK_STR(text, "a  b\tc");
	CHECK(flag);
	CHECK_EQ(parse("\"some-text=a b\""), 0);
	CHECK_STR(text, "a b");
	CHECK_EQ(parse("some-text=a\" \"b=c"), 0);
	CHECK_STR(text, "a b=c");
}

TEST(an_open_quote_reaches_to_the_end)
{
	CHECK_EQ(parse("some-text=\"a flag count=3"), 0);
	CHECK_STR(text, "a flag count=3");
	CHECK(!flag);
	CHECK_EQ(parse("\""), 0);
	CHECK_EQ(parse("flag \""), 0);
	CHECK(flag);
}

TEST(unknown_words_are_kept_whole_up_to_a_limit)
{
	char cmdline[1024] = "";

	parse("BOOT_IMAGE=/zirvium ro flag \"a b\"=c");
	CHECK_STR(param_unknown(0), "BOOT_IMAGE=/zirvium");
	CHECK_STR(param_unknown(1), "ro");
	CHECK_STR(param_unknown(2), "a b=c");
	CHECK(!param_unknown(3));
	CHECK(!param_unknown(UINT_MAX));

	for (int i = 0; i < 100; i++)
		sprintf(cmdline + strlen(cmdline), "w%d ", i);
	CHECK_EQ(parse(cmdline), 0);
	CHECK_STR(param_unknown(31), "w31");
	CHECK(!param_unknown(32));
	CHECK_STR(log_text,
		  "param: 100 unknown words, the first 32 were kept\n");
	parse("flag");
	CHECK(!param_unknown(0));
}

TEST(a_very_long_line_is_taken)
{
	size_t n = 1 << 20;
	char *cmdline = malloc(n + 1);

	memset(cmdline, 'x', n);
	memcpy(cmdline, "some-text=", 10);
	cmdline[n] = '\0';
	CHECK_EQ(parse(cmdline), 0);
	CHECK_EQ(strlen(text), n - 10);
	free(cmdline);
}

/*
 * The rules again, written as a table-free model: words by a state machine
 * over characters. Appends "word\n" for each to @out.
 */
static void model_words(const char *s, char *out)
{
	bool in_word = false, quoted = false, any = false;

	*out = '\0';
	for (;; s++) {
		bool space = *s && strchr(" \t\n\v\f\r", *s) && !quoted;

		if (!*s || space) {
			if (in_word && any) {
				*out++ = '\n';
				*out = '\0';
			}
			in_word = any = false;
			if (!*s)
				return;
			continue;
		}
		in_word = true;
		if (*s == '"') {
			quoted = !quoted;
			continue;
		}
		any = true;
		*out++ = *s;
		*out = '\0';
	}
}

static void random_line(char *s)
{
	static const char alphabet[] = "ab==\"\" \t  -_\xff";
	static u64 state = 88172645463325252ULL;
	unsigned n;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	n = (unsigned)(state % LINE_MAX_CHARS);
	for (unsigned i = 0; i < n; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		*s++ = alphabet[(state >> 33) % (sizeof(alphabet) - 1)];
	}
	*s = '\0';
}

TEST(random_lines_are_cut_as_the_model_cuts_them)
{
	for (int i = 0; i < RANDOM_LINES; i++) {
		char cmdline[LINE_MAX_CHARS], expected[2 * LINE_MAX_CHARS];
		char got[2 * LINE_MAX_CHARS] = "";

		random_line(cmdline);
		model_words(cmdline, expected);
		CHECK_EQ(parse(cmdline), 0);
		for (unsigned n = 0; param_unknown(n); n++) {
			strcat(got, param_unknown(n));
			strcat(got, "\n");
		}
		CHECK_STR(got, expected);
	}
}

/* Random text as the value of a parameter that takes anything. */
TEST(random_values_arrive_as_the_model_has_them)
{
	for (int i = 0; i < RANDOM_LINES; i++) {
		char cmdline[LINE_MAX_CHARS + 8] = "call=";
		char expected[2 * LINE_MAX_CHARS];
		char got[2 * LINE_MAX_CHARS + 8];

		random_line(cmdline + 5);
		model_words(cmdline, expected);
		parse(cmdline);
		*strchr(expected, '\n') = '\0';
		snprintf(got, sizeof(got), "<%s>", expected + 5);
		CHECK_STR(calls, got);
	}
}

/* A module's, which may come after the command line was parsed. */
static unsigned late;
param_uint_writable("mod_x.late", late, "a module's number");

TEST(parameters_of_modules_have_two_names)
{
	CHECK_EQ(parse("mod-x.late=3 other.late=4"), 0);
	CHECK_EQ(late, 3);
	CHECK_STR(param_unknown(0), "other.late=4");
	CHECK_EQ(param_module_length("mod.name=value"), 3);
	CHECK_EQ(param_module_length("mod.name"), 3);
	CHECK_EQ(param_module_length("name=a.b"), 0);
	CHECK_EQ(param_module_length(".name"), 0);
	CHECK_EQ(param_module_length("name"), 0);
	CHECK_EQ(param_module_length(""), 0);
}

TEST(one_word_is_set_and_stays_as_it_was)
{
	char known[] = "mod_x.late=5", bad[] = "mod_x.late=x", none[] = "no=1";

	parse("");
	CHECK_EQ(param_parse_one(known), 0);
	CHECK_EQ(late, 5);
	CHECK_STR(known, "mod_x.late=5");
	CHECK_EQ(param_parse_one(bad), 1);
	CHECK_STR(bad, "mod_x.late=x");
	CHECK_EQ(param_parse_one(none), -ENOENT);
	CHECK_STR(none, "no=1");
	CHECK_EQ(late, 5);
}

static const char *shown(const char *name)
{
	static char value[8];

	table_for_each(const struct param, param, it)
		if (param_is(*it, name))
			param_format(*it, value, sizeof(value));
	return value;
}

TEST(values_are_shown_as_text)
{
	parse("flag offset=-3 limit=1k mod_x.late=9 some-text=much-too-long");
	CHECK_STR(shown("flag"), "on");
	CHECK_STR(shown("offset"), "-3");
	CHECK_STR(shown("limit"), "1024");
	CHECK_STR(shown("mod-x.late"), "9");
	CHECK_STR(shown("some_text"), "much-to");
	CHECK_STR(shown("call"), "");
	text = NULL;
	CHECK_STR(shown("some_text"), "");
}
