/* SPDX-License-Identifier: BSD-2-Clause */
/* The text screen: what bytes do to it, and that no bytes can break it. */
#include "unit.h"
#include <drivers/vt.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/time.h>

#define ROWS 5
#define COLS 10

static u64 now_ns;

u64 time_ns(void)
{
	return now_ns;
}

/* A device that shows cells; vt.c must keep it equal to what is in vt. */
static struct vt vt;
static struct vt_cell cells[ROWS * COLS], shown[ROWS * COLS];
static struct vt_cell device[ROWS * COLS];
static unsigned cursor_row, cursor_col, drawn;

static void draw(struct vt *v, unsigned row, unsigned col,
		 const struct vt_cell *c, unsigned n)
{
	if (!CHECK(row < ROWS) || !CHECK(n) || !CHECK(col + n <= COLS))
		return;
	memcpy(&device[row * COLS + col], c, n * sizeof(*c));
	drawn += n;
}

static void cursor(struct vt *v, unsigned row, unsigned col)
{
	CHECK(row < ROWS);
	CHECK(col < COLS);
	cursor_row = row;
	cursor_col = col;
}

static const struct vt_ops ops = { .draw = draw, .cursor = cursor };

static void reset(void)
{
	now_ns += NSEC_PER_SEC;
	memset(device, 0, sizeof(device));
	CHECK_EQ(vt_init(&vt, &ops, cells, shown, ARRAY_SIZE(cells), ROWS,
			 COLS),
		 0);
	vt_sync(&vt);
	drawn = 0;
}

static void put(const char *s)
{
	vt_write(&vt, s, strlen(s));
	vt_sync(&vt);
}

/* Row @row of the device without blanks at its end. */
static const char *line(unsigned row)
{
	static char text[COLS + 1];
	unsigned n = COLS;

	for (unsigned i = 0; i < COLS; i++)
		text[i] = (char)device[row * COLS + i].ch;
	while (n && text[n - 1] == ' ')
		n--;
	text[n] = '\0';
	return text;
}

static u8 attr_at(unsigned row, unsigned col)
{
	return device[row * COLS + col].attr;
}

TEST(a_new_screen_is_painted_blank)
{
	reset();
	for (unsigned i = 0; i < ROWS; i++)
		CHECK_STR(line(i), "");
	CHECK_EQ(device[0].ch, ' ');
	CHECK_EQ(cursor_row, 0);
	CHECK_EQ(cursor_col, 0);
}

TEST(impossible_sizes_are_refused)
{
	static struct vt other;
	size_t n = ARRAY_SIZE(cells);

	CHECK_EQ(vt_init(&other, &ops, cells, shown, n, 0, 10), -EINVAL);
	CHECK_EQ(vt_init(&other, &ops, cells, shown, n, 10, 0), -EINVAL);
	CHECK_EQ(vt_init(&other, &ops, cells, shown, n, 51, 1), -EINVAL);
	CHECK_EQ(vt_init(&other, &ops, cells, shown, n, 1, 51), -EINVAL);
	CHECK_EQ(vt_init(&other, &ops, cells, shown, n, ~0U, ~0U), -EINVAL);
}

TEST(text_is_shown_and_wraps_when_the_next_character_comes)
{
	reset();
	put("hello");
	CHECK_STR(line(0), "hello");
	CHECK_EQ(cursor_col, 5);
	put("01234");
	CHECK_EQ(cursor_row, 0);
	CHECK_EQ(cursor_col, COLS - 1);
	put("x");
	CHECK_STR(line(0), "hello01234");
	CHECK_STR(line(1), "x");
	/* A full line followed by "\n" leaves no empty one. */
	put("\r123456789a\nb");
	CHECK_STR(line(1), "123456789a");
	CHECK_STR(line(2), "b");
}

TEST(control_characters_move_the_cursor)
{
	reset();
	put("abc\rX\b\b\bY\n\tZ\a");
	CHECK_STR(line(0), "Ybc");
	CHECK_STR(line(1), "        Z");
	put("\t\t\tE");
	CHECK_EQ(line(1)[COLS - 1], 'E');
}

TEST(the_screen_scrolls_by_one_line_for_a_reader)
{
	reset();
	for (unsigned i = 0; i < 7; i++) {
		char text[] = { '\n', (char)('0' + i), '\0' };

		now_ns += NSEC_PER_SEC;
		put(text);
	}
	CHECK_STR(line(0), "2");
	CHECK_STR(line(4), "6");
	CHECK_EQ(cursor_row, 4);
}

