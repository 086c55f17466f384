/* SPDX-License-Identifier: BSD-2-Clause */
/* The text screen: a parser for ECMA-48 in front of an array of cells. */
#include <drivers/vt.h>
#include <kernel/errno.h>
#include <kernel/module.h>
#include <kernel/string.h>
#include <kernel/time.h>

enum vt_state {
	VT_GROUND,
	VT_ESCAPE,	 /* ESC */
	VT_INTERMEDIATE, /* ESC and 0x20 to 0x2f: one more byte ends it */
	VT_CONTROL,	 /* ESC [ */
	VT_STRING,	 /* ESC ] and its like: text up to BEL or ESC \ */
};

/* Sequences that are longer end here: one that never ends costs no output. */
#define VT_SEQUENCE_MAX 64
#define VT_STRING_MAX	256

/* Far more than any screen has of anything. */
#define VT_PARAM_VALUE_MAX 9999

#define VT_TAB 8

/*
 * Scrolling repaints nearly every cell. Policy: when the last scroll was less
 * than this ago, it is output that nobody reads line by line; then make room
 * for a quarter of the screen at once.
 */
#define VT_BURST_NS (50 * NSEC_PER_MSEC)
#define VT_JUMP	    4

static u8 current_attr(const struct vt *vt)
{
	u8 front = vt->foreground, back = vt->background;

	if (vt->bold)
		front |= 8;
	if (vt->reverse)
		return (u8)(front << 4 | back);
	return (u8)(back << 4 | front);
}

static void mark_dirty(struct vt *vt, unsigned first, unsigned end)
{
	if (vt->dirty_first >= vt->dirty_end) {
		vt->dirty_first = first;
		vt->dirty_end = end;
		return;
	}
	vt->dirty_first = MIN(vt->dirty_first, first);
	vt->dirty_end = MAX(vt->dirty_end, end);
}

/* Blank the cells from index @from up to index @end. */
static void clear_cells(struct vt *vt, unsigned from, unsigned end)
{
	/* On a blank only the background shows. */
	u8 attr = (u8)(vt->background << 4 | VT_ATTR_DEFAULT);
	struct vt_cell blank = { ' ', attr };

	if (from >= end)
		return;
	for (unsigned i = from; i < end; i++)
		vt->cells[i] = blank;
	mark_dirty(vt, from / vt->cols, (end - 1) / vt->cols + 1);
}

/* The cursor is in the last row; make it another one with room below. */
static void scroll(struct vt *vt)
{
	u64 now = time_ns();
	unsigned lines = 1;
	unsigned kept;

	if (vt->scrolled_ns && now - vt->scrolled_ns < VT_BURST_NS)
		lines = MAX(vt->rows / VT_JUMP, 1U);
	vt->scrolled_ns = now;

	kept = (vt->rows - lines) * vt->cols;
	memmove(vt->cells, vt->cells + lines * vt->cols,
		kept * sizeof(*vt->cells));
	clear_cells(vt, kept, vt->rows * vt->cols);
	mark_dirty(vt, 0, vt->rows);
	vt->row = vt->rows - lines;
}

static void new_line(struct vt *vt)
{
	vt->col = 0;
	vt->wrap = false;
	if (vt->row + 1 < vt->rows)
		vt->row++;
	else
		scroll(vt);
}

static void print_char(struct vt *vt, u8 c)
{
	struct vt_cell *cell;

	if (vt->wrap)
		new_line(vt);
	cell = &vt->cells[vt->row * vt->cols + vt->col];
	cell->ch = c;
	cell->attr = current_attr(vt);
	mark_dirty(vt, vt->row, vt->row + 1);
	if (vt->col + 1 < vt->cols)
		vt->col++;
	else
		vt->wrap = true;
}

static void move_to(struct vt *vt, unsigned row, unsigned col)
{
	vt->row = MIN(row, vt->rows - 1);
	vt->col = MIN(col, vt->cols - 1);
	vt->wrap = false;
}

/* The @n-th parameter; 0 and none mean @otherwise. */
static unsigned param(const struct vt *vt, unsigned n, unsigned otherwise)
{
	if (n < vt->params_count && vt->params[n])
		return vt->params[n];
	return otherwise;
}

/* ED and EL: from the cursor on, up to the cursor, all. */
static void erase(struct vt *vt, unsigned start, unsigned end)
{
	unsigned here = vt->row * vt->cols + vt->col;

	switch (param(vt, 0, 0)) {
	case 0: clear_cells(vt, here, end); break;
	case 1: clear_cells(vt, start, here + 1); break;
	case 2: clear_cells(vt, start, end); break;
	default: break;
	}
}

