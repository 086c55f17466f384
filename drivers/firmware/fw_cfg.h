/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the fw_cfg driver share. */
#pragma once

#include <drivers/fw_cfg.h>

/* How the device's registers are reached. */
struct fw_cfg_bus {
	/** Read from the beginning of @item next. */
	void (*select)(u16 item);
	u8 (*read)(void);
	/** What the DMA register reads as. */
	u64 (*dma_signature)(void);
	/** Have the device look at the struct fw_cfg_dma_access at @phys. */
	void (*dma_start)(phys_addr_t phys);
	bool can_dma; /* there is such a register */
};

/**
 * Where the device is, if the machine says so; it was not asked yet. NULL:
 * there is none that can be reached at this time.
 */
const struct fw_cfg_bus *fw_cfg_locate(void);

/** It is not there after all: give back what reaches it. */
void fw_cfg_leave(void);

/*
 * access.c: reading items. One caller at a time.
 */

/** Is @bus a fw_cfg? 0, or -ENODEV; then it is read no more. */
int fw_cfg_open(const struct fw_cfg_bus *bus);

/** True if items are copied by the device. */
bool fw_cfg_uses_dma(void);

/** Read @size bytes at @offset of @item. 0 or -EIO. */
int fw_cfg_read_item(u16 item, u32 offset, void *buffer, u32 size);
