/* SPDX-License-Identifier: BSD-2-Clause */
/* From scan codes to the bytes that a terminal would send. */
#pragma once

#include <kernel/types.h>

/* Keys held down or locked, and where in a sequence of codes we are. */
struct scancode_state {
	bool shift_left, shift_right;
	bool ctrl_left, ctrl_right;
	bool caps_lock;
	bool extended; /* the last code was SCANCODE_EXTENDED */
	u8 skip;       /* codes to ignore: the rest of the pause key */
};

/** Longest result of one code, with its terminator. */
#define SCANCODE_BYTES_MAX 5

/**
 * Take one code of set 1, and put what the key sends on a US keyboard into
 * @out, terminated. Returns the number of bytes, 0 for a release, for a key
 * that only changes others, or for one that means nothing. Ctrl-@ is one byte
 * 0.
 *
 * As on a VT100, Enter sends "\r", Backspace 0x7f, and the cursor keys
 * "\033[A" and so on. The numeric keypad always gives digits.
 */
unsigned scancode_decode(struct scancode_state *state, u8 code,
			 char out[SCANCODE_BYTES_MAX]);