static void reset_attr(struct vt *vt)
{
	vt->foreground = VT_FOREGROUND(VT_ATTR_DEFAULT);
	vt->background = VT_BACKGROUND(VT_ATTR_DEFAULT);
	vt->bold = false;
	vt->reverse = false;
}

static void set_colour(struct vt *vt, unsigned code)
{
	if (code >= 30 && code <= 37)
		vt->foreground = (u8)(code - 30);
	else if (code == 39)
		vt->foreground = VT_FOREGROUND(VT_ATTR_DEFAULT);
	else if (code >= 40 && code <= 47)
		vt->background = (u8)(code - 40);
	else if (code == 49)
		vt->background = VT_BACKGROUND(VT_ATTR_DEFAULT);
	else if (code >= 90 && code <= 97)
		vt->foreground = (u8)(code - 90 + 8);
	else if (code >= 100 && code <= 107)
		vt->background = (u8)(code - 100 + 8);
}

/* Parameters of SGR 38 and 48, extended colours, which are left out. */
static unsigned extended_colour_length(const struct vt *vt, unsigned i)
{
	switch (param(vt, i + 1, 0)) {
	case 5: return 2; /* ;5;index */
	case 2: return 4; /* ;2;red;green;blue */
	default: return 0;
	}
}

static void select_graphic_rendition(struct vt *vt)
{
	for (unsigned i = 0; i < MAX(vt->params_count, 1U); i++) {
		unsigned code = param(vt, i, 0);

		switch (code) {
		case 0: reset_attr(vt); break;
		case 1: vt->bold = true; break;
		case 7: vt->reverse = true; break;
		case 22: vt->bold = false; break;
		case 27: vt->reverse = false; break;
		case 38:
		case 48: i += extended_colour_length(vt, i); break;
		default: set_colour(vt, code); break;
		}
	}
}

static void run_control(struct vt *vt, char final)
{
	unsigned line = vt->row * vt->cols;
	unsigned n = param(vt, 0, 1);

	switch (final) {
	case 'A': move_to(vt, vt->row - MIN(n, vt->row), vt->col); break;
	case 'B': move_to(vt, vt->row + n, vt->col); break;
	case 'C': move_to(vt, vt->row, vt->col + n); break;
	case 'D': move_to(vt, vt->row, vt->col - MIN(n, vt->col)); break;
	case 'H': move_to(vt, n - 1, param(vt, 1, 1) - 1); break;
	case 'J': erase(vt, 0, vt->rows * vt->cols); break;
	case 'K': erase(vt, line, line + vt->cols); break;
	case 'm': select_graphic_rendition(vt); break;
	default: break;
	}
}

/* A byte behind ESC [ : parameters, and what makes the sequence not ours. */
static void control_byte(struct vt *vt, unsigned char c)
{
	unsigned *value = &vt->params[vt->params_count - 1];

	if (c >= '0' && c <= '9') {
		*value = MIN(*value * 10 + (c - '0'), VT_PARAM_VALUE_MAX);
	} else if (c == ';') {
		if (vt->params_count < VT_PARAMS_MAX)
			vt->params[vt->params_count++] = 0;
		else
			vt->swallow = true;
	} else if (c >= 0x40 && c <= 0x7e) {
		vt->state = VT_GROUND;
		if (!vt->swallow)
			run_control(vt, (char)c);
	} else {
		/* Private marks, intermediate bytes, and no part of any. */
		vt->swallow = true;
	}
}

static void escape_byte(struct vt *vt, unsigned char c)
{
	switch (c) {
	case '[':
		vt->state = VT_CONTROL;
		vt->swallow = false;
		vt->params[0] = 0;
		vt->params_count = 1;
		break;
	case ']': /* operating system command */
	case 'P': /* device control string */
	case 'X': /* start of string */
	case '^': /* privacy message */
	case '_': /* application program command */
		vt->state = VT_STRING;
		break;
	default: vt->state = c <= 0x2f ? VT_INTERMEDIATE : VT_GROUND; break;
	}
}

/*
 * Text is UTF-8, of which Latin-1 is shown: U+0080 to U+00FF are a first byte
 * of 0xc2 or 0xc3 and one that gives the low six bits.
 */
static void ground_byte(struct vt *vt, unsigned char c)
{
	u8 lead = vt->utf8_lead;

	vt->utf8_lead = 0;
	if (c >= 0xc0) {
		vt->utf8_lead = c;
		/* Longer ones are not shown; what follows is passed over. */
		if (c > 0xc3)
			print_char(vt, '?');
	} else if (c >= 0x80) {
		u8 latin1 = (u8)(lead << 6 | (c & 0x3f));

		if (lead == 0xc2 || lead == 0xc3)
			print_char(vt, latin1 >= 0xa0 ? latin1 : '?');
	} else if (c != 0x7f) {
		print_char(vt, c);
	}
}

