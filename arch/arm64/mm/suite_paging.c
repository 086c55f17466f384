/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/page.h>
#include <asm/sections.h>
#include <asm/stack.h>
#include <asm/sysreg.h>
#include <kernel/cpu.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/selftest.h>
#include "mapping.h"

#define SCTLR_WXN BIT(19)
#define TCR_EPD0  BIT(7)

static void test_wx(struct selftest *t)
{
	EXPECT_EQ(t, paging_count_wx(), 0);
	/* And the CPU would not execute what is writable. */
	EXPECT(t, sysreg_read(sctlr_el1) & SCTLR_WXN);
}

static u64 leaf(const void *va)
{
	struct page_walk walk;

	paging_walk((uintptr_t)va, &walk);
	return walk.entry[walk.levels - 1];
}

#define RIGHTS (PTE_VALID | PTE_RDONLY | PTE_NX)

static void test_rights(struct selftest *t)
{
	static int data;

	EXPECT_EQ(t, leaf(_text) & RIGHTS, PTE_VALID | PTE_RDONLY | PTE_UXN);
	EXPECT_EQ(t, leaf(_rodata) & RIGHTS, RIGHTS);
	EXPECT_EQ(t, leaf(&data) & RIGHTS, PTE_VALID | PTE_NX);
	EXPECT_EQ(t, leaf(phys_to_virt(virt_to_phys(_text))) & RIGHTS, RIGHTS);
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
	u8 byte;

	EXPECT(t, sysreg_read(tcr_el1) & TCR_EPD0);
	/* Where the kernel is, was mapped for its way up. */
	EXPECT(t, probe_read8((void *)virt_to_phys(_image), &byte));
	EXPECT(t, probe_read8(NULL, &byte));
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

static void test_types(struct selftest *t)
{
	phys_addr_t phys = alloc_pages(0, 0);
	static const enum memory_type types[] = { MEMORY_WB, MEMORY_WC,
						  MEMORY_UC };
	static const u64 mair[] = { MAIR_WB, MAIR_NC, MAIR_DEVICE };

	if (!EXPECT(t, phys))
		return;
	EXPECT_EQ(t, sysreg_read(mair_el1), MAIR_VALUE);
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		const void *va = memremap(phys, PAGE_SIZE, types[i]);

		if (!EXPECT(t, va))
			break;
		EXPECT_EQ(t, leaf(va) & 7 * PTE_TYPE_STEP,
			  mair[i] * PTE_TYPE_STEP);
		memunmap(va);
	}
	free_pages(phys, 0);
}

static const struct selftest_case paging_cases[] = {
	{ .name = "nothing-writable-and-executable", .run = test_wx },
	{ .name = "sections-have-their-rights", .run = test_rights },
	{ .name = "guard-pages-unmapped", .run = test_guards },
	{ .name = "lower-half-empty", .run = test_lower_half },
	{ .name = "direct-map-covers-ram", .run = test_direct_map },
	{ .name = "remap-reaches-memory", .run = test_remap },
	{ .name = "mappings-have-their-types", .run = test_types },
	{},
};
SELFTEST_SUITE(paging, "paging", paging_cases, 0);
