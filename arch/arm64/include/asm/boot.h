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

/** Add what the device tree at @phys says to @bi. 0 or -EBADMSG, -ENOENT. */
int boot_read_fdt(phys_addr_t phys, struct boot_info *bi);

/** Add what efi_stub.c left in efi_handover to @bi. */
void boot_read_efi(struct boot_info *bi);
