/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one thing a boot protocol's adapter hands to the kernel. After
 * kernel_main() nothing asks how the machine was booted.
 */
#pragma once

#include <kernel/mm/memmap.h>

#define BOOT_CMDLINE_MAX 2048

/* A linear framebuffer of direct colour; address 0: none. */
struct framebuffer_info {
	phys_addr_t address;
	u32 pitch;  /* bytes from one line to the next */
	u32 width;  /* pixels */
	u32 height; /* pixels */
	u8 bpp;	    /* bits per pixel: 15, 16, 24 or 32 */
	u8 red_shift, red_bits;
	u8 green_shift, green_bits;
	u8 blue_shift, blue_bits;
};

struct boot_info {
	const char *protocol; /* "Multiboot2", "PVH" */
	const char *loader;   /* what the loader calls itself, or "" */
	struct memmap memmap; /* as the loader gave it: unsorted, untrusted */
	phys_addr_t rsdp;     /* ACPI RSDP, 0: not given */
	phys_addr_t efi_system_table; /* 64-bit UEFI system table, or 0 */
	phys_addr_t fdt;	      /* flattened device tree, or 0 */
	phys_addr_t initrd;	      /* 0: none */
	u64 initrd_size;
	struct framebuffer_info framebuffer;
	bool vga_text; /* the display is an 80x25 text screen at 0xb8000 */
	char cmdline[BOOT_CMDLINE_MAX];
};

/**
 * For boot protocols: copy @text, which ends with NUL or after @max bytes, as
 * the command line. A cut is reported.
 */
void boot_set_cmdline(struct boot_info *bi, const char *text, size_t max);

/** What the machine was booted with; valid from kernel_main() on. */
extern struct boot_info boot_info;

/** Arch-neutral start, on the boot CPU and its own stack. */
__attribute__((noreturn)) void kernel_main(void);
