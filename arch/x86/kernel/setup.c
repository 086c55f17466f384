/* SPDX-License-Identifier: BSD-2-Clause */
/* The first C code: collect what the loader says and go on arch-neutrally. */
#include <abi/e820.h>
#include <asm/boot.h>
#include <asm/desc.h>
#include <asm/layout.h>
#include <asm/sections.h>
#include <kernel/printk.h>
#include <kernel/string.h>

struct boot_info boot_info;

void x86_start(void);

void boot_add_e820(struct boot_info *bi, u64 start, u64 size, u32 type)
{
	enum memmap_type t = MEMMAP_RESERVED;

	switch (type) {
	case E820_RAM: t = MEMMAP_RAM; break;
	case E820_ACPI: t = MEMMAP_ACPI_RECLAIM; break;
	case E820_NVS: t = MEMMAP_ACPI_NVS; break;
	case E820_UNUSABLE: t = MEMMAP_UNUSABLE; break;
	case E820_PERSISTENT: t = MEMMAP_PERSISTENT; break;
	default: break;
	}
	memmap_add(&bi->memmap, start, size, t);
}

void boot_set_cmdline(struct boot_info *bi, const char *text, size_t max)
{
	size_t n = strnlen(text, max);

	if (n >= sizeof(bi->cmdline)) {
		pr_warn("command line cut after %zu bytes",
			sizeof(bi->cmdline) - 1);
		n = sizeof(bi->cmdline) - 1;
	}
	memcpy(bi->cmdline, text, n);
	bi->cmdline[n] = '\0';
}

/* The first 64 KiB of a PC: interrupt vectors, BIOS data, and address 0. */
#define LOW_MEMORY_RESERVED 0x10000

void x86_start(void)
{
	phys_addr_t image = KERNEL_LOAD_PHYS + boot_delta;

	desc_init();
	boot_info.loader = "";
	if (boot_magic == BOOT_MULTIBOOT2)
		multiboot2_read(boot_info_phys, &boot_info);
	else
		pvh_read(boot_info_phys, &boot_info);
	memmap_add(&boot_info.memmap, image, (u64)(_end - _image),
		   MEMMAP_KERNEL);
	memmap_add(&boot_info.memmap, 0, LOW_MEMORY_RESERVED, MEMMAP_KERNEL);
	kernel_main();
}
