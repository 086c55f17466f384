/* SPDX-License-Identifier: BSD-2-Clause */
#define pr_fmt(fmt) "initrd: " fmt

#include <kernel/boot_info.h>
#include <kernel/initrd.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>

/* Policy: more than this is a loader's mistake. */
#define INITRD_MAX (1ULL << 30)

/* The adapters of boot protocols have marked the memory as in use. */
const void *initrd_map(size_t *size)
{
	static const void *mapping;
	static bool tried;

	if (!tried && boot_info.initrd) {
		if (boot_info.initrd_size &&
		    boot_info.initrd_size <= INITRD_MAX)
			mapping = memremap(boot_info.initrd,
					   boot_info.initrd_size, MEMORY_WB);
		if (!mapping)
			pr_warn("%#llx bytes at %#llx cannot be mapped: ignored",
				(unsigned long long)boot_info.initrd_size,
				(unsigned long long)boot_info.initrd);
	}
	tried = true;
	*size = mapping ? boot_info.initrd_size : 0;
	return mapping;
}
