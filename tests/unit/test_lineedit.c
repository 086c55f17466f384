/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel/shell/lineedit.c at a simulated terminal: what the echo draws must
 * be the prompt and the line (or the part of it around the cursor), after
 * every key.
 */
#include "unit.h"
#include <kernel/compiler.h>
#include <kernel/string.h>
#include "../../kernel/shell/lineedit.h"

/* From here on these are the C library's. */
#undef snprintf

#define PROMPT	     "zirvium> "
#define PROMPT_CHARS 9
#define SCREEN_ROWS  64
#define RANDOM_BYTES 400000

#define UP     "\033[A"
#define DOWN   "\033[B"
#define RIGHT  "\033[C"
#define LEFT   "\033[D"
#define HOME   "\033[H"
#define END    "\033[F"
#define DELETE "\033[3~"

/* A terminal that knows what the editor may use, and nothing else. */
static struct {
	char rows[SCREEN_ROWS][LINEEDIT_COLUMNS + 1];
	unsigned row, column;
	char escape[8];
	bool wrapped, confused;
} screen;

static size_t echoed_bytes;

static void screen_clear(void)
{
	memset(&screen, 0, sizeof(screen));
	for (int i = 0; i < SCREEN_ROWS; i++)
		memset(screen.rows[i], ' ', LINEEDIT_COLUMNS);
}

static void screen_new_row(void)
{
	screen.column = 0;
	if (screen.row + 1 < SCREEN_ROWS) {
		screen.row++;
		return;
	}
	memmove(screen.rows[0], screen.rows[1],
		sizeof(screen.rows) - sizeof(screen.rows[0]));
	memset(screen.rows[SCREEN_ROWS - 1], ' ', LINEEDIT_COLUMNS);
}

static void screen_escape(char c)
{
	size_t n = strlen(screen.escape);

	screen.escape[n] = c;
	if (strcmp(screen.escape, "\033[2J") == 0)
		screen_clear();
	else if (strcmp(screen.escape, "\033[H") == 0)
		screen.row = screen.column = 0;
	else if (n < 3)
		return;
	else
		screen.confused = true;
	memset(screen.escape, 0, sizeof(screen.escape));
}

static void screen_put(char c)
{
	if (*screen.escape || c == '\033') {
		screen_escape(c);
	} else if (c == '\n') {
		screen_new_row();
	} else if (c == '\r') {
		screen.column = 0;
	} else if (c == '\b') {
		screen.confused |= screen.column == 0;
		screen.column -= screen.column != 0;
	} else if (c >= ' ' && c <= '~') {
		if (screen.column == LINEEDIT_COLUMNS) {
			screen.wrapped = true;
			screen_new_row();
		}
		screen.rows[screen.row][screen.column++] = c;
	} else {
		screen.confused = true;
	}
}

static void echo(struct lineedit *le, const char *s, size_t n)
{
	(void)le;
	echoed_bytes += n;
	while (n--)
		screen_put(*s++);
}

/* The row @back rows above the cursor, without spaces at its end. */
static const char *row_text(unsigned back)
{
	static char text[LINEEDIT_COLUMNS + 1];
	unsigned n = LINEEDIT_COLUMNS;

	memcpy(text, screen.rows[screen.row - back], sizeof(text));
	while (n && text[n - 1] == ' ')
		text[--n] = '\0';
	return text;
}

static const char *const commands[] = { "clear", "cpuinfo",  "dmesg", "help",
					"panic", "poweroff", "reboot" };
static const char *const arguments[] = { "params", "panic" };

/* Commands first; then arguments, for "help" alone. */
static const char *candidate(struct lineedit *le, size_t length, unsigned n)
{
	if (length == 0)
		return n < ARRAY_SIZE(commands) ? commands[n] : NULL;
	if (length == 5 && strncmp(le->line, "help ", 5) == 0)
		return n < ARRAY_SIZE(arguments) ? arguments[n] : NULL;
	return NULL;
}

static const struct lineedit_ops ops = { .echo = echo, .candidate = candidate };
static struct lineedit editor;

static void start(void)
{
	screen_clear();
	lineedit_init(&editor, &ops, PROMPT);
	lineedit_begin(&editor);
}

/*
 * What must hold after every byte. The text in the row is part of the line,
 * the character under the cursor is the one the cursor is at, and a line that
 * fits is there from its beginning.
 */
