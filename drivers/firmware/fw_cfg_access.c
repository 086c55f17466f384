/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading items, by DMA where the device offers it (one exit for a piece) and
 * byte by byte where it does not.
 */
#define pr_fmt(fmt) "fw_cfg: " fmt

#include <kernel/atomic.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "fw_cfg.h"

/*
 * How often a DMA is asked whether it is done. QEMU is done before it goes on
 * with the guest. There may be no clock yet: each look reads a register of the
 * device, which takes a host about a microsecond, or more.
 */
#define DMA_LOOKS_MAX 100000

#define PIECE_MAX 512

/* No item has this number. */
#define NO_ITEM 0xffff

/*
 * What the device reads and writes by itself. It is in the image, whose
 * physical address is known before there is an allocator.
 */
static struct {
	struct fw_cfg_dma_access access;
	u8 data[PIECE_MAX];
} shared;

/* The item and the place in it that the device reads next. */
static struct {
	const struct fw_cfg_bus *bus;
	bool dma;
	u16 item;
	u32 position;
} state;

bool fw_cfg_uses_dma(void)
{
	return state.dma;
}

static void read_bytes(void *buffer, u32 size)
{
	u8 *to = buffer;

	while (size--)
		*to++ = state.bus->read();
}

/* The bits that are left of the command. 0: it is done, and did it. */
static u32 wait_done(void)
{
	u32 control = 0;

	for (unsigned i = 0; i < DMA_LOOKS_MAX; i++) {
		/* Acquire: what it copied is there when this is 0. */
		control = be32_to_cpu((__force be32)atomic_load_acquire(
			(__force u32 *)&shared.access.control));
		if (!(control & ~(u32)FW_CFG_DMA_ERROR))
			break;
		state.bus->dma_signature();
	}
	return control;
}

/* A command for @size bytes, of @item if that is one. 0 or -EIO. */
static int dma(u32 command, u16 item, u32 size)
{
	u32 left;

	if (item != NO_ITEM)
		command |= FW_CFG_DMA_SELECT | (u32)item
						       << FW_CFG_DMA_ITEM_SHIFT;
	shared.access.length = cpu_to_be32(size);
	shared.access.address = cpu_to_be64(virt_to_phys(shared.data));
	WRITE_ONCE(shared.access.control, cpu_to_be32(command));
	/* The write to a register comes after these. */
	state.bus->dma_start(virt_to_phys(&shared.access));
	left = wait_done();
	if (!left)
		return 0;
	/* It may write there as long as it likes: nobody else uses it. */
	pr_err("a copy by the device %s: reading byte by byte",
	       left == FW_CFG_DMA_ERROR ? "failed" : "does not end");
	state.dma = false;
	return -EIO;
}

/* From @offset of @item on, in pieces; what comes between is skipped. */
static int read_by_dma(u16 item, u32 offset, u8 *buffer, u32 size)
{
	bool there = item == state.item && offset == state.position;
	u16 select = there ? NO_ITEM : item;

	state.item = NO_ITEM;
	if (!there && offset) {
		if (dma(FW_CFG_DMA_SKIP, item, offset))
			return -EIO;
		select = NO_ITEM;
	}
	for (u32 done = 0; done < size; select = NO_ITEM) {
		u32 n = MIN(size - done, (u32)PIECE_MAX);

		if (dma(FW_CFG_DMA_READ, select, n))
			return -EIO;
		memcpy(buffer + done, shared.data, n);
		done += n;
	}
	state.item = item;
	state.position = offset + size;
	return 0;
}

static void read_by_cpu(u16 item, u32 offset, void *buffer, u32 size)
{
	if (item != state.item || offset < state.position) {
		state.bus->select(item);
		state.item = item;
		state.position = 0;
	}
	for (; state.position < offset; state.position++)
		state.bus->read();
	read_bytes(buffer, size);
	state.position += size;
}

int fw_cfg_read_item(u16 item, u32 offset, void *buffer, u32 size)
{
	if (!state.bus)
		return -EIO;
	if (!size || (state.dma && !read_by_dma(item, offset, buffer, size)))
		return 0;
	read_by_cpu(item, offset, buffer, size);
	return 0;
}

int fw_cfg_open(const struct fw_cfg_bus *bus)
{
	char signature[FW_CFG_SIGNATURE_SIZE];
	le32 offers;

	state.bus = bus;
	state.item = NO_ITEM;
	state.dma = false;
	read_by_cpu(FW_CFG_SIGNATURE, 0, signature, sizeof(signature));
	if (memcmp(signature, FW_CFG_SIGNATURE_TEXT, sizeof(signature))) {
		state.bus = NULL;
		return -ENODEV;
	}
	read_by_cpu(FW_CFG_ID, 0, &offers, sizeof(offers));
	state.dma = bus->can_dma && le32_to_cpu(offers) & FW_CFG_DMA &&
		    bus->dma_signature() == FW_CFG_DMA_SIGNATURE;
	state.item = NO_ITEM;
	return 0;
}