TEST(the_screen_jumps_when_output_is_fast)
{
	static struct vt_cell many[40 * COLS], many_shown[40 * COLS];
	static struct vt tall;
	static const struct vt_ops none = { .draw = draw };

	now_ns += NSEC_PER_SEC;
	CHECK_EQ(vt_init(&tall, &none, many, many_shown, ARRAY_SIZE(many), 40,
			 COLS),
		 0);
	for (unsigned i = 0; i < 39; i++)
		vt_write(&tall, "\n", 1);
	CHECK_EQ(tall.row, 39);
	vt_write(&tall, "a\n", 2);
	CHECK_EQ(tall.row, 39);
	CHECK_EQ(many[38 * COLS].ch, 'a');
	vt_write(&tall, "b\n", 2);
	CHECK_EQ(tall.row, 30);
	CHECK_EQ(many[29 * COLS].ch, 'b');
	CHECK_EQ(many[28 * COLS].ch, 'a');
}

TEST(cursor_sequences_stay_on_the_screen)
{
	reset();
	put("\033[3;4HX");
	CHECK_STR(line(2), "   X");
	put("\033[HH\033[99;99HE\033[99D\033[AU\033[2BD\033[99AT\033[5CR");
	CHECK_EQ(line(0)[0], 'H');
	CHECK_EQ(line(4)[COLS - 1], 'E');
	CHECK_EQ(line(3)[0], 'U');
	CHECK_EQ(line(4)[1], 'D');
	CHECK_EQ(line(0)[2], 'T');
	CHECK_EQ(line(0)[8], 'R');
	put("\033[0;0Hh");
	CHECK_EQ(line(0)[0], 'h');
}

static void fill(void)
{
	reset();
	for (unsigned i = 0; i < ROWS; i++) {
		put("\033[");
		put((char[]){ (char)('1' + i), '\0' });
		put(";1Hxxxxxxxxxx");
	}
	put("\033[3;5H");
}

TEST(erase_sequences_clear_parts)
{
	fill();
	put("\033[K");
	CHECK_STR(line(2), "xxxx");
	CHECK_STR(line(3), "xxxxxxxxxx");
	fill();
	put("\033[1K");
	CHECK_STR(line(2), "     xxxxx");
	fill();
	put("\033[2K");
	CHECK_STR(line(2), "");
	fill();
	put("\033[J");
	CHECK_STR(line(1), "xxxxxxxxxx");
	CHECK_STR(line(2), "xxxx");
	CHECK_STR(line(4), "");
	fill();
	put("\033[1J");
	CHECK_STR(line(1), "");
	CHECK_STR(line(2), "     xxxxx");
	fill();
	put("\033[2J");
	CHECK_STR(line(0), "");
	CHECK_STR(line(4), "");
	CHECK_EQ(cursor_row, 2);
	CHECK_EQ(cursor_col, 4);
	fill();
	put("\033[3J\033[9K");
	CHECK_STR(line(2), "xxxxxxxxxx");
}

TEST(colours_are_set_and_reset)
{
	reset();
	put("a\033[31mb\033[1;44mc\033[7md\033[0me\033[92;103mf\033[mg");
	CHECK_EQ(attr_at(0, 0), 0x07);
	CHECK_EQ(attr_at(0, 1), 0x01);
	CHECK_EQ(attr_at(0, 2), 0x49);
	CHECK_EQ(attr_at(0, 3), 0x94);
	CHECK_EQ(attr_at(0, 4), 0x07);
	CHECK_EQ(attr_at(0, 5), 0xba);
	CHECK_EQ(attr_at(0, 6), 0x07);
	/* Extended colours are left out, with their parameters. */
	put("\r\033[38;5;31;42mh\033[0;48;2;31;32;33;34mi\033[39;49;38mj");
	CHECK_EQ(attr_at(0, 0), 0x27);
	CHECK_EQ(attr_at(0, 1), 0x04);
	CHECK_EQ(attr_at(0, 2), 0x07);
}

TEST(erasing_paints_the_background)
{
	reset();
	put("\033[44m\033[2K");
	CHECK_EQ(VT_BACKGROUND(attr_at(0, 5)), 4);
}

TEST(unknown_sequences_are_swallowed)
{
	reset();
	put("a\033[?25lb\033[>0qc\033[12 qd\033(Be\033]0;title\afg");
	put("\033]8;;x\033\\h\033Pq\033\\i\0337j");
	CHECK_STR(line(0), "abcdefghij");
}

