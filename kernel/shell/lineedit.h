/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Editing one line on a terminal: bytes in, echo out, nothing else. Each
 * change is made to the line first; the row on the screen is then brought up
 * to date with printable characters and backspaces alone, which any terminal
 * understands and which reads well in a log of the serial port. A line too
 * long for the row is scrolled in it.
 *
 * Keys: left right home end delete backspace, up and down for the history, tab
 * to complete, and control with A B D E F K L N P U W as in most shells; C
 * abandons the line.
 */
#pragma once

#include <kernel/types.h>

#define LINEEDIT_BYTES	 256 /* a line and its terminator */
#define LINEEDIT_HISTORY 16  /* lines */
#define LINEEDIT_COLUMNS 80  /* of the row, prompt included */

struct lineedit;

struct lineedit_ops {
	/* Write @n bytes to the terminal. */
	void (*echo)(struct lineedit *le, const char *s, size_t n);
	/*
	 * The @n-th word that may follow the first @length bytes of the line,
	 * or NULL past the last. Words are separated by spaces. May be NULL.
	 */
	const char *(*candidate)(struct lineedit *le, size_t length,
				 unsigned n);
};

enum lineedit_state {
	LINEEDIT_GROUND,
	LINEEDIT_AFTER_CR,  /* a line feed now belongs to it */
	LINEEDIT_ESCAPE,    /* after ESC */
	LINEEDIT_SS3,	    /* after ESC O */
	LINEEDIT_PARAMETER, /* after ESC [ */
};

/* All members but the line are lineedit's own. */
struct lineedit {
	char line[LINEEDIT_BYTES]; /* terminated; the caller's once complete */
	unsigned length;	   /* < LINEEDIT_BYTES */
	unsigned cursor;	   /* <= length */

	const struct lineedit_ops *ops;
	const char *prompt;

	/* The row as it is on the screen, behind the prompt. */
	char shown[LINEEDIT_COLUMNS];
	unsigned shown_length;
	unsigned shown_cursor;
	unsigned first; /* index in line of the row's first character */

	enum lineedit_state state;
	unsigned parameter;	/* the first number of ESC [ */
	unsigned escape_length; /* bytes of this sequence so far */

	char history[LINEEDIT_HISTORY][LINEEDIT_BYTES];
	unsigned history_added;	    /* lines ever added */
	unsigned history_back;	    /* 0: the new line, 1: the newest, ... */
	char draft[LINEEDIT_BYTES]; /* the new line while looking back */
};

/**
 * Prepare @le. @prompt (shorter than half a row) and @ops are kept.
 */
void lineedit_init(struct lineedit *le, const struct lineedit_ops *ops,
		   const char *prompt);

/** Show the prompt and start with an empty line. */
void lineedit_begin(struct lineedit *le);

/**
 * Take one byte of input. True when le->line is complete: it is in the
 * history, the cursor is on a new row, and lineedit_begin() comes next.
 */
bool lineedit_input(struct lineedit *le, u8 byte);
