/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A text screen on the linear framebuffer that the loader set up. The
 * framebuffer is mapped write-combining and never read, which would be slow.
 *
 * It needs that mapping, so it comes at level IRQ, the first one behind
 * MEMORY; what was printed before is in the log and replayed.
 */
#define pr_fmt(fmt) "fbcon: " fmt

#include <drivers/font.h>
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/module.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "device_memory.h"
#include "fbcon.h"

static struct vt_cell fbcon_cells[FBCON_CELLS_MAX];
static struct vt_cell fbcon_shown[FBCON_CELLS_MAX];
static struct fbcon fbcon;
static struct console fbcon_console = { .name = "tty0" };

/* ECMA-48's sixteen colours as 0xrrggbb. */
static const u32 palette[16] = {
	0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa,
	0x00aaaa, 0xaaaaaa, 0x555555, 0xff5555, 0x55ff55, 0xffff55,
	0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
};

/* The high @bits bits of an 8-bit intensity, at @shift. */
static u32 channel(u32 value, u8 bits, u8 shift)
{
	value = bits < 8 ? value >> (8 - bits) : value << (bits - 8);
	return value << shift;
}

static u32 pixel_value(const struct framebuffer_info *fb, u32 rgb)
{
	return channel(rgb >> 16 & 0xff, fb->red_bits, fb->red_shift) |
	       channel(rgb >> 8 & 0xff, fb->green_bits, fb->green_shift) |
	       channel(rgb & 0xff, fb->blue_bits, fb->blue_shift);
}

static bool channel_fits(const struct framebuffer_info *fb, u8 bits, u8 shift)
{
	return bits && bits <= FBCON_CHANNEL_BITS_MAX && shift < 32 &&
	       shift + bits <= fb->bpp;
}

int fbcon_check(const struct framebuffer_info *fb)
{
	u32 bytes = (fb->bpp + 7U) / 8;

	if (fb->bpp != 15 && fb->bpp != 16 && fb->bpp != 24 && fb->bpp != 32)
		return -EINVAL;
	if (!fb->width || fb->width > FBCON_PIXELS_MAX || !fb->height ||
	    fb->height > FBCON_PIXELS_MAX)
		return -EINVAL;
	if (fb->pitch < fb->width * bytes || fb->pitch > FBCON_PITCH_MAX)
		return -EINVAL;
	if (fb->address > UINT64_MAX - (u64)fb->pitch * fb->height)
		return -EINVAL;
	if (!channel_fits(fb, fb->red_bits, fb->red_shift) ||
	    !channel_fits(fb, fb->green_bits, fb->green_shift) ||
	    !channel_fits(fb, fb->blue_bits, fb->blue_shift))
		return -EINVAL;
	return 0;
}

/* The bytes of row @y of the shape of @ch. */
static const u8 *glyph_row(const struct font *font, u8 ch, unsigned y)
{
	unsigned bytes = (font->width + 7U) / 8;
	size_t glyph = ch < font->count ? ch : '?';

	return font->glyphs + (glyph * font->height + y) * bytes;
}

/* The same with the leftmost pixel in the highest bit. */
static u32 glyph_bits(const struct fbcon *fbc, u8 ch, unsigned y)
{
	const u8 *row = glyph_row(fbc->font, ch, y);
	u32 bits = (u32)row[0] << 24;

	return fbc->font->width > 8 ? bits | (u32)row[1] << 16 : bits;
}

static u8 *pixel_address(const struct fbcon *fbc, unsigned x, unsigned y)
{
	return fbc->memory + (size_t)y * fbc->fb.pitch + (size_t)x * fbc->bytes;
}

typedef u16 __attribute__((aligned(1), may_alias)) unaligned_u16;
typedef u32 __attribute__((aligned(1), may_alias)) unaligned_u32;

static void put_pixel(u8 *p, u32 pixel, unsigned bytes)
{
	if (bytes == 4) {
		*(unaligned_u32 *)p = pixel;
		return;
	}
	*(unaligned_u16 *)p = (u16)pixel;
	if (bytes == 3)
		p[2] = (u8)(pixel >> 16);
}

