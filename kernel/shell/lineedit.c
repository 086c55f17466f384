/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/compiler.h>
#include <kernel/ctype.h>
#include <kernel/string.h>
#include "lineedit.h"

#define CONTROL(key) ((key)&0x1f)
#define ESC	     0x1b
#define DELETE	     0x7f

/* Longer is no key; what follows is taken as text again. */
#define ESCAPE_BYTES_MAX 16

/* Bytes of output that are worth one call of echo(). */
#define ECHO_CHUNK 16

static void echo(struct lineedit *le, const char *s, size_t n)
{
	if (n)
		le->ops->echo(le, s, n);
}

static void echo_string(struct lineedit *le, const char *s)
{
	echo(le, s, strlen(s));
}

static void echo_repeated(struct lineedit *le, char c, unsigned n)
{
	char chunk[ECHO_CHUNK];

	memset(chunk, c, sizeof(chunk));
	for (; n > sizeof(chunk); n -= sizeof(chunk))
		echo(le, chunk, sizeof(chunk));
	echo(le, chunk, n);
}

/* Columns behind the prompt; the last one is left free, lest it wraps. */
static unsigned row_width(const struct lineedit *le)
{
	return LINEEDIT_COLUMNS - 1 - (unsigned)strlen(le->prompt);
}

/* Move forwards by writing what is there, backwards by backspaces. */
static void move_to(struct lineedit *le, unsigned column)
{
	if (column < le->shown_cursor)
		echo_repeated(le, '\b', le->shown_cursor - column);
	else
		echo(le, le->shown + le->shown_cursor,
		     column - le->shown_cursor);
	le->shown_cursor = column;
}

/*
 * Choose the part of the line to show. When the cursor leaves it, it comes
 * back in the middle, so that typing on does not scroll at every key.
 */
static void scroll(struct lineedit *le)
{
	unsigned width = row_width(le);

	if (le->length <= width)
		le->first = 0;
	else if (le->cursor < le->first || le->cursor > le->first + width)
		le->first = le->cursor > width / 2 ? le->cursor - width / 2 : 0;
}

/* Bring the row up to date, from the first column that differs. */
static void refresh(struct lineedit *le)
{
	const char *text;
	unsigned same = 0, length;

	scroll(le);
	text = le->line + le->first;
	length = MIN(le->length - le->first, row_width(le));
	while (same < length && same < le->shown_length &&
	       text[same] == le->shown[same])
		same++;
	if (same < length || same < le->shown_length) {
		unsigned old_length = le->shown_length;

		move_to(le, same);
		memcpy(le->shown + same, text + same, length - same);
		le->shown_length = length;
		move_to(le, length);
		if (old_length > length) {
			echo_repeated(le, ' ', old_length - length);
			echo_repeated(le, '\b', old_length - length);
		}
	}
	move_to(le, le->cursor - le->first);
}

/* Show prompt and line on the row the cursor is at the beginning of. */
static void redraw(struct lineedit *le)
{
	le->shown_length = 0;
	le->shown_cursor = 0;
	echo_string(le, le->prompt);
	refresh(le);
}

static void insert(struct lineedit *le, const char *s, unsigned n)
{
	char *at = le->line + le->cursor;

	if (n > LINEEDIT_BYTES - 1 - le->length)
		return;
	memmove(at + n, at, le->length - le->cursor + 1);
	memcpy(at, s, n);
	le->length += n;
	le->cursor += n;
}

/* Remove the characters from @from up to @to; the cursor stays at its place. */
static void erase(struct lineedit *le, unsigned from, unsigned to)
{
	memmove(le->line + from, le->line + to, le->length - to + 1);
	le->length -= to - from;
	if (le->cursor >= to)
		le->cursor -= to - from;
	else if (le->cursor > from)
		le->cursor = from;
}

static void set_line(struct lineedit *le, const char *s)
{
	le->length = (unsigned)strscpy(le->line, s, sizeof(le->line));
	le->cursor = le->length;
}

static unsigned word_start(const struct lineedit *le)
{
	unsigned at = le->cursor;

	while (at > 0 && le->line[at - 1] != ' ')
		at--;
	return at;
}

/* The line @back steps ago: 1 is the newest. */
static char *history_line(struct lineedit *le, unsigned back)
{
	return le->history[(le->history_added - back) % LINEEDIT_HISTORY];
}