static void check_row(void)
{
	const char *row = screen.rows[screen.row] + PROMPT_CHARS;
	unsigned width = LINEEDIT_COLUMNS - PROMPT_CHARS;
	unsigned at = screen.column - PROMPT_CHARS;
	char expected[LINEEDIT_BYTES + LINEEDIT_COLUMNS + 1];
	unsigned first = editor.cursor - at;

	CHECK(editor.length < LINEEDIT_BYTES);
	CHECK(editor.cursor <= editor.length);
	CHECK_EQ(strlen(editor.line), editor.length);
	CHECK(!screen.confused && !screen.wrapped);
	CHECK(strncmp(screen.rows[screen.row], PROMPT, PROMPT_CHARS) == 0);
	CHECK(screen.column >= PROMPT_CHARS && at <= editor.cursor);
	CHECK(editor.length >= width || first == 0);
	if (at > editor.cursor || editor.cursor > editor.length)
		return;
	memset(expected, ' ', sizeof(expected));
	memcpy(expected, editor.line + first, editor.length - first);
	CHECK(memcmp(row, expected, width - 1) == 0);
	CHECK_EQ(row[width - 1], ' ');
}

/* Type @keys, which complete no line. */
static void type(const char *keys)
{
	for (; *keys; keys++) {
		CHECK(!lineedit_input(&editor, (u8)*keys));
		check_row();
	}
}

/* Type @keys and Enter; the line is then in editor.line. */
static void enter(const char *keys)
{
	type(keys);
	CHECK(lineedit_input(&editor, '\r'));
	CHECK_EQ(screen.column, 0);
}

static void check_edit(const char *keys, const char *line, unsigned cursor)
{
	start();
	type(keys);
	CHECK_STR(editor.line, line);
	CHECK_EQ(editor.cursor, cursor);
}

TEST(typed_characters_are_echoed_once_each)
{
	start();
	echoed_bytes = 0;
	enter("help params");
	CHECK_EQ(echoed_bytes, strlen("help params\n"));
	CHECK_STR(editor.line, "help params");
	CHECK_STR(row_text(1), PROMPT "help params");
}

TEST(cursor_moves_within_the_line)
{
	check_edit("abc" LEFT, "abc", 2);
	check_edit("abc" LEFT LEFT LEFT LEFT, "abc", 0);
	check_edit("abc" RIGHT, "abc", 3);
	check_edit("abc" LEFT LEFT RIGHT, "abc", 2);
	check_edit("abc" HOME, "abc", 0);
	check_edit("abc" HOME END, "abc", 3);
	check_edit("abc\033[1~", "abc", 0);
	check_edit("abc\033[7~\033[4~", "abc", 3);
	check_edit("abc\033[7~\033[8~", "abc", 3);
	check_edit("abc\033OH", "abc", 0);
	check_edit("abc\033OH\033OF", "abc", 3);
	check_edit("abc\033OD\033OD\033OC", "abc", 2);
	check_edit("abc\x01", "abc", 0);
	check_edit("abc\x01\x05", "abc", 3);
	check_edit("abc\x02\x02\x06", "abc", 2);
	check_edit("abc\033[1;5D", "abc", 2);
}

TEST(characters_are_inserted_at_the_cursor)
{
	check_edit("ac" LEFT "b", "abc", 2);
	check_edit("bc" HOME "a", "abc", 1);
	check_edit("c" HOME "b" HOME "a" END "d", "abcd", 4);
}

TEST(characters_are_deleted_either_side)
{
	check_edit("abc\x7f", "ab", 2);
	check_edit("abc\x08", "ab", 2);
	check_edit("abc" LEFT "\x7f", "ac", 1);
	check_edit("abc" HOME "\x7f", "abc", 0);
	check_edit("\x7f", "", 0);
	check_edit("abc" HOME DELETE, "bc", 0);
	check_edit("abc" LEFT LEFT DELETE, "ac", 1);
	check_edit("abc" DELETE, "abc", 3);
	check_edit("abc" HOME "\033[3;5~", "bc", 0);
	check_edit("abc" HOME "\x04", "bc", 0);
	check_edit("abc\x04", "abc", 3);
	check_edit("\x04", "", 0);
}

