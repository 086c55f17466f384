/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A text screen in memory: what a terminal does with the bytes it gets, apart
 * from how the result is shown. Knows \a \b \t \n \r and the ECMA-48 control
 * sequences that a shell uses: CUU CUD CUF CUB (ESC [ A B C D), CUP (H), ED
 * (J), EL (K) and SGR (m) in 16 colours. All others are swallowed. A "\n" also
 * returns to column 0. Text is UTF-8, of which Latin-1 is kept; other
 * characters become "?".
 *
 * No locks: the caller, the console core, calls from one context at a time.
 * It may be interrupted anywhere for good and called again, as in a panic:
 * the cursor is inside the screen at all times.
 */
#pragma once

#include <kernel/compiler.h>
#include <kernel/console.h>

/* One character on the screen. */
struct vt_cell {
	u8 ch;	 /* Latin-1, printable; 0: not known, in vt->shown only */
	u8 attr; /* colours 0 to 15: foreground | background << 4 */
};

/* Colours in ECMA-48's order, bit 0 red, bit 1 green, bit 2 blue, 3 bright. */
#define VT_FOREGROUND(attr) ((attr)&15)
#define VT_BACKGROUND(attr) ((attr) >> 4)
#define VT_ATTR_DEFAULT	    7 /* white on black */

struct vt;

/* How a screen shows what is in it. Called by vt_sync() only. */
struct vt_ops {
	/* Paint the @n cells from @row, @col, which fit into the row. */
	void (*draw)(struct vt *vt, unsigned row, unsigned col,
		     const struct vt_cell *cells, unsigned n);
	/*
	 * Show the cursor at @row, @col and no longer where it was; cells it
	 * was on may have been painted meanwhile. May be NULL.
	 */
	void (*cursor)(struct vt *vt, unsigned row, unsigned col);
};

#define VT_PARAMS_MAX 16

/* All fields are vt.c's, except `private`. */
struct vt {
	const struct vt_ops *ops;
	void *private; /* the renderer's */
	unsigned rows, cols;
	struct vt_cell *cells;		 /* rows * cols */
	struct vt_cell *shown;		 /* the same as last painted */
	unsigned dirty_first, dirty_end; /* rows to compare; none if equal */

	unsigned row, col;
	bool wrap; /* the last column is written: the next one is below */
	u8 foreground, background;
	bool bold, reverse;
	u64 scrolled_ns; /* when */

	u8 utf8_lead; /* first byte of a character that is not complete */
	unsigned state;
	unsigned length; /* of the sequence so far */
	bool swallow;	 /* the sequence is none of ours */
	unsigned params_count;
	unsigned params[VT_PARAMS_MAX];
};

/**
 * Make @vt an empty screen of @rows by @cols in the memory @cells and @shown,
 * each of @capacity cells, which must stay as long as @vt. What is on the
 * device is taken as unknown. Returns 0, or -EINVAL for no size or one that
 * does not fit.
 */
int vt_init(struct vt *vt, const struct vt_ops *ops, struct vt_cell *cells,
	    struct vt_cell *shown, size_t capacity, unsigned rows,
	    unsigned cols);

/** Tell @vt that the device shows blank cells everywhere. */
void vt_assume_blank(struct vt *vt);

/** Take @n bytes of output. Paints nothing. */
void vt_write(struct vt *vt, const char *s, size_t n);

/** Paint the cells that changed since the last call, and the cursor. */
void vt_sync(struct vt *vt);

/** Make @con a console that writes to @vt. Name and register it yourself. */
void vt_console_init(struct console *con, struct vt *vt);
