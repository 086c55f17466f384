/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the EFI stub: see efi_stub.c for what it must not do. */
#pragma once

#include <abi/efi_boot.h>

/* What is said or asked for at once, in characters. */
#define EFI_TEXT_MAX 128

/** As firmware wants text: UCS-2, cut to @size characters with its end. */
void efi_widen(u16 *to, const char *from, size_t size);

/** Show @text, of at most EFI_TEXT_MAX characters, on firmware's console. */
void efi_say(const struct efi_system_table *st, const char *text);

/** File @name of the volume that the kernel came from, or NULL. */
struct efi_file *efi_open_file(const struct efi_boot_services *bs,
			       const struct efi_loaded_image *loaded,
			       const char *name);

/**
 * Load the initrd: the file that "initrd=" in the command line names, else
 * what a loader offers by LoadFile2, else \EFI\BOOT\INITRD.CPIO. A named
 * one that is not there is said so.
 */
void efi_take_initrd(const struct efi_system_table *st,
		     const struct efi_boot_services *bs,
		     const struct efi_loaded_image *loaded);
