/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of the address space. */
#include <asm/desc.h>
#include <asm/page.h>
#include <asm/sections.h>
#include <kernel/cpu.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/module.h>
#include <kernel/selftest.h>
#include "mapping.h"

static void test_wx(struct selftest *t)
{
	if (!pte_nx()) {
		selftest_skip(t, "this CPU has no NX");
		return;
	}
	EXPECT_EQ(t, paging_count_wx(), 0);
}

static u64 leaf(const void *va)
{
	struct page_walk walk;

	paging_walk((uintptr_t)va, &walk);
	return walk.entry[walk.levels - 1];
}

static void test_rights(struct selftest *t)
{
	static int data;

	EXPECT_EQ(t, leaf(_text) & (PTE_PRESENT | PTE_WRITE | PTE_NX),
		  PTE_PRESENT);
	EXPECT_EQ(t, leaf(_rodata) & (PTE_PRESENT | PTE_WRITE | PTE_NX),
		  PTE_PRESENT | pte_nx());
	EXPECT_EQ(t, leaf(&data) & (PTE_PRESENT | PTE_WRITE | PTE_NX),
		  PTE_PRESENT | PTE_WRITE | pte_nx());
	EXPECT_EQ(t, leaf(phys_to_virt(virt_to_phys(_text))) & PTE_WRITE, 0);
}

/* Text, constants and data of a module that was loaded. */
static void test_module_rights(struct selftest *t)
{
	const struct module *module;

	if (!IS_ENABLED(CONFIG_MODULES) || module_load("module_test", NULL)) {
		selftest_skip(t, "no module_test to load");
		return;
	}
	module = table_find(struct module, module, "module_test");
	if (EXPECT(t, module)) {
		u64 mask = PTE_PRESENT | PTE_WRITE | PTE_NX;

		EXPECT_EQ(t, leaf((const void *)module->init) & mask,
			  PTE_PRESENT);
		EXPECT_EQ(t, leaf(module->name) & mask, PTE_PRESENT | pte_nx());
		EXPECT_EQ(t, leaf(module) & mask,
			  PTE_PRESENT | PTE_WRITE | pte_nx());
		EXPECT(t, !pte_nx() || !paging_count_wx());
		table_release(module, module);
	}
	EXPECT_EQ(t, module_unload("module_test"), 0);
}

static unsigned guards_mapped;

static void check_guard(uintptr_t guard)
{
	u8 byte;

	guards_mapped += probe_read8((void *)guard, &byte) == 0;
}

static void test_guards(struct selftest *t)
{
	guards_mapped = 0;
	stack_for_each_guard(check_guard);
	EXPECT_EQ(t, guards_mapped, 0);
}

static void test_lower_half(struct selftest *t)
{
	struct page_walk walk;

	for (uintptr_t va = 0; va < BIT64(47); va += BIT64(39)) {
		paging_walk(va, &walk);
		if (!EXPECT_EQ(t, walk.entry[0], 0))
			return;
	}
}

/* What a report of a fault by a damaged entry relies on. */
static void test_damage(struct selftest *t)
{
	struct page_walk walk;
	u64 damaged = PTE_ADDR_MASK | PTE_PRESENT | PTE_WRITE;

	/* Nothing goes through the first entry: the lower half is empty. */
	WRITE_ONCE(kernel_root()[0], damaged);
	paging_walk(0, &walk);
	WRITE_ONCE(kernel_root()[0], 0);
	EXPECT_EQ(t, walk.levels, 1);
	EXPECT_EQ(t, walk.entry[0], damaged);
}

/* The first and last byte of every piece of RAM answer. */
static void test_direct_map(struct selftest *t)
{
	const struct memmap *map = bootmem_map();
	u8 byte;

	EXPECT(t, memmap_ram_end(map) <= arch_phys_end());
	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		if (e->type != MEMMAP_RAM)
			continue;
		EXPECT_EQ(t, probe_read8(phys_to_virt(e->start), &byte), 0);
		EXPECT_EQ(t, probe_read8(phys_to_virt(e->end - 1), &byte), 0);
	}
}

static void test_remap(struct selftest *t)
{
	phys_addr_t phys = alloc_pages(0, 0);
	volatile u32 *direct = phys_to_virt(phys), *other;

	if (!EXPECT(t, phys))
		return;
	other = memremap(phys + 8, 8, MEMORY_WB);
	if (!EXPECT(t, other))
		return;
	direct[2] = 0x12345678;
	EXPECT_EQ(t, *other, 0x12345678);
	*other = 0x87654321;
	EXPECT_EQ(t, direct[2], 0x87654321);
	memunmap((const u32 *)other);
	EXPECT(t, !memremap(UINT64_MAX - 10, 100, MEMORY_WB));
	EXPECT(t, !memremap(BIT64(52), 1, MEMORY_WB));
	EXPECT(t, !memremap(phys, 0, MEMORY_WB));
	free_pages(phys, 0);
}

static const struct selftest_case paging_cases[] = {
	{ .name = "nothing-writable-and-executable", .run = test_wx },
	{ .name = "sections-have-their-rights", .run = test_rights },
	{ .name = "modules-have-their-rights", .run = test_module_rights },
	{ .name = "guard-pages-unmapped", .run = test_guards },
	{ .name = "lower-half-empty", .run = test_lower_half },
	{ .name = "walk-ends-at-damage", .run = test_damage },
	{ .name = "direct-map-covers-ram", .run = test_direct_map },
	{ .name = "remap-reaches-memory", .run = test_remap },
	{},
};
SELFTEST_SUITE(paging, "paging", paging_cases, 0);