TEST(an_escape_character_restarts_and_cancel_ends_a_sequence)
{
	reset();
	put("\033[5;\033[2;3HX");
	CHECK_STR(line(1), "  X");
	put("\r\033[31\x18yz\033\x1aw");
	CHECK_STR(line(1), "yzw");
}

TEST(control_characters_work_inside_sequences)
{
	reset();
	put("ab\033[\r2CX");
	CHECK_STR(line(0), "abX");
}

TEST(endless_sequences_end)
{
	reset();
	put("\033[");
	for (unsigned i = 0; i < 200; i++)
		put("1");
	put("\r\nok");
	CHECK_STR(line(cursor_row), "ok");
	reset();
	put("\033]");
	for (unsigned i = 0; i < 300; i++)
		put("t");
	put("\r\nok");
	CHECK_STR(line(cursor_row), "ok");
	reset();
	put("\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19mok");
	CHECK_STR(line(0), "ok");
}

TEST(utf8_shows_latin_1_and_marks_the_rest)
{
	reset();
	put("\xc3\xa9\xc2\xb5\xe2\x82\xac\xf0\x9f\x98\x80!\xc2\x9b\xbf");
	CHECK_EQ(device[0].ch, 0xe9);
	CHECK_EQ(device[1].ch, 0xb5);
	CHECK_EQ(device[2].ch, '?');
	CHECK_EQ(device[3].ch, '?');
	CHECK_EQ(device[4].ch, '!');
	CHECK_EQ(device[5].ch, '?');
	CHECK_EQ(device[6].ch, ' ');
}

TEST(only_what_changed_is_painted)
{
	reset();
	put("hello");
	CHECK_EQ(drawn, 5);
	put("\rhellO");
	CHECK_EQ(drawn, 6);
	put("\rhellO");
	CHECK_EQ(drawn, 6);
	put("\033[2J\033[1;1HhellO");
	CHECK_EQ(drawn, 6);
}

TEST(nothing_is_painted_before_the_sync)
{
	reset();
	vt_write(&vt, "abc\n", 4);
	CHECK_EQ(drawn, 0);
	vt_sync(&vt);
	CHECK_EQ(drawn, 3);
}

TEST(a_blank_device_is_not_painted)
{
	reset();
	CHECK_EQ(vt_init(&vt, &ops, cells, shown, ARRAY_SIZE(cells), ROWS,
			 COLS),
		 0);
	vt_assume_blank(&vt);
	vt_sync(&vt);
	CHECK_EQ(drawn, 0);
	put("x");
	CHECK_EQ(drawn, 1);
}

/* xorshift64: the same bytes on each run. */
static u64 random_state = 0x9e3779b97f4a7c15;

static u64 random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Bytes that mean something come often, so that sequences get deep. */
static char random_byte(void)
{
	static const char likely[] = "\033\033\033[[[;;0123456789ABCDHJKm?"
				     "\n\r\b\t]P\\\a\x18\xc3\xa9";
	u64 r = random_u64();

	return r & 3 ? likely[(r >> 8) % (sizeof(likely) - 1)] : (char)(r >> 8);
}

static bool screen_is_sound(void)
{
	if (!CHECK(vt.row < vt.rows) || !CHECK(vt.col < vt.cols))
		return false;
	for (unsigned i = 0; i < ROWS * COLS; i++) {
		if (!CHECK_EQ(device[i].ch, cells[i].ch) ||
		    !CHECK_EQ(device[i].attr, cells[i].attr) ||
		    !CHECK(cells[i].ch >= ' '))
			return false;
	}
	return true;
}

TEST(random_bytes_never_break_the_screen)
{
	reset();
	for (unsigned round = 0; round < 20000; round++) {
		char bytes[40];
		size_t n = random_u64() % sizeof(bytes);

		for (size_t i = 0; i < n; i++)
			bytes[i] = random_byte();
		now_ns += random_u64() % (100 * NSEC_PER_MSEC);
		vt_write(&vt, bytes, n);
		vt_sync(&vt);
		if (!screen_is_sound())
			return;
	}
}

TEST(a_screen_of_one_cell_survives_too)
{
	static struct vt tiny;
	static struct vt_cell one, one_shown;
	static const struct vt_ops quiet = { .draw = draw };

	CHECK_EQ(vt_init(&tiny, &quiet, &one, &one_shown, 1, 1, 1), 0);
	for (unsigned i = 0; i < 100000; i++) {
		char c = random_byte();

		vt_write(&tiny, &c, 1);
	}
	vt_sync(&tiny);
	CHECK_EQ(tiny.row, 0);
	CHECK_EQ(tiny.col, 0);
}
