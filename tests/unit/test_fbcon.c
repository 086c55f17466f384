/* SPDX-License-Identifier: BSD-2-Clause */
/* The framebuffer console: which framebuffers it takes, and every pixel. */
#include "unit.h"
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "../../drivers/console/fbcon.h"

struct boot_info boot_info;

u64 time_ns(void)
{
	static u64 now;

	return now += NSEC_PER_SEC;
}

void memunmap(const void *mapping)
{
	(void)mapping;
}

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	return NULL;
}

const struct memmap *bootmem_map(void)
{
	static const struct memmap map;

	return &map;
}

/* Glyphs that are all different: each row is a mix of the code and the row. */
#define GLYPHS	    256
#define FONT_HEIGHT 16

static u8 glyphs[GLYPHS * FONT_HEIGHT];
const struct font font_console = { 8, FONT_HEIGHT, GLYPHS, glyphs };

static u8 shape_row(unsigned ch, unsigned y)
{
	return ch == ' ' ? 0 : (u8)(ch * 31 + y * 7);
}

static void make_font(void)
{
	for (unsigned i = 0; i < GLYPHS * FONT_HEIGHT; i++)
		glyphs[i] = shape_row(i / FONT_HEIGHT, i % FONT_HEIGHT);
}

static struct framebuffer_info mode(u32 width, u32 height, u8 bpp)
{
	struct framebuffer_info fb = {
		.address = 0xe0000000,
		.pitch = width * ((bpp + 7U) / 8) + 8,
		.width = width,
		.height = height,
		.bpp = bpp,
	};

	if (bpp <= 16) {
		fb.red_shift = bpp == 16 ? 11 : 10;
		fb.green_shift = 5;
		fb.red_bits = fb.blue_bits = 5;
		fb.green_bits = bpp == 16 ? 6 : 5;
	} else {
		fb.red_shift = 16;
		fb.green_shift = 8;
		fb.red_bits = fb.green_bits = fb.blue_bits = 8;
	}
	return fb;
}

TEST(framebuffers_that_can_be_are_taken)
{
	static const u8 depths[] = { 15, 16, 24, 32 };

	for (unsigned i = 0; i < ARRAY_SIZE(depths); i++) {
		struct framebuffer_info fb = mode(1024, 768, depths[i]);

		CHECK_EQ(fbcon_check(&fb), 0);
		fb.pitch -= 8;
		CHECK_EQ(fbcon_check(&fb), 0);
	}
}

#define REFUSED(change)                             \
 do {                                               \
  struct framebuffer_info fb = mode(1024, 768, 32); \
  change;                                           \
  CHECK_EQ(fbcon_check(&fb), -EINVAL);              \
 } while (0)

TEST(framebuffers_that_cannot_be_are_refused)
{
	REFUSED(fb.bpp = 8);
	REFUSED(fb.bpp = 0);
	REFUSED(fb.bpp = 64);
	REFUSED(fb.width = 0);
	REFUSED(fb.height = 0);
	REFUSED(fb.width = UINT32_MAX);
	REFUSED(fb.height = UINT32_MAX);
	REFUSED(fb.width = 0x40000001);
	REFUSED(fb.pitch = 0);
	REFUSED(fb.pitch = 4095);
	REFUSED(fb.pitch = UINT32_MAX);
	REFUSED(fb.address = UINT64_MAX - 100);
	REFUSED(fb.red_bits = 0);
	REFUSED(fb.green_bits = 33);
	REFUSED(fb.blue_shift = 25);
	REFUSED(fb.red_shift = 255);
	REFUSED(fb.red_shift = 250; fb.red_bits = 8);
}

static struct fbcon fbc;
static struct vt vt;
static struct vt_cell cells[FBCON_CELLS_MAX], shown[FBCON_CELLS_MAX];
static u8 *memory;

static bool start(const struct framebuffer_info *fb)
{
	size_t size = (size_t)fb->pitch * fb->height;

	make_font();
	/* Exactly as large as it says, so that ASan sees a byte outside. */
	memory = malloc(size);
	memset(memory, 0xcc, size);
	return CHECK_EQ(fbcon_check(fb), 0) &&
	       CHECK_EQ(fbcon_setup(&fbc, fb, &font_console, memory), 0) &&
	       CHECK_EQ(fbcon_start(&fbc, &vt, cells, shown, FBCON_CELLS_MAX),
			0);
}

static u32 pixel_at(unsigned x, unsigned y)
{
	u32 pixel = 0;

	memcpy(&pixel,
	       memory + (size_t)y * fbc.fb.pitch + (size_t)x * fbc.bytes,
	       fbc.bytes);
	return pixel;
}

/* What pixel @x, @y must be, from the cells and the font alone. */
static u32 expected_pixel(unsigned x, unsigned y)
{
	unsigned col = x / (8 * fbc.scale), row = y / (FONT_HEIGHT * fbc.scale);
	unsigned gx = x / fbc.scale % 8, gy = y / fbc.scale % FONT_HEIGHT;
	const struct vt_cell *cell;
	bool set;

	if (col >= vt.cols || row >= vt.rows)
		return 0;
	cell = &cells[row * vt.cols + col];
	set = shape_row(cell->ch, gy) >> (7 - gx) & 1;
	if (row == vt.row && col == vt.col)
		set = !set;
	return fbc.colours[set ? VT_FOREGROUND(cell->attr)
			       : VT_BACKGROUND(cell->attr)];
}

