/* SPDX-License-Identifier: BSD-2-Clause */
/* The first C code: collect what the loader says and go on arch-neutrally. */
#include <asm/boot.h>
#include <asm/desc.h>
#include <asm/layout.h>
#include <asm/sections.h>
#include <kernel/percpu.h>
#include <kernel/thread.h>

struct boot_info boot_info;

DEFINE_PER_CPU(uintptr_t, this_offset);
DEFINE_PER_CPU(struct thread *, current);

void x86_start(void);

/* The first 64 KiB of a PC: interrupt vectors, BIOS data, and address 0. */
#define LOW_MEMORY_RESERVED 0x10000

void x86_start(void)
{
	phys_addr_t image = KERNEL_LOAD_PHYS + boot_delta;

	arch_percpu_set_offset(0);
	arch_set_current(&boot_thread);
	desc_init();
	boot_info.loader = "";
	/* Before the loader's map, which may have too many entries. */
	memmap_add(&boot_info.memmap, image, (u64)(_end - _image),
		   MEMMAP_KERNEL);
	memmap_add(&boot_info.memmap, 0, LOW_MEMORY_RESERVED, MEMMAP_KERNEL);
	if (boot_magic == BOOT_MULTIBOOT2)
		multiboot2_read(boot_info_phys, &boot_info);
	else
		pvh_read(boot_info_phys, &boot_info);
	kernel_main();
}
