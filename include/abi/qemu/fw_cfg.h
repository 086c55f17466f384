/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's firmware configuration device: QEMU, docs/specs/fw_cfg. An item is
 * selected by its number and read from its beginning, byte by byte or by DMA;
 * some items are files, which have names in a directory. What is wider than a
 * byte is big-endian, but for the selector behind a port.
 */
#pragma once

#include <kernel/types.h>

#define FW_CFG_HID	  "QEMU0002" /* in ACPI */
#define FW_CFG_COMPATIBLE "qemu,fw-cfg-mmio"

/* As I/O ports of a PC */
#define FW_CFG_PORT	 0x510
#define FW_CFG_PORTS	 12
#define FW_CFG_PORT_MIN	 2 /* of these; less than all: no DMA */
#define FW_CFG_PORT_DATA 1 /* 8 bits; the selector, 16 bits, is at 0 */
#define FW_CFG_PORT_DMA	 4 /* twice 32 bits, the high half first */

/* As registers in memory */
#define FW_CFG_MMIO_DATA     0	/* 8 to 64 bits */
#define FW_CFG_MMIO_SELECT   8	/* 16 bits */
#define FW_CFG_MMIO_DMA	     16 /* 64 bits */
#define FW_CFG_MMIO_SIZE     24
#define FW_CFG_MMIO_SIZE_MIN 10 /* without DMA */

enum fw_cfg_item {
	FW_CFG_SIGNATURE = 0x0000, /* the bytes FW_CFG_SIGNATURE_TEXT */
	FW_CFG_ID = 0x0001,	   /* le32, enum fw_cfg_interface */
	FW_CFG_FILE_DIR = 0x0019,  /* be32 count, struct fw_cfg_dir_entry[] */
	FW_CFG_FILE_FIRST = 0x0020,
	FW_CFG_FILE_LAST = 0x3fff, /* above are flags */
};

#define FW_CFG_SIGNATURE_TEXT "QEMU"
#define FW_CFG_SIGNATURE_SIZE 4

enum fw_cfg_interface {
	FW_CFG_TRADITIONAL = 0x01,
	FW_CFG_DMA = 0x02,
};

#define FW_CFG_NAME_SIZE 56 /* with its NUL */

struct fw_cfg_dir_entry {
	be32 size;
	be16 select;
	be16 reserved;
	char name[FW_CFG_NAME_SIZE];
};
_Static_assert(sizeof(struct fw_cfg_dir_entry) == 64, "a file");
_Static_assert(offsetof(struct fw_cfg_dir_entry, name) == 8, "a file");

/* What the DMA register reads as: "QEMU CFG". */
#define FW_CFG_DMA_SIGNATURE 0x51454d5520434647ULL

/* To do: its address is written to the DMA register. */
struct fw_cfg_dma_access {
	be32 control; /* the item if SELECT << 16, enum fw_cfg_dma_control */
	be32 length;
	be64 address;
};
_Static_assert(sizeof(struct fw_cfg_dma_access) == 16, "DMA");
_Static_assert(offsetof(struct fw_cfg_dma_access, address) == 8, "DMA");

/* The device clears them when it is done, and may leave ERROR. */
enum fw_cfg_dma_control {
	FW_CFG_DMA_ERROR = 0x01,
	FW_CFG_DMA_READ = 0x02,
	FW_CFG_DMA_SKIP = 0x04,
	FW_CFG_DMA_SELECT = 0x08,
};
#define FW_CFG_DMA_ITEM_SHIFT 16

/* A file with the port of the pvpanic device, le16. */
#define FW_CFG_FILE_PVPANIC_PORT "etc/pvpanic-port"
