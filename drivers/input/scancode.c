/* SPDX-License-Identifier: BSD-2-Clause */
/* IBM's scan code set 1 with the US layout. */
#include <abi/i8042.h>
#include <kernel/compiler.h>
#include <kernel/string.h>
#include "scancode.h"

/* By code: the key alone and with shift. 0: nothing, or not a character. */
static const char keys[][2] = {
	[0x01] = { '\033', '\033' }, [0x02] = { '1', '!' },
	[0x03] = { '2', '@' },	     [0x04] = { '3', '#' },
	[0x05] = { '4', '$' },	     [0x06] = { '5', '%' },
	[0x07] = { '6', '^' },	     [0x08] = { '7', '&' },
	[0x09] = { '8', '*' },	     [0x0a] = { '9', '(' },
	[0x0b] = { '0', ')' },	     [0x0c] = { '-', '_' },
	[0x0d] = { '=', '+' },	     [0x0e] = { 0x7f, 0x7f },
	[0x0f] = { '\t', '\t' },     [0x10] = { 'q', 'Q' },
	[0x11] = { 'w', 'W' },	     [0x12] = { 'e', 'E' },
	[0x13] = { 'r', 'R' },	     [0x14] = { 't', 'T' },
	[0x15] = { 'y', 'Y' },	     [0x16] = { 'u', 'U' },
	[0x17] = { 'i', 'I' },	     [0x18] = { 'o', 'O' },
	[0x19] = { 'p', 'P' },	     [0x1a] = { '[', '{' },
	[0x1b] = { ']', '}' },	     [0x1c] = { '\r', '\r' },
	[0x1e] = { 'a', 'A' },	     [0x1f] = { 's', 'S' },
	[0x20] = { 'd', 'D' },	     [0x21] = { 'f', 'F' },
	[0x22] = { 'g', 'G' },	     [0x23] = { 'h', 'H' },
	[0x24] = { 'j', 'J' },	     [0x25] = { 'k', 'K' },
	[0x26] = { 'l', 'L' },	     [0x27] = { ';', ':' },
	[0x28] = { '\'', '"' },	     [0x29] = { '`', '~' },
	[0x2b] = { '\\', '|' },	     [0x2c] = { 'z', 'Z' },
	[0x2d] = { 'x', 'X' },	     [0x2e] = { 'c', 'C' },
	[0x2f] = { 'v', 'V' },	     [0x30] = { 'b', 'B' },
	[0x31] = { 'n', 'N' },	     [0x32] = { 'm', 'M' },
	[0x33] = { ',', '<' },	     [0x34] = { '.', '>' },
	[0x35] = { '/', '?' },	     [0x37] = { '*', '*' },
	[0x39] = { ' ', ' ' },	     [0x47] = { '7', '7' },
	[0x48] = { '8', '8' },	     [0x49] = { '9', '9' },
	[0x4a] = { '-', '-' },	     [0x4b] = { '4', '4' },
	[0x4c] = { '5', '5' },	     [0x4d] = { '6', '6' },
	[0x4e] = { '+', '+' },	     [0x4f] = { '1', '1' },
	[0x50] = { '2', '2' },	     [0x51] = { '3', '3' },
	[0x52] = { '0', '0' },	     [0x53] = { '.', '.' },
	[0x56] = { '<', '>' }, /* the key that US keyboards do not have */
};

static const char *extended_key(u8 key)
{
	switch (key) {
	case 0x1c: return "\r"; /* on the numeric keypad, as is the next */
	case 0x35: return "/";
	case 0x47: return "\033[H";  /* Home */
	case 0x48: return "\033[A";  /* up */
	case 0x49: return "\033[5~"; /* Page Up */
	case 0x4b: return "\033[D";  /* left */
	case 0x4d: return "\033[C";  /* right */
	case 0x4f: return "\033[F";  /* End */
	case 0x50: return "\033[B";  /* down */
	case 0x51: return "\033[6~"; /* Page Down */
	case 0x52: return "\033[2~"; /* Insert */
	case 0x53: return "\033[3~"; /* Delete */
	default: return "";
	}
}

/* True if @key is one of those that change the meaning of others. */
static bool modifier(struct scancode_state *s, u8 key, bool extended,
		     bool pressed)
{
	switch (key) {
	case SCANCODE_CTRL:
		*(extended ? &s->ctrl_right : &s->ctrl_left) = pressed;
		return true;
	case SCANCODE_SHIFT:
	case SCANCODE_SHIFT_R:
		/*
		 * Extended, they are no keys: the keyboard adds them around
		 * its cursor keys to undo the effect of shift.
		 */
		if (!extended && key == SCANCODE_SHIFT)
			s->shift_left = pressed;
		else if (!extended)
			s->shift_right = pressed;
		return true;
	case SCANCODE_CAPS_LOCK:
		if (pressed)
			s->caps_lock = !s->caps_lock;
		return true;
	default: return false;
	}
}

/* What ctrl makes of @c, or -1 if nothing. */
static int control_char(char c)
{
	if (c == ' ' || c == '2')
		return 0;
	if (c == '/')
		return '_' & 0x1f;
	if ((c >= '@' && c <= '_') || (c >= 'a' && c <= 'z'))
		return c & 0x1f;
	return -1;
}

/* -1: this key is no character. */
static int character(const struct scancode_state *s, u8 key)
{
	bool shift = s->shift_left || s->shift_right;
	char c;

	if (key >= ARRAY_SIZE(keys) || !keys[key][0])
		return -1;
	c = keys[key][0];
	if (s->caps_lock && c >= 'a' && c <= 'z')
		shift = !shift;
	c = keys[key][shift];
	if ((s->ctrl_left || s->ctrl_right) && control_char(c) >= 0)
		return control_char(c);
	return c;
}

unsigned scancode_decode(struct scancode_state *state, u8 code,
			 char out[SCANCODE_BYTES_MAX])
{
	bool extended = state->extended;
	bool pressed = !(code & SCANCODE_RELEASED);
	u8 key = code & SCANCODE_KEY;
	int c;

	out[0] = '\0';
	if (state->skip) {
		state->skip--;
		return 0;
	}
	state->extended = code == SCANCODE_EXTENDED;
	if (code == SCANCODE_PAUSE)
		state->skip = 2;
	if (code == SCANCODE_EXTENDED || code == SCANCODE_PAUSE)
		return 0;
	if (modifier(state, key, extended, pressed) || !pressed)
		return 0;
	if (extended)
		return (unsigned)strscpy(out, extended_key(key),
					 SCANCODE_BYTES_MAX);
	c = character(state, key);
	if (c < 0)
		return 0;
	out[0] = (char)c;
	out[1] = '\0';
	return 1;
}