TEST(parts_of_the_line_are_killed)
{
	check_edit("one two" LEFT LEFT "\x0b", "one t", 5);
	check_edit("one two" LEFT LEFT "\x15", "wo", 0);
	check_edit("one two\x15", "", 0);
	check_edit("one two\x17", "one ", 4);
	check_edit("one two  \x17", "one ", 4);
	check_edit("one two\x17\x17", "", 0);
	check_edit("one two\x17\x17\x17", "", 0);
	check_edit("one two" LEFT "\x17", "one o", 4);
	check_edit("   \x17", "", 0);
}

TEST(control_c_leaves_the_line_and_starts_a_new_one)
{
	start();
	type("abc" LEFT LEFT);
	CHECK(!lineedit_input(&editor, 3));
	check_row();
	CHECK_STR(row_text(1), PROMPT "abc^C");
	CHECK_STR(editor.line, "");
	type(UP);
	CHECK_STR(editor.line, "");
}

TEST(control_l_clears_the_screen_and_keeps_the_line)
{
	start();
	enter("first");
	lineedit_begin(&editor);
	type("second" LEFT "\x0c");
	CHECK_EQ(screen.row, 0);
	CHECK_STR(row_text(0), PROMPT "second");
	CHECK_EQ(editor.cursor, 5);
}

TEST(each_kind_of_line_end_is_one_enter)
{
	static const char input[] = "a\rb\nc\r\nd\r\re\n\nf\r\n\r\n";
	static const char *const expected[] = { "a", "b", "c", "d", "",
						"e", "",  "f", "" };
	unsigned lines = 0;

	start();
	for (const char *s = input; *s; s++) {
		if (!lineedit_input(&editor, (u8)*s))
			continue;
		CHECK(lines < ARRAY_SIZE(expected));
		if (lines < ARRAY_SIZE(expected))
			CHECK_STR(editor.line, expected[lines]);
		lines++;
		lineedit_begin(&editor);
	}
	CHECK_EQ(lines, ARRAY_SIZE(expected));
}

TEST(history_goes_back_and_forth)
{
	start();
	enter("one");
	lineedit_begin(&editor);
	enter("two");
	lineedit_begin(&editor);
	type("draft" UP);
	CHECK_STR(editor.line, "two");
	type(UP);
	CHECK_STR(editor.line, "one");
	type(UP);
	CHECK_STR(editor.line, "one");
	type(DOWN);
	CHECK_STR(editor.line, "two");
	type(DOWN);
	CHECK_STR(editor.line, "draft");
	type(DOWN);
	CHECK_STR(editor.line, "draft");
	type("\x10\x10\x0e");
	CHECK_STR(editor.line, "two");
	CHECK_EQ(editor.cursor, 3);
	enter("!");
	CHECK_STR(editor.line, "two!");
	lineedit_begin(&editor);
	type(UP UP);
	CHECK_STR(editor.line, "two");
}

TEST(history_keeps_the_newest_lines)
{
	char name[32];

	start();
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "line-%d", i);
		enter(name);
		lineedit_begin(&editor);
	}
	for (int i = 0; i < 40; i++)
		type(UP);
	CHECK_STR(editor.line, "line-24");
	for (int i = 0; i < LINEEDIT_HISTORY - 1; i++)
		type(DOWN);
	CHECK_STR(editor.line, "line-39");
}

TEST(history_skips_empty_and_repeated_lines)
{
	start();
	for (int i = 0; i < 3; i++) {
		enter("same");
		lineedit_begin(&editor);
		enter("");
		lineedit_begin(&editor);
	}
	type(UP UP);
	CHECK_STR(editor.line, "same");
	CHECK_EQ(editor.history_added, 1);
}

TEST(tab_completes_what_is_certain)
{
	check_edit("he\t", "help ", 5);
	check_edit("he\tpar\t", "help params ", 12);
	check_edit("help pan\t", "help panic ", 11);
	check_edit("xyz\t", "xyz", 3);
	check_edit("dmesg x\t", "dmesg x", 7);
	check_edit("re now" HOME RIGHT RIGHT "\t", "reboot  now", 7);
}

TEST(tab_goes_as_far_as_all_agree_and_then_lists)
{
	start();
	type("help \t");
	CHECK_STR(editor.line, "help pa");
	type("\t");
	CHECK_STR(editor.line, "help pa");
	CHECK_STR(row_text(2), PROMPT "help pa");
	CHECK_STR(row_text(1), "params  panic");
	CHECK_STR(row_text(0), PROMPT "help pa");
}