/* Empty lines and repetitions are not worth finding again. */
static void history_add(struct lineedit *le)
{
	if (!le->length)
		return;
	if (le->history_added && strcmp(history_line(le, 1), le->line) == 0)
		return;
	le->history_added++;
	memcpy(history_line(le, 1), le->line, le->length + 1);
}

static void history_go(struct lineedit *le, unsigned back)
{
	if (back > MIN(le->history_added, (unsigned)LINEEDIT_HISTORY))
		return;
	if (le->history_back == 0)
		memcpy(le->draft, le->line, le->length + 1);
	le->history_back = back;
	set_line(le, back ? history_line(le, back) : le->draft);
}

static void history_up(struct lineedit *le)
{
	history_go(le, le->history_back + 1);
}

static void history_down(struct lineedit *le)
{
	if (le->history_back)
		history_go(le, le->history_back - 1);
}

static bool fits(const struct lineedit *le, const char *word)
{
	unsigned start = word_start(le);

	return strncmp(word, le->line + start, le->cursor - start) == 0;
}

/* Below the row, what the word could become; then the row again. */
static void list_candidates(struct lineedit *le)
{
	unsigned start = word_start(le), column = 0;
	const char *word;

	echo_string(le, "\n");
	for (unsigned n = 0; (word = le->ops->candidate(le, start, n)); n++) {
		unsigned length = (unsigned)strlen(word);

		if (!fits(le, word))
			continue;
		if (column && column + 2 + length >= LINEEDIT_COLUMNS) {
			echo_string(le, "\n");
			column = 0;
		}
		if (column)
			echo_string(le, "  ");
		echo(le, word, length);
		column += length + 2;
	}
	echo_string(le, "\n");
	redraw(le);
}

static unsigned common_length(const char *a, const char *b, unsigned max)
{
	unsigned n = 0;

	while (n < max && a[n] && a[n] == b[n])
		n++;
	return n;
}

/* Extend the word before the cursor as far as all candidates agree. */
static void complete(struct lineedit *le)
{
	unsigned start = word_start(le), typed = le->cursor - start;
	unsigned matches = 0, common = LINEEDIT_BYTES;
	const char *word, *match = NULL;

	if (!le->ops->candidate)
		return;
	for (unsigned n = 0; (word = le->ops->candidate(le, start, n)); n++) {
		if (!fits(le, word))
			continue;
		common = common_length(word, match ? match : word, common);
		match = word;
		matches++;
	}
	if (matches > 1 && common == typed) {
		list_candidates(le);
	} else if (matches) {
		insert(le, match + typed, common - typed);
		if (matches == 1)
			insert(le, " ", 1);
	}
}

static void clear_screen(struct lineedit *le)
{
	echo_string(le, "\033[H\033[2J");
	redraw(le);
}

static void abandon(struct lineedit *le)
{
	le->cursor = le->length;
	refresh(le);
	echo_string(le, "^C\n");
	lineedit_begin(le);
}

/* A line that was scrolled is shown whole for once, for the log. */
static void finish(struct lineedit *le)
{
	le->cursor = le->length;
	if (le->length > row_width(le)) {
		echo_string(le, "\r");
		echo_string(le, le->prompt);
		echo(le, le->line, le->length);
	} else {
		refresh(le);
	}
	echo_string(le, "\n");
	history_add(le);
}

static void move_left(struct lineedit *le)
{
	if (le->cursor)
		le->cursor--;
}

static void move_right(struct lineedit *le)
{
	if (le->cursor < le->length)
		le->cursor++;
}

static void erase_left(struct lineedit *le)
{
	if (le->cursor)
		erase(le, le->cursor - 1, le->cursor);
}

static void erase_right(struct lineedit *le)
{
	if (le->cursor < le->length)
		erase(le, le->cursor, le->cursor + 1);
}

/* The word before the cursor and the spaces behind it. */
static void erase_word(struct lineedit *le)
{
	unsigned end = le->cursor;

	while (le->cursor && le->line[le->cursor - 1] == ' ')
		le->cursor--;
	le->cursor = word_start(le);
	erase(le, le->cursor, end);
}

