/* SPDX-License-Identifier: BSD-2-Clause */
/* What the EFI stub left, as the kernel wants it. */
#define pr_fmt(fmt) "efi: " fmt

#include <abi/efi_boot.h>
#include <asm/boot.h>
#include <kernel/mm/map.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "efi_stub.h"

/* More than any firmware has; a larger size is not believed. */
#define MAP_MAX_BYTES (1U << 20)

/* The stub has read it; here it is a word that is known. */
static const char *initrd_file;
param_string("initrd", initrd_file,
	     "under UEFI: the initrd's file, on the kernel's volume");

static enum memmap_type type_of(const struct efi_memory_descriptor *d)
{
	switch (d->type) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BOOT_SERVICES_CODE:
	case EFI_BOOT_SERVICES_DATA:
	case EFI_CONVENTIONAL_MEMORY:
		return d->attribute & EFI_MEMORY_WB ? MEMMAP_RAM
						    : MEMMAP_RESERVED;
	case EFI_UNUSABLE_MEMORY: return MEMMAP_UNUSABLE;
	case EFI_ACPI_RECLAIM_MEMORY: return MEMMAP_ACPI_RECLAIM;
	case EFI_ACPI_MEMORY_NVS: return MEMMAP_ACPI_NVS;
	case EFI_PERSISTENT_MEMORY: return MEMMAP_PERSISTENT;
	default: return MEMMAP_RESERVED;
	}
}

static void read_map(struct boot_info *bi)
{
	u64 step = efi_handover.descriptor_size;
	u64 size = efi_handover.memory_map_size;
	const char *map;

	if (step < sizeof(struct efi_memory_descriptor) || size > MAP_MAX_BYTES)
		return;
	map = memremap(efi_handover.memory_map, size, MEMORY_WB);
	for (u64 at = 0; map && at + step <= size; at += step) {
		const struct efi_memory_descriptor *d =
			(const void *)(map + at);

		if (d->number_of_pages <= UINT64_MAX >> EFI_PAGE_SHIFT)
			memmap_add(&bi->memmap, d->physical_start,
				   d->number_of_pages << EFI_PAGE_SHIFT,
				   type_of(d));
	}
}

/* Shift and width of the bits in @mask. */
static void set_colour(u32 mask, u8 *shift, u8 *bits)
{
	*shift = mask ? (u8)__builtin_ctz(mask) : 0;
	*bits = (u8)__builtin_popcount(mask);
}

static void read_display(struct framebuffer_info *fb)
{
	static const u32 masks[][3] = {
		[EFI_PIXEL_RGBX] = { 0xff, 0xff00, 0xff0000 },
		[EFI_PIXEL_BGRX] = { 0xff0000, 0xff00, 0xff },
	};
	const u32 *mask = efi_handover.format == EFI_PIXEL_BITMASK
				  ? efi_handover.mask
				  : masks[efi_handover.format];

	fb->address = efi_handover.framebuffer;
	fb->pitch = efi_handover.pitch;
	fb->width = efi_handover.width;
	fb->height = efi_handover.height;
	fb->bpp = 32;
	set_colour(mask[0], &fb->red_shift, &fb->red_bits);
	set_colour(mask[1], &fb->green_shift, &fb->green_bits);
	set_colour(mask[2], &fb->blue_shift, &fb->blue_bits);
}

void boot_read_efi(struct boot_info *bi)
{
	char *end;

	bi->protocol = "UEFI";
	bi->efi_system_table = efi_handover.system_table;
	bi->rsdp = efi_handover.rsdp;
	read_map(bi);
	if (efi_handover.framebuffer)
		read_display(&bi->framebuffer);
	boot_set_cmdline(bi, efi_handover.cmdline, BOOT_CMDLINE_MAX - 1);
	/* A file ends with a line's end. */
	end = bi->cmdline + strlen(bi->cmdline);
	while (end > bi->cmdline && (end[-1] == '\n' || end[-1] == '\r'))
		*--end = '\0';
	bi->initrd = efi_handover.initrd;
	bi->initrd_size = efi_handover.initrd_size;
	if (bi->initrd)
		memmap_add(&bi->memmap, bi->initrd, bi->initrd_size,
			   MEMMAP_KERNEL);
	if (efi_handover.fdt)
		boot_read_fdt(efi_handover.fdt, bi);
}
