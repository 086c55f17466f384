/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the files of the EFI stub, and to the kernel: see efi_stub.c for what
 * the stub must not do.
 */
#pragma once

#include <abi/efi_boot.h>
#include <kernel/boot_info.h>

/*
 * What the EFI stub leaves for the kernel, all physical addresses. It is in
 * .data: the stub runs before .bss is cleared.
 */
struct efi_handover {
	u64 system_table;
	u64 memory_map;
	u64 memory_map_size;
	u64 descriptor_size;
	u64 rsdp;		 /* 0: none */
	u64 fdt;		 /* 0: none */
	u64 initrd, initrd_size; /* 0: none */
	u64 framebuffer;
	u32 width, height, pitch;
	u32 format;	      /* enum efi_pixel_format */
	struct efi_time time; /* year 0: not known */
	u32 mask[4]; /* with EFI_PIXEL_BITMASK: red, green, blue, reserved */
	char cmdline[BOOT_CMDLINE_MAX];
};
extern struct efi_handover efi_handover;

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

/** @t as nanoseconds of UTC since 1970. 0, or -ERANGE: it cannot be. */
int efi_time_to_ns(const struct efi_time *t, u64 *ns);
