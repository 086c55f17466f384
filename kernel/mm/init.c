/* SPDX-License-Identifier: BSD-2-Clause */
/* From the loader's memory map to page tables and allocators. */
#define pr_fmt(fmt) "memory: " fmt

#include <kernel/boot_info.h>
#include <kernel/init.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
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
	u64 ram;

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
	ram = bootmem_free_bytes() + memmap_total(map, MEMMAP_KERNEL) +
	      memmap_total(map, MEMMAP_DMA_POOL);
	if (!bootmem_free_bytes())
		panic("%s gave no memory map with usable RAM%s",
		      boot_info.protocol, mem_limit ? " below mem=" : "");
	arch_paging_init();
	page_init();
	arch_free_boot_memory();
	kmem_init();
	pr_info("%lu KiB free of %lu KiB", page_free_count() * PAGE_SIZE >> 10,
		ram >> 10);
	return 0;
}
initcall(INIT_MEMORY, memory_init);
