/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <kernel/boot_info.h>

/* What head.S found out. */
struct boot_args {
	u64 counter;	/* the virtual count when the kernel was entered */
	u64 image_phys; /* where the image is */
	u64 fdt;	/* device tree by the boot protocol, or 0 */
	u64 efi;   /* 1: entered by efi_stub.c, which filled efi_handover */
	u64 level; /* exception level of the entry: 1 or 2 */
};
extern struct boot_args boot_args;

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
	u32 format;  /* enum efi_pixel_format */
	u32 mask[4]; /* with EFI_PIXEL_BITMASK: red, green, blue, reserved */
	char cmdline[BOOT_CMDLINE_MAX];
};
extern struct efi_handover efi_handover;

/** Add what the device tree at @phys says to @bi. 0 or -EBADMSG, -ENOENT. */
int boot_read_fdt(phys_addr_t phys, struct boot_info *bi);

/** Add what efi_stub.c left in efi_handover to @bi. */
void boot_read_efi(struct boot_info *bi);