/* C0 control characters do their work even inside a sequence. */
static void c0_byte(struct vt *vt, unsigned char c)
{
	switch (c) {
	case '\b': move_to(vt, vt->row, vt->col - (vt->col > 0)); break;
	case '\t': move_to(vt, vt->row, (vt->col / VT_TAB + 1) * VT_TAB); break;
	case '\n': new_line(vt); break;
	case '\r': move_to(vt, vt->row, 0); break;
	case 0x18: /* CAN */
	case 0x1a: /* SUB */ vt->state = VT_GROUND; break;
	case 0x1b:
		vt->state = VT_ESCAPE;
		vt->length = 0;
		break;
	default: break;
	}
}

static void string_byte(struct vt *vt, unsigned char c)
{
	if (c == '\a' || vt->length > VT_STRING_MAX)
		vt->state = VT_GROUND;
	else if (c == 0x18 || c == 0x1a || c == 0x1b)
		c0_byte(vt, c);
}

static void put_byte(struct vt *vt, unsigned char c)
{
	vt->length++;
	if (vt->state == VT_STRING) {
		string_byte(vt, c);
		return;
	}
	if (c < 0x20) {
		c0_byte(vt, c);
		return;
	}
	if (vt->state != VT_GROUND && vt->length > VT_SEQUENCE_MAX)
		vt->state = VT_GROUND;
	switch (vt->state) {
	case VT_ESCAPE: escape_byte(vt, c); break;
	case VT_INTERMEDIATE: vt->state = VT_GROUND; break;
	case VT_CONTROL: control_byte(vt, c); break;
	default: ground_byte(vt, c); break;
	}
}

void vt_write(struct vt *vt, const char *s, size_t n)
{
	for (; n; s++, n--)
		put_byte(vt, (unsigned char)*s);
}

static bool cell_is_shown(const struct vt *vt, unsigned i)
{
	return vt->cells[i].ch == vt->shown[i].ch &&
	       vt->cells[i].attr == vt->shown[i].attr;
}

/*
 * Paint the runs of changed cells in @row. They count as shown only after
 * that, so that a panic in the middle paints them again.
 */
static void sync_row(struct vt *vt, unsigned row)
{
	unsigned end = (row + 1) * vt->cols;
	unsigned i = row * vt->cols;

	while (i < end) {
		unsigned from = i;

		for (; i < end && !cell_is_shown(vt, i); i++)
			continue;
		if (i == from) {
			i++;
			continue;
		}
		vt->ops->draw(vt, row, from % vt->cols, vt->cells + from,
			      i - from);
		memcpy(vt->shown + from, vt->cells + from,
		       (i - from) * sizeof(*vt->cells));
	}
}

void vt_sync(struct vt *vt)
{
	for (unsigned row = vt->dirty_first; row < vt->dirty_end; row++)
		sync_row(vt, row);
	vt->dirty_first = vt->dirty_end = 0;
	if (vt->ops->cursor)
		vt->ops->cursor(vt, vt->row, vt->col);
}

int vt_init(struct vt *vt, const struct vt_ops *ops, struct vt_cell *cells,
	    struct vt_cell *shown, size_t capacity, unsigned rows,
	    unsigned cols)
{
	if (!rows || !cols || cols > capacity || rows > capacity / cols)
		return -EINVAL;
	*vt = (struct vt){ .ops = ops,
			   .cells = cells,
			   .shown = shown,
			   .rows = rows,
			   .cols = cols };
	reset_attr(vt);
	memset(shown, 0, (size_t)rows * cols * sizeof(*shown));
	clear_cells(vt, 0, rows * cols);
	return 0;
}

void vt_assume_blank(struct vt *vt)
{
	struct vt_cell blank = { ' ', VT_ATTR_DEFAULT };

	for (unsigned i = 0; i < vt->rows * vt->cols; i++)
		vt->shown[i] = blank;
}

static void vt_console_write(struct console *con, const char *s, size_t n)
{
	vt_write(con->private, s, n);
}

static void vt_console_sync(struct console *con)
{
	vt_sync(con->private);
}

void vt_console_init(struct console *con, struct vt *vt)
{
	con->write = vt_console_write;
	con->sync = vt_console_sync;
	con->flags = CONSOLE_ANSI;
	con->private = vt;
}

MODULE(vt, "Text screens", "");
