/* SPDX-License-Identifier: BSD-2-Clause */
#define pr_fmt(fmt) "paging: " fmt

#include <asm/boot.h>
#include <asm/sections.h>
#include <asm/stack.h>
#include <asm/sysreg.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/direct_map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/pgtable.h>
#include <kernel/panic.h>
#include <kernel/string.h>
#include "mapping.h"

#define TCR_EPD0 BIT64(7) /* no walks for the lower half */

/* Memory for the final tables, mapped by the boot's, in pieces like this. */
#define ARENA_BYTES (64 * SIZE_4K)

extern char idmap_switch[];

static u64 *final;	   /* tables, being made */
static u64 *root;	   /* the same, once they are in use */
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
	ret = pgtable_map(boot_l0, (uintptr_t)phys_to_virt(start), start,
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

u64 *pgtable_new(void)
{
	switch (source) {
	case TABLES_FROM_POOL: return pool_table();
	case TABLES_FROM_ARENA: return arena_table();
	default: return page_table();
	}
}

static void must_map(uintptr_t va, phys_addr_t pa, u64 size, u64 flags,
		     u64 largest)
{
	if (pgtable_map(final, va, pa, size, flags, largest))
		panic("no memory for page tables");
}

/* Devices by small pages: their neighbours may be of other types. */
static void map_direct(phys_addr_t start, u64 size, enum memory_type type,
		       bool writable)
{
	must_map(DIRECT_MAP_BASE + start, start, size,
		 data_flags(type) | (writable ? 0 : PTE_RDONLY),
		 type == MEMORY_WB ? SIZE_1G : SIZE_4K);
}

static void map_image_part(const char *from, const char *to, u64 flags)
{
	must_map((uintptr_t)from, virt_to_phys(from), (u64)(to - from), flags,
		 SIZE_4K);
}

static void unmap_guard(uintptr_t guard)
{
	pgtable_unmap(root, guard, PAGE_SIZE);
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
	source = TABLES_FROM_ARENA;
	final = pgtable_new();
	if (!final)
		panic("no memory for page tables");
	direct_map_for_each(virt_to_phys(_image), virt_to_phys(_data),
			    map_direct);
	map_image_part(_image, _rodata, PTE_IMAGE_RX);
	map_image_part(_rodata, _erodata, PTE_IMAGE_R);
	map_image_part(_data, _end, PTE_IMAGE_RW);
	switch_to(final);
	root = final;
	source = TABLES_FROM_PAGES;
	stack_for_each_guard(unmap_guard);
	tlb_flush_kernel_range((uintptr_t)_data, (uintptr_t)_end);
}

void arch_free_boot_memory(void)
{
	uintptr_t start = (uintptr_t)boot_l0;
	uintptr_t end = (uintptr_t)boot_page_tables_end;

	/* The direct map is the only way to them from here on. */
	pgtable_unmap(root, start, end - start);
	tlb_flush_kernel_range(start, end);
	page_release_reserved(virt_to_phys(boot_l0),
			      virt_to_phys(boot_page_tables_end));
	page_release_reserved(arena, arena_end);
	arena = arena_end;
}
