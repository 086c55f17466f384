/* SPDX-License-Identifier: BSD-2-Clause */
/* Bitmap fonts of fixed width. */
#pragma once

#include <kernel/types.h>

struct font {
	u8 width;  /* pixels, 1 to 32 */
	u8 height; /* pixels, 1 to 64 */
	u16 count; /* glyphs; glyph n shows Unicode code point n */
	/*
	 * @count glyphs of @height rows, each row in (@width + 7) / 8 bytes,
	 * most significant bit leftmost. Code points the font has no shape for
	 * have an empty box.
	 */
	const u8 *glyphs;
};

/**
 * The console's font, code points 0 to 255 (Latin-1). scripts/font.py makes it
 * at build time from Debian's package console-setup-linux.
 */
extern const struct font font_console;
