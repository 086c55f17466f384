/* SPDX-License-Identifier: BSD-2-Clause */
/* From the loader's memory map to page tables and a first allocator. */
#define pr_fmt(fmt) "memory: " fmt

#include <kernel/boot_info.h>
#include <kernel/init.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/panic.h>
#include <kernel/param.h>
#include <kernel/printk.h>

static u64 mem_limit;
param_size("mem", mem_limit, "use RAM below this address only: mem=64M");

static void print_map(const struct memmap *map)
{
	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		pr_debug("[%#018lx-%#018lx] %s", e->start, e->end - 1,
			 memmap_type_name(e->type));
	}
}

static int memory_init(void)
{
	struct memmap *map = &boot_info.memmap;
	phys_addr_t reach = arch_phys_end();
	u64 free;

	memmap_normalize(map);
	if (map->dropped)
		pr_warn("%u memory map entries did not fit: ignored",
			map->dropped);
	if (memmap_ram_end(map) > reach)
		pr_warn("RAM from %#lx on is beyond this CPU's reach: ignored",
			reach);
	memmap_limit(map, mem_limit ? MIN(mem_limit, reach) : reach);
	print_map(map);
	bootmem_init(map);
	free = bootmem_free_bytes();
	if (!free)
		panic("%s gave no memory map with usable RAM%s",
		      boot_info.protocol, mem_limit ? " below mem=" : "");
	arch_paging_init();
	pr_info("%lu KiB free of %lu KiB", bootmem_free_bytes() >> 10,
		(free + memmap_total(map, MEMMAP_KERNEL)) >> 10);
	return 0;
}
initcall(INIT_MEMORY, memory_init);