/* One row of pixels of a cell into fbc->line; returns the bytes. */
static size_t expand_row(struct fbcon *fbc, const struct vt_cell *cell,
			 unsigned y)
{
	u32 front = fbc->colours[VT_FOREGROUND(cell->attr)];
	u32 back = fbc->colours[VT_BACKGROUND(cell->attr)];
	u32 bits = glyph_bits(fbc, cell->ch, y);
	u8 *p = fbc->line;

	for (unsigned x = 0; x < fbc->font->width; x++, bits <<= 1) {
		u32 pixel = bits >> 31 ? front : back;

		for (unsigned i = 0; i < fbc->scale; i++, p += fbc->bytes)
			put_pixel(p, pixel, fbc->bytes);
	}
	return (size_t)(p - fbc->line);
}

/* For any depth and scale: a row at a time through a buffer. */
static void draw_cell(struct fbcon *fbc, unsigned row, unsigned col,
		      const struct vt_cell *cell)
{
	unsigned x = col * fbc->font->width * fbc->scale;
	unsigned y = row * fbc->font->height * fbc->scale;

	for (unsigned i = 0; i < fbc->font->height; i++) {
		size_t n = expand_row(fbc, cell, i);

		for (unsigned k = 0; k < fbc->scale; k++)
			memcpy(pixel_address(fbc, x, y++), fbc->line, n);
	}
}

/* Two pixels of 32 bits in one store; the address is a multiple of 4. */
typedef u64 __attribute__((aligned(4), may_alias)) pixel_pair;

/*
 * By two bits of a glyph, of which the high one is the left pixel, and so in
 * the low half.
 */
static void make_pairs(const struct fbcon *fbc, u8 attr, u64 pairs[4])
{
	u64 back = fbc->colours[VT_BACKGROUND(attr)];
	u64 front = fbc->colours[VT_FOREGROUND(attr)];

	pairs[0] = back | back << 32;
	pairs[1] = back | front << 32;
	pairs[2] = front | back << 32;
	pairs[3] = front | front << 32;
}

/*
 * 32 bits a pixel and 8 pixels a glyph, which nearly every machine has, for
 * @n cells of one attribute: along each line of pixels, so that
 * write-combining buffers fill up.
 */
static void draw_run_fast(struct fbcon *fbc, unsigned row, unsigned col,
			  const struct vt_cell *cells, unsigned n)
{
	unsigned height = fbc->font->height;
	const u8 **shape = fbc->shapes;
	u64 pairs[4];

	make_pairs(fbc, cells[0].attr, pairs);
	for (unsigned i = 0; i < n; i++)
		shape[i] = glyph_row(fbc->font, cells[i].ch, 0);
	for (unsigned y = 0; y < height; y++) {
		pixel_pair *p = (pixel_pair *)pixel_address(fbc, col * 8,
							    row * height + y);

		for (unsigned i = 0; i < n; i++, p += 4) {
			unsigned bits = shape[i][y];

			p[0] = pairs[bits >> 6];
			p[1] = pairs[bits >> 4 & 3];
			p[2] = pairs[bits >> 2 & 3];
			p[3] = pairs[bits & 3];
		}
	}
}

static unsigned same_attr(const struct vt_cell *cells, unsigned n)
{
	unsigned i = 1;

	while (i < n && i < FBCON_COLS_MAX && cells[i].attr == cells[0].attr)
		i++;
	return i;
}

static void fbcon_draw(struct vt *vt, unsigned row, unsigned col,
		       const struct vt_cell *cells, unsigned n)
{
	struct fbcon *fbc = vt->private;

	while (n) {
		unsigned run = fbc->fast ? same_attr(cells, n) : 1;

		if (fbc->fast)
			draw_run_fast(fbc, row, col, cells, run);
		else
			draw_cell(fbc, row, col, cells);
		col += run;
		cells += run;
		n -= run;
	}
}

/* The cursor is its cell in reverse. */
static void fbcon_cursor(struct vt *vt, unsigned row, unsigned col)
{
	struct fbcon *fbc = vt->private;
	unsigned at = row * vt->cols + col;
	unsigned old = fbc->cursor_at;
	struct vt_cell cell = vt->cells[at];

	fbc->cursor_at = at;
	if (old != at)
		fbcon_draw(vt, old / vt->cols, old % vt->cols, &vt->cells[old],
			   1);
	cell.attr =
		(u8)(VT_FOREGROUND(cell.attr) << 4 | VT_BACKGROUND(cell.attr));
	fbcon_draw(vt, row, col, &cell, 1);
}

static const struct vt_ops fbcon_ops = {
	.draw = fbcon_draw,
	.cursor = fbcon_cursor,
};

