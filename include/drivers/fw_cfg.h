/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that QEMU has for its guest (fw_cfg). The device is looked for when
 * something asks for the first time, which may be before the first init level:
 * in the device tree, in ACPI's tables, and where there is neither, at the
 * ports of a PC if CPUID says that QEMU may be behind it. It is only read.
 *
 * It is not trusted: names are text, sizes are only what it claims, and a
 * device that does not answer is read no more. All functions: in threads and
 * the boot.
 */
#pragma once

#include <abi/qemu/fw_cfg.h>

/* Policy: how much of a directory is believed. QEMU makes about 20. */
#define FW_CFG_FILES_MAX 256

struct fw_cfg_file {
	char name[FW_CFG_NAME_SIZE]; /* printable ASCII without blanks */
	u32 size;
	u16 select;
};

/** True if there is such a device. */
bool fw_cfg_present(void);

/** True if it copies into memory by itself. */
bool fw_cfg_has_dma(void);

/**
 * Call @fn for each file in the directory's order, until it returns false. 0
 * also then; -ENODEV, or -EIO: the device stopped to answer.
 */
int fw_cfg_for_each(bool (*fn)(const struct fw_cfg_file *file, void *context),
		    void *context);

/** Find the first file @name. 0, -ENOENT, or as above. */
int fw_cfg_find(const char *name, struct fw_cfg_file *file);

/**
 * Read up to @size bytes at @offset of @file into @buffer: how many there
 * are, 0 at its end, or as above. Without DMA all bytes before @offset are
 * read too, unless the last call ended there.
 */
long fw_cfg_read(const struct fw_cfg_file *file, u32 offset, void *buffer,
		 u32 size);
