/* SPDX-License-Identifier: BSD-2-Clause */
#define pr_fmt(fmt) "paging: " fmt

#include <asm/boot.h>
#include <asm/sections.h>
#include <asm/stack.h>
#include <asm/sysreg.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/panic.h>
#include <kernel/string.h>
#include "mapping.h"

#define TCR_EPD0 BIT64(7) /* no walks for the lower half */

/* Memory for the final tables, mapped by the boot's, in pieces like this. */
#define ARENA_BYTES (64 * SIZE_4K)

extern char idmap_switch[];

static u64 *root;	   /* of the final tables, once they are in use */
static unsigned pool_used; /* pages of boot_table_pool */
static phys_addr_t arena, arena_end;
static enum {
	TABLES_FROM_POOL,
	TABLES_FROM_ARENA,
	TABLES_FROM_PAGES,
} source;

u64 *kernel_root(void)
{
	return root;
}

static u64 *pool_table(void)
{
	/* Cleared by head.S. */
	return pool_used < BOOT_TABLE_POOL
		       ? boot_table_pool + PTES_PER_TABLE * pool_used++
		       : NULL;
}

/* A new piece must be mapped by the boot's tables, which grow for it. */
static bool refill_arena(void)
{
	phys_addr_t start = bootmem_alloc(ARENA_BYTES, ARENA_BYTES, 0);
	int ret;

	if (!start)
		return false;
	source = TABLES_FROM_POOL;
	ret = map_range(boot_l0, (uintptr_t)phys_to_virt(start), start,
			ARENA_BYTES, data_flags(MEMORY_WB), SIZE_4K);
	source = TABLES_FROM_ARENA;
	arena = start;
	arena_end = start + ARENA_BYTES;
	return !ret;
}

static u64 *arena_table(void)
{
	u64 *table;

	if (arena == arena_end && !refill_arena())
		return NULL;
	table = phys_to_virt(arena);
	arena += SIZE_4K;
	return memset(table, 0, SIZE_4K);
}

static u64 *page_table(void)
{
	phys_addr_t page = alloc_pages(0, 0);

	return page ? memset(phys_to_virt(page), 0, SIZE_4K) : NULL;
}

u64 *new_table(void)
{
	switch (source) {
	case TABLES_FROM_POOL: return pool_table();
	case TABLES_FROM_ARENA: return arena_table();
	default: return page_table();
	}
}

static void must_map(u64 *table, uintptr_t va, phys_addr_t pa, u64 size,
		     u64 flags, u64 largest)
{
	if (map_range(table, va, pa, size, flags, largest))
		panic("no memory for page tables");
}

/* Map physical memory, leaving the image's text without a writable alias. */
static void map_direct(u64 *table, phys_addr_t start, phys_addr_t end)
{
	phys_addr_t text = virt_to_phys(_image), data = virt_to_phys(_data);
	u64 rw = data_flags(MEMORY_WB);

	while (start < end) {
		bool in_text = start >= text && start < data;
		phys_addr_t stop = in_text	  ? MIN(end, data)
				   : start < text ? MIN(end, text)
						  : end;

		must_map(table, DIRECT_MAP_BASE + start, start, stop - start,
			 in_text ? rw | PTE_RDONLY : rw, SIZE_1G);
		start = stop;
	}
}

static void add_early(struct memmap *all, u64 *table)
{
	for (unsigned i = 0; i < early_range_count; i++) {
		const struct early_range *r = &early_ranges[i];

		if (r->type == MEMORY_WB)
			memmap_add(all, r->start, r->end - r->start,
				   MEMMAP_KERNEL);
		else
			must_map(table, DIRECT_MAP_BASE + r->start, r->start,
				 r->end - r->start, data_flags(r->type),
				 SIZE_4K);
	}
}

/*
 * All RAM, whoever uses it, and what memremap() gave out so far. Memory of
 * other types is left out, so that nothing is cached by accident.
 */
static void map_memory(u64 *table)
{
	static struct memmap all;
	const struct memmap *map = bootmem_map();

	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];
		phys_addr_t start = ALIGN_DOWN(e->start, SIZE_4K);

		if (memmap_is_memory(e->type))
			memmap_add(&all, start,
				   ALIGN_UP(e->end, SIZE_4K) - start,
				   MEMMAP_KERNEL);
	}
	add_early(&all, table);
	memmap_normalize(&all);
	if (all.dropped)
		panic("the memory map has too many pieces to map");
	for (unsigned i = 0; i < all.count; i++)
		map_direct(table, all.entries[i].start,
			   MIN(all.entries[i].end, arch_phys_end()));
}

static void map_image_part(u64 *table, const char *from, const char *to,
			   u64 flags)
{
	must_map(table, (uintptr_t)from, virt_to_phys(from), (u64)(to - from),
		 flags, SIZE_4K);
}

static void unmap_guard(uintptr_t guard)
{
	unmap_range(root, guard, PAGE_SIZE);
}

/* Through the page that is mapped where it is; then nothing is there. */
static void switch_to(const u64 *table)
{
	void (*jump)(u64) = (void (*)(u64))virt_to_phys(idmap_switch);

	jump(virt_to_phys(table));
	sysreg_write(tcr_el1, sysreg_read(tcr_el1) | TCR_EPD0);
	isb();
	__asm__ __volatile__("tlbi vmalle1; dsb nsh; isb" ::: "memory");
}

void arch_paging_init(void)
{
	u64 *table;

	source = TABLES_FROM_ARENA;
	table = new_table();
	if (!table)
		panic("no memory for page tables");
	map_memory(table);
	map_image_part(table, _image, _rodata, PTE_IMAGE_RX);
	map_image_part(table, _rodata, _erodata, PTE_IMAGE_R);
	map_image_part(table, _data, _end, PTE_IMAGE_RW);
	switch_to(table);
	root = table;
	source = TABLES_FROM_PAGES;
	stack_for_each_guard(unmap_guard);
	tlb_flush_kernel_range((uintptr_t)_data, (uintptr_t)_end);
}

void arch_free_boot_memory(void)
{
	uintptr_t start = (uintptr_t)boot_l0;
	uintptr_t end = (uintptr_t)boot_page_tables_end;

	/* The direct map is the only way to them from here on. */
	unmap_range(root, start, end - start);
	tlb_flush_kernel_range(start, end);
	page_release_reserved(virt_to_phys(boot_l0),
			      virt_to_phys(boot_page_tables_end));
	page_release_reserved(arena, arena_end);
	arena = arena_end;
}