/* The least magnification that leaves no more cells than we have room for. */
static unsigned choose_scale(const struct fbcon *fbc)
{
	unsigned cols = fbc->fb.width / fbc->font->width;
	unsigned rows = fbc->fb.height / fbc->font->height;
	unsigned scale = 1;

	while (cols / scale > FBCON_COLS_MAX || rows / scale > FBCON_ROWS_MAX)
		scale++;
	return scale;
}

int fbcon_setup(struct fbcon *fbc, const struct framebuffer_info *fb,
		const struct font *font, u8 *memory)
{
	if (font->width < FBCON_FONT_WIDTH_MIN ||
	    font->width > FBCON_FONT_WIDTH_MAX ||
	    font->height < FBCON_FONT_HEIGHT_MIN || font->count <= '?')
		return -EINVAL;
	fbc->fb = *fb;
	fbc->font = font;
	fbc->memory = memory;
	fbc->bytes = (fb->bpp + 7U) / 8;
	fbc->scale = choose_scale(fbc);
	fbc->fast = fb->bpp == 32 && font->width == 8 && fbc->scale == 1 &&
		    fb->pitch % 4 == 0 && (uintptr_t)memory % 4 == 0;
	fbc->cursor_at = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(palette); i++)
		fbc->colours[i] = pixel_value(fb, palette[i]);
	return 0;
}

typedef u64 __attribute__((aligned(1), may_alias)) unaligned_u64;

/*
 * Also what the cells do not reach at the right and at the bottom. Volatile,
 * because the compiler would make it a memset(), and that may be a string
 * instruction, which emulators run byte by byte.
 */
static void clear_screen(const struct fbcon *fbc)
{
	size_t length = (size_t)fbc->fb.width * fbc->bytes;

	for (u32 y = 0; y < fbc->fb.height; y++) {
		volatile u8 *p = pixel_address(fbc, 0, y);
		size_t n = length;

		for (; n >= sizeof(u64); n -= sizeof(u64), p += sizeof(u64))
			*(volatile unaligned_u64 *)p = 0;
		for (; n; n--)
			*p++ = 0;
	}
}

int fbcon_start(struct fbcon *fbc, struct vt *vt, struct vt_cell *cells,
		struct vt_cell *shown, size_t capacity)
{
	unsigned cell_width = fbc->font->width * fbc->scale;
	unsigned cell_height = fbc->font->height * fbc->scale;
	int ret = vt_init(vt, &fbcon_ops, cells, shown, capacity,
			  fbc->fb.height / cell_height,
			  fbc->fb.width / cell_width);

	if (ret)
		return ret;
	vt->private = fbc;
	clear_screen(fbc);
	vt_assume_blank(vt);
	return 0;
}

static int fbcon_init(void)
{
	static struct vt vt;
	const struct framebuffer_info *fb = &boot_info.framebuffer;
	u64 size = (u64)fb->pitch * fb->height;
	u8 *memory;
	int ret;

	if (!fb->address)
		return -ENODEV;
	if (fbcon_check(fb) || !device_memory_plausible(fb->address, size)) {
		pr_warn("no use for %ux%u, %u bits, pitch %u at %#llx",
			fb->width, fb->height, fb->bpp, fb->pitch,
			(unsigned long long)fb->address);
		return -EINVAL;
	}
	memory = memremap(fb->address, size, MEMORY_WC);
	if (!memory)
		return -ENOMEM;
	ret = fbcon_setup(&fbcon, fb, &font_console, memory);
	if (!ret)
		ret = fbcon_start(&fbcon, &vt, fbcon_cells, fbcon_shown,
				  FBCON_CELLS_MAX);
	if (ret)
		goto err_unmap;
	vt_console_init(&fbcon_console, &vt);
	ret = console_register(&fbcon_console);
	if (ret && ret != -EPERM)
		goto err_unmap;
	pr_info("%ux%u, %u bits, as %u lines of %u", fb->width, fb->height,
		fb->bpp, vt.rows, vt.cols);
	return 0;

err_unmap:
	memunmap(memory);
	return ret;
}

static void fbcon_exit(void)
{
	console_unregister(&fbcon_console);
	memunmap(fbcon.memory);
}

MODULE(fbcon, "Framebuffer screen", "vt", .init = fbcon_init,
       .exit = fbcon_exit, .level = INIT_IRQ);
MODULE_AUTOMATIC();
