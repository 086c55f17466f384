/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VGA's text screen. It is mapped and registered at level EARLYCON, so
 * that a panic before the final page tables shows up on it.
 */
#include <abi/vga.h>
#include <drivers/vt.h>
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/io.h>

#define VGA_CELLS (VGA_TEXT_ROWS * VGA_TEXT_COLUMNS)

static struct vt vga_vt;
static struct vt_cell vga_cells[VGA_CELLS], vga_shown[VGA_CELLS];
static struct console vga_console = { .name = "tty0" };
static volatile u16 *vga_memory;
static unsigned vga_cursor_at = VGA_CELLS; /* nowhere */

/* The VGA counts colours with blue and red the other way round. */
static u8 vga_colour(u8 colour)
{
	return (u8)((colour & 0xa) | (colour & 1) << 2 | (colour & 4) >> 2);
}

static u16 vga_cell(const struct vt_cell *cell)
{
	/* The font in the adapter is code page 437: only ASCII is the same. */
	u8 ch = cell->ch < 0x7f ? cell->ch : '?';
	/* A bright background would blink. */
	u8 back = VT_BACKGROUND(cell->attr) & 7;
	u8 attr = (u8)(vga_colour(back) << VGA_ATTR_BACKGROUND_SHIFT |
		       vga_colour(VT_FOREGROUND(cell->attr)));

	return (u16)(attr << 8 | ch);
}

#define CELLS_PER_STORE 4

/*
 * Text memory is not RAM in most virtual machines: each store costs an exit,
 * so store four cells at once.
 */
static void vga_draw(struct vt *vt, unsigned row, unsigned col,
		     const struct vt_cell *cells, unsigned n)
{
	unsigned at = row * vt->cols + col;

	for (; n && at % CELLS_PER_STORE; n--)
		vga_memory[at++] = vga_cell(cells++);
	for (; n >= CELLS_PER_STORE; n -= CELLS_PER_STORE) {
		u64 four = 0;

		for (unsigned i = 0; i < CELLS_PER_STORE; i++)
			four |= (u64)vga_cell(cells++) << (16 * i);
		*(volatile u64 *)(vga_memory + at) = four;
		at += CELLS_PER_STORE;
	}
	for (; n; n--)
		vga_memory[at++] = vga_cell(cells++);
}

static void crtc_write(u8 reg, u8 value)
{
	outb(VGA_CRTC_INDEX, reg);
	outb(VGA_CRTC_DATA, value);
}

static void vga_cursor(struct vt *vt, unsigned row, unsigned col)
{
	unsigned at = row * vt->cols + col;

	if (at == vga_cursor_at)
		return;
	vga_cursor_at = at;
	crtc_write(VGA_CRTC_CURSOR_HIGH, (u8)(at >> 8));
	crtc_write(VGA_CRTC_CURSOR_LOW, (u8)at);
}

static const struct vt_ops vga_ops = {
	.draw = vga_draw,
	.cursor = vga_cursor,
};

static int vga_text_init(void)
{
	int ret;

	if (!boot_info.vga_text)
		return 0;
	/*
	 * Write-back is all there is at this level. It makes no difference:
	 * the CPU's fixed MTRRs keep this memory uncached.
	 */
	vga_memory = memremap(VGA_TEXT_ADDRESS, VGA_CELLS * VGA_TEXT_CELL_BYTES,
			      MEMORY_WB);
	if (!vga_memory)
		return -ENOMEM;
	ret = vt_init(&vga_vt, &vga_ops, vga_cells, vga_shown, VGA_CELLS,
		      VGA_TEXT_ROWS, VGA_TEXT_COLUMNS);
	if (ret)
		return ret;
	/* A block at the foot of the cell, visible. */
	crtc_write(VGA_CRTC_CURSOR_START, 13);
	crtc_write(VGA_CRTC_CURSOR_END, 14);
	vt_console_init(&vga_console, &vga_vt);
	ret = console_register(&vga_console);
	return ret == -EPERM ? 0 : ret;
}
initcall(INIT_EARLYCON, vga_text_init);