static void control_key(struct lineedit *le, u8 byte)
{
	switch (byte) {
	case CONTROL('A'): le->cursor = 0; break;
	case CONTROL('B'): move_left(le); break;
	case CONTROL('C'): abandon(le); break;
	case CONTROL('D'): erase_right(le); break;
	case CONTROL('E'): le->cursor = le->length; break;
	case CONTROL('F'): move_right(le); break;
	case CONTROL('H'):
	case DELETE: erase_left(le); break;
	case CONTROL('I'): complete(le); break;
	case CONTROL('K'): erase(le, le->cursor, le->length); break;
	case CONTROL('L'): clear_screen(le); break;
	case CONTROL('N'): history_down(le); break;
	case CONTROL('P'): history_up(le); break;
	case CONTROL('U'): erase(le, 0, le->cursor); break;
	case CONTROL('W'): erase_word(le); break;
	}
}

/* The byte that ends ESC [ (with its number) or follows ESC O. */
static void function_key(struct lineedit *le, u8 final, unsigned parameter)
{
	switch (final) {
	case 'A': history_up(le); break;
	case 'B': history_down(le); break;
	case 'C': move_right(le); break;
	case 'D': move_left(le); break;
	case 'H': le->cursor = 0; break;
	case 'F': le->cursor = le->length; break;
	case '~':
		if (parameter == 1 || parameter == 7)
			le->cursor = 0;
		else if (parameter == 3)
			erase_right(le);
		else if (parameter == 4 || parameter == 8)
			le->cursor = le->length;
		break;
	}
}

static void begin_escape(struct lineedit *le)
{
	le->state = LINEEDIT_ESCAPE;
	le->escape_length = 0;
}

static void after_escape(struct lineedit *le, u8 byte)
{
	if (byte == '[') {
		le->state = LINEEDIT_PARAMETER;
		le->parameter = 0;
	} else {
		le->state = byte == 'O' ? LINEEDIT_SS3 : LINEEDIT_GROUND;
	}
}

/*
 * One byte after ESC [ (ECMA-48, 5.4): parameters and intermediates up to a
 * final byte from 0x40. Only the first number tells keys apart; those after
 * it are modifiers.
 */
static void control_sequence(struct lineedit *le, u8 byte)
{
	if (++le->escape_length > ESCAPE_BYTES_MAX) {
		le->state = LINEEDIT_GROUND;
	} else if (byte >= 0x40) {
		le->state = LINEEDIT_GROUND;
		function_key(le, byte, le->parameter);
	} else if (le->escape_length <= 2 && is_digit((char)byte)) {
		le->parameter = le->parameter * 10 + (byte - '0');
	}
}

/* One byte inside an escape sequence, printable. */
static void escape_byte(struct lineedit *le, u8 byte)
{
	switch (le->state) {
	case LINEEDIT_ESCAPE: after_escape(le, byte); break;
	case LINEEDIT_PARAMETER: control_sequence(le, byte); break;
	default:
		le->state = LINEEDIT_GROUND;
		function_key(le, byte, 0);
		break;
	}
}

static bool in_escape(const struct lineedit *le)
{
	return le->state != LINEEDIT_GROUND && le->state != LINEEDIT_AFTER_CR;
}

void lineedit_init(struct lineedit *le, const struct lineedit_ops *ops,
		   const char *prompt)
{
	memset(le, 0, sizeof(*le));
	le->ops = ops;
	le->prompt = prompt;
}

void lineedit_begin(struct lineedit *le)
{
	set_line(le, "");
	le->history_back = 0;
	redraw(le);
}

/* A byte that is no text breaks off an escape sequence and acts as usual. */
bool lineedit_input(struct lineedit *le, u8 byte)
{
	bool second_half = le->state == LINEEDIT_AFTER_CR && byte == '\n';

	if (in_escape(le) && is_print((char)byte)) {
		escape_byte(le, byte);
		refresh(le);
		return false;
	}
	le->state = byte == '\r' ? LINEEDIT_AFTER_CR : LINEEDIT_GROUND;
	if (second_half)
		return false;
	if (byte == '\r' || byte == '\n') {
		finish(le);
		return true;
	}
	if (byte == ESC)
		begin_escape(le);
	else if (is_print((char)byte))
		insert(le, &(char){ (char)byte }, 1);
	else
		control_key(le, byte);
	refresh(le);
	return false;
}
