/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/boot.h>
#include <asm/layout.h>
#include <asm/sections.h>
#include <asm/timer.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/thread.h>

struct boot_info boot_info;

void arm64_start(void);

void arm64_start(void)
{
	arch_set_current(&boot_thread);
	timer_early_init();
	boot_info.loader = "";
	/* Before the loader's map, which may have too many entries. */
	memmap_add(&boot_info.memmap, boot_args.image_phys,
		   (u64)(_end - _image), MEMMAP_KERNEL);
	/* Address 0 stands for none. */
	memmap_add(&boot_info.memmap, 0, PAGE_SIZE, MEMMAP_KERNEL);
	boot_info.protocol = "the arm64 boot protocol";
	if (boot_args.efi)
		boot_read_efi(&boot_info);
	else if (boot_args.fdt)
		boot_read_fdt(boot_args.fdt, &boot_info);
	kernel_main();
}
