/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VGA's text mode and the registers of its CRT controller that move the
 * cursor: IBM VGA XGA Technical Reference (May 1992), 2-30 and 2-57.
 */
#pragma once

#include <kernel/types.h>

#define VGA_TEXT_ADDRESS 0xb8000
#define VGA_TEXT_ROWS	 25
#define VGA_TEXT_COLUMNS 80

/* A cell is a character in the low byte and its attribute in the high one. */
#define VGA_TEXT_CELL_BYTES 2
/* Attribute: bits 0-3 foreground, 4-6 background, 7 blinking. */
#define VGA_ATTR_BACKGROUND_SHIFT 4

/* Colour CRT controller: index port and data port. */
#define VGA_CRTC_INDEX 0x3d4
#define VGA_CRTC_DATA  0x3d5

enum vga_crtc_register {
	VGA_CRTC_CURSOR_START = 0x0a, /* first scan line; bit 5: no cursor */
	VGA_CRTC_CURSOR_END = 0x0b,   /* last scan line */
	VGA_CRTC_CURSOR_HIGH = 0x0e,  /* its cell, counted from the first */
	VGA_CRTC_CURSOR_LOW = 0x0f,
};
