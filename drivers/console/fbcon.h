/* SPDX-License-Identifier: BSD-2-Clause */
/* The framebuffer console, in parts that can be tested. */
#pragma once

#include <drivers/font.h>
#include <drivers/vt.h>
#include <kernel/boot_info.h>

#define FBCON_COLS_MAX	240
#define FBCON_ROWS_MAX	75
#define FBCON_CELLS_MAX (FBCON_COLS_MAX * FBCON_ROWS_MAX)

/* 8K screens fit; these keep the arithmetic far from overflow. */
#define FBCON_PIXELS_MAX 8192
#define FBCON_PITCH_MAX	 (1U << 17)

/* Up to 30 bits of colour in 32. */
#define FBCON_CHANNEL_BITS_MAX 10

/* Fonts outside of this are not for reading. */
#define FBCON_FONT_WIDTH_MIN  4
#define FBCON_FONT_WIDTH_MAX  16
#define FBCON_FONT_HEIGHT_MIN 8

/* FBCON_PIXELS_MAX in FBCON_ROWS_MAX rows of the least height. */
#define FBCON_SCALE_MAX 14
/* Bytes of one row of pixels of a cell. */
#define FBCON_LINE_MAX (FBCON_FONT_WIDTH_MAX * FBCON_SCALE_MAX * 4)

struct fbcon {
	struct framebuffer_info fb;
	const struct font *font;
	u8 *memory;
	unsigned bytes; /* of a pixel */
	unsigned scale; /* pixels of the screen for one of the font */
	bool fast;	/* draw_run_fast() can do it */
	unsigned cursor_at;
	u32 colours[16];		  /* as pixels */
	u8 line[FBCON_LINE_MAX];	  /* draw_cell()'s */
	const u8 *shapes[FBCON_COLS_MAX]; /* draw_run_fast()'s */
};

/** 0, or -EINVAL unless @fb can be a framebuffer of direct colour. */
int fbcon_check(const struct framebuffer_info *fb);

/**
 * Prepare @fbc for the checked @fb, which is mapped at @memory. 0, or -EINVAL
 * for a font that it cannot draw.
 */
int fbcon_setup(struct fbcon *fbc, const struct framebuffer_info *fb,
		const struct font *font, u8 *memory);

/**
 * Clear the screen and make @vt show itself on it; the memory is as in
 * vt_init(). 0, or -EINVAL if not even one cell fits.
 */
int fbcon_start(struct fbcon *fbc, struct vt *vt, struct vt_cell *cells,
		struct vt_cell *shown, size_t capacity);