TEST(tab_on_an_empty_line_lists_everything)
{
	start();
	type("\t");
	CHECK_STR(row_text(1),
		  "clear  cpuinfo  dmesg  help  panic  poweroff  reboot");
}

TEST(tab_without_candidates_does_nothing)
{
	static const struct lineedit_ops plain = { .echo = echo };

	screen_clear();
	lineedit_init(&editor, &plain, PROMPT);
	lineedit_begin(&editor);
	type("he\t");
	CHECK_STR(editor.line, "he");
}

TEST(tab_adds_nothing_to_a_full_line)
{
	start();
	for (int i = 0; i < LINEEDIT_BYTES - 3; i++)
		type(" ");
	type(HOME "he\t");
	CHECK_EQ(editor.length, LINEEDIT_BYTES - 1);
	CHECK(strncmp(editor.line, "he  ", 4) == 0);
}

TEST(a_line_is_bounded)
{
	start();
	for (int i = 0; i < 1000; i++)
		type("x");
	CHECK_EQ(editor.length, LINEEDIT_BYTES - 1);
	type(HOME "y");
	CHECK_EQ(editor.length, LINEEDIT_BYTES - 1);
	CHECK_EQ(editor.line[0], 'x');
	enter("");
	CHECK_EQ(strlen(editor.line), LINEEDIT_BYTES - 1);
}

TEST(a_long_line_is_scrolled_and_shown_whole_at_the_end)
{
	char text[120], row[LINEEDIT_COLUMNS + 1];

	for (unsigned i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('a' + i % 26);
	text[sizeof(text) - 1] = '\0';
	start();
	type(text);
	type(HOME);
	CHECK(strncmp(row_text(0), PROMPT "abc", PROMPT_CHARS + 3) == 0);
	CHECK(lineedit_input(&editor, '\r'));
	snprintf(row, sizeof(row), PROMPT "%.71s", text);
	CHECK_STR(row_text(2), row);
	CHECK_STR(row_text(1), text + LINEEDIT_COLUMNS - PROMPT_CHARS);
}

TEST(bytes_that_are_no_text_are_ignored)
{
	start();
	for (int c = 0x80; c < 0x100; c++)
		CHECK(!lineedit_input(&editor, (u8)c));
	CHECK(!lineedit_input(&editor, 0));
	for (int c = 0x1c; c < 0x20; c++)
		CHECK(!lineedit_input(&editor, (u8)c));
	CHECK(!lineedit_input(&editor, 0x12));
	check_row();
	CHECK_STR(editor.line, "");
}

TEST(malformed_escape_sequences_are_survived)
{
	check_edit("a\033[99999999;;;~b", "ab", 2);
	check_edit("a\033[?25hb", "ab", 2);
	check_edit("a\033[ qb", "ab", 2);
	check_edit("a\033xb", "ab", 2);
	check_edit("a\033\033[Db", "ba", 1);
	check_edit("a\033[1\033[Db", "ba", 1);
	check_edit("a\033[\x01"
		   "b",
		   "ba", 1);
	check_edit("a\033O\x01"
		   "b",
		   "ba", 1);
	check_edit("a\033[Zb", "ab", 2);
	check_edit("a\033[5~\033[6~\033[~b", "ab", 2);
	start();
	type("a\033[");
	CHECK(lineedit_input(&editor, '\r'));
	CHECK_STR(editor.line, "a");
}

TEST(an_endless_escape_sequence_ends)
{
	start();
	type("\033[");
	for (int i = 0; i < 100; i++)
		type("1");
	CHECK(editor.length > 0);
	type("\x15help");
	CHECK_STR(editor.line, "help");
}

static u8 random_key(u64 *state)
{
	static const char likely[] = "\033\033\033[[[[ABCDHF~O3;\t\x08\x7f"
				     "\x01\x05\x0b\x0c\x10\x0e\x15\x17he pa";

	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	if (*state >> 62)
		return (u8)likely[(*state >> 33) % (sizeof(likely) - 1)];
	return (u8)(*state >> 33);
}

TEST(random_bytes_keep_line_and_screen_together)
{
	u64 state = 42;

	start();
	for (int i = 0; i < RANDOM_BYTES; i++) {
		if (lineedit_input(&editor, random_key(&state))) {
			screen.wrapped = false;
			lineedit_begin(&editor);
		}
		check_row();
	}
}