static void check_screen(void)
{
	const struct framebuffer_info *fb = &fbc.fb;

	for (unsigned y = 0; y < fb->height; y++) {
		const u8 *end = memory + (size_t)(y + 1) * fb->pitch;

		for (unsigned x = 0; x < fb->width; x++) {
			if (!CHECK_EQ(pixel_at(x, y), expected_pixel(x, y))) {
				printf("\tat %u, %u\n", x, y);
				return;
			}
		}
		/* What lies between the lines is not ours. */
		for (const u8 *p = end - (fb->pitch - fb->width * fbc.bytes);
		     p < end; p++) {
			if (!CHECK_EQ(*p, 0xcc))
				return;
		}
	}
}

static void write_text(void)
{
	static const char text[] =
		"Hello, \033[31mred\033[0m and \033[1;44mbold on blue\033[m\n"
		"second line\b\b\r\033[7mreversed\033[0m\n\xc3\xa9\n";

	vt_write(&vt, text, sizeof(text) - 1);
	vt_sync(&vt);
	check_screen();
	for (unsigned i = 0; i < 20; i++)
		vt_write(&vt, text, sizeof(text) - 1);
	vt_sync(&vt);
	check_screen();
	vt_write(&vt, "\033[2J\033[3;3H", 10);
	vt_sync(&vt);
	check_screen();
}

static void try_mode(u32 width, u32 height, u8 bpp, u32 pitch)
{
	struct framebuffer_info fb = mode(width, height, bpp);

	if (pitch)
		fb.pitch = pitch;
	if (start(&fb))
		write_text();
	free(memory);
}

TEST(every_pixel_is_right_in_the_fast_way)
{
	try_mode(323, 203, 32, 0);
	CHECK(fbc.fast);
	CHECK_EQ(vt.cols, 40);
	CHECK_EQ(vt.rows, 12);
}

TEST(every_pixel_is_right_at_every_depth)
{
	try_mode(323, 203, 15, 0);
	try_mode(323, 203, 16, 0);
	try_mode(323, 203, 24, 0);
	CHECK(!fbc.fast);
	/* A pitch that is no multiple of a pixel. */
	try_mode(323, 203, 32, 323 * 4 + 3);
	CHECK(!fbc.fast);
}

TEST(large_screens_get_large_letters)
{
	try_mode(2560, 400, 32, 0);
	CHECK_EQ(fbc.scale, 2);
	CHECK_EQ(vt.cols, 160);
	CHECK_EQ(vt.rows, 12);
	try_mode(100, 4320, 16, 0);
	CHECK_EQ(fbc.scale, 4);
}

TEST(a_screen_smaller_than_a_letter_is_refused)
{
	struct framebuffer_info fb = mode(7, 15, 32);
	u8 pixels[7 * 15 * 4 + 15 * 8];

	CHECK_EQ(fbcon_setup(&fbc, &fb, &font_console, pixels), 0);
	CHECK_EQ(fbcon_start(&fbc, &vt, cells, shown, FBCON_CELLS_MAX),
		 -EINVAL);
}

TEST(fonts_that_cannot_be_drawn_are_refused)
{
	static const struct font wide = { 32, 16, 256, glyphs },
				 flat = { 8, 2, 256, glyphs },
				 few = { 8, 16, 32, glyphs };
	struct framebuffer_info fb = mode(640, 480, 32);

	CHECK_EQ(fbcon_setup(&fbc, &fb, &wide, NULL), -EINVAL);
	CHECK_EQ(fbcon_setup(&fbc, &fb, &flat, NULL), -EINVAL);
	CHECK_EQ(fbcon_setup(&fbc, &fb, &few, NULL), -EINVAL);
}

TEST(wide_fonts_have_two_bytes_a_row)
{
	static const u8 shape[64 * 10 * 2] = { [63 * 20] = 0x80,
					       [63 * 20 + 1] = 0x10 };
	static const struct font wide = { 12, 10, 64, shape };
	struct framebuffer_info fb = mode(24, 20, 32);
	static u8 pixels[20 * (24 * 4 + 8)];

	memory = pixels;
	CHECK_EQ(fbcon_setup(&fbc, &fb, &wide, pixels), 0);
	CHECK_EQ(fbcon_start(&fbc, &vt, cells, shown, FBCON_CELLS_MAX), 0);
	/* Only '?' has a shape here, and stands for what the font lacks. */
	vt_write(&vt, "x", 1);
	vt_sync(&vt);
	CHECK_EQ(pixel_at(0, 0), 0xaaaaaa);
	CHECK_EQ(pixel_at(11, 0), 0xaaaaaa);
	CHECK_EQ(pixel_at(1, 0), 0);
	CHECK_EQ(pixel_at(0, 1), 0);
}
