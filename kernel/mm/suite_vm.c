/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of mappings that come and go. */
#include <kernel/cpu.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include "suite.h"

#define CYCLES	      500
#define VMALLOC_BYTES (40 * PAGE_SIZE + 1)

static u64 free_pages_now(void)
{
	kmem_trim();
	return page_free_count();
}

static bool answers(const volatile void *address)
{
	u8 byte;

	return probe_read8((const void *)address, &byte) == 0;
}

static u64 areas_now(void)
{
	struct vm_stats stats;

	vm_get_stats(&stats);
	return stats.areas;
}

static void test_guards(struct selftest *t)
{
	phys_addr_t block = alloc_pages(1, 0);
	char *map = block ? memremap(block, 2 * PAGE_SIZE, MEMORY_WB) : NULL;

	if (!EXPECT(t, map))
		return;
	EXPECT(t, answers(map) && answers(map + 2 * PAGE_SIZE - 1));
	EXPECT(t, !answers(map - 1) && !answers(map + 2 * PAGE_SIZE));
	memunmap(map);
	EXPECT(t, !answers(map) && !answers(map + 2 * PAGE_SIZE - 1));
	free_pages(block, 1);
}

/* One address, two pages in turn: a stale translation would show. */
static void test_remap_cycles(struct selftest *t)
{
	phys_addr_t page[2] = { alloc_pages(0, 0), alloc_pages(0, 0) };
	u64 areas = areas_now(), before = 0;
	volatile u32 *first = NULL;

	if (!EXPECT(t, page[0] && page[1]))
		return;
	for (u32 i = 0; i < 2; i++)
		*(u32 *)phys_to_virt(page[i]) = i;
	for (u32 i = 0; i < CYCLES; i++) {
		volatile u32 *map =
			memremap(page[i & 1], sizeof(*map), MEMORY_WB);

		if (!EXPECT(t, map) || !EXPECT_EQ(t, *map, i & 1))
			break;
		memunmap((const u32 *)map);
		if (i == 0) {
			first = map;
			before = free_pages_now();
		}
		if (!EXPECT(t, map == first))
			break;
	}
	EXPECT_EQ(t, free_pages_now(), before);
	EXPECT_EQ(t, areas_now(), areas);
	free_pages(page[0], 0);
	free_pages(page[1], 0);
}

/* True if a large page went where small ones were, and gave their table back.
 */
static bool large_page_replaces(struct selftest *t, phys_addr_t block,
				const char *small)
{
	u64 size = (u64)PAGE_SIZE << PAGE_ORDER_2M, before = free_pages_now();
	volatile u64 *map = memremap(block, size, MEMORY_WC);
	bool inside = (const char *)map > small &&
		      (const char *)map < small + 2 * size;

	if (!EXPECT(t, map))
		return false;
	*map = before;
	EXPECT_EQ(t, *map, before);
	EXPECT(t, answers((const char *)map + size - 1));
	EXPECT(t, !answers((const char *)map + size));
	memunmap((const u64 *)map);
	EXPECT(t, !answers(map));
	if (inside)
		EXPECT_EQ(t, free_pages_now(), before + 1);
	return inside;
}

static void test_large_after_small(struct selftest *t)
{
	phys_addr_t block = alloc_pages(PAGE_ORDER_2M, 0);

	for (unsigned i = 0; block && i < 3; i++) {
		char *small = vmalloc((u64)PAGE_SIZE << (PAGE_ORDER_2M + 1));

		vfree(small);
		if (small && large_page_replaces(t, block, small))
			continue;
		selftest_skip(t, "no memory or addresses for it");
		break;
	}
	if (block)
		free_pages(block, PAGE_ORDER_2M);
	else
		selftest_skip(t, "no free block of 2 MiB");
}

static void vmalloc_sizes(struct selftest *t)
{
	for (unsigned i = 0; i < CYCLES / 10; i++) {
		u64 size = (i + 1) * (u64)PAGE_SIZE;
		char *a = vmalloc(size), *b = vmalloc(size);

		if (!EXPECT(t, a && b && a != b))
			break;
		a[size - 1] = 'a';
		b[size - 1] = 'b';
		EXPECT_EQ(t, a[size - 1], 'a');
		vfree(a);
		vfree(b);
	}
}

static void test_vmalloc(struct selftest *t)
{
	char *memory = vmalloc(VMALLOC_BYTES);
	u64 before;

	if (!EXPECT(t, memory))
		return;
	memset(memory, 0x55, VMALLOC_BYTES);
	EXPECT(t, !answers(memory - 1) && !answers(memory + 41 * PAGE_SIZE));
	vfree(memory);
	EXPECT(t, !answers(memory));
	/* Page tables stay: only the first time may take memory for them. */
	vmalloc_sizes(t);
	before = free_pages_now();
	vmalloc_sizes(t);
	EXPECT_EQ(t, free_pages_now(), before);
	EXPECT(t, !vmalloc(0));
	EXPECT(t, !vmalloc(UINT64_MAX));
	EXPECT(t, !vmalloc((page_free_count() + 1) * PAGE_SIZE));
}

/*
 * All that is left is not enough, unless page tables and the array, which need
 * some of it, were there already.
 */
static void test_exhaustion(struct selftest *t)
{
	u64 before = free_pages_now();
	phys_addr_t hoard = suite_hoard(6);
	void *all = vmalloc(page_free_count() * PAGE_SIZE);

	EXPECT(t, !all || !page_free_count());
	vfree(all);
	suite_give_back(hoard);
	EXPECT_EQ(t, free_pages_now(), before);
}

static void test_refused(struct selftest *t)
{
	phys_addr_t page = alloc_pages(0, 0);
	char *map = page ? memremap(page, 1, MEMORY_WB) : NULL;
	char *memory = vmalloc(2 * PAGE_SIZE);
	u64 areas = areas_now();

	if (!EXPECT(t, map && memory))
		return;
	selftest_note(t, "five wrong frees follow");
	memunmap(memory);
	vfree(map);
	vfree(memory + PAGE_SIZE);
	EXPECT_EQ(t, areas_now(), areas);
	EXPECT(t, answers(map) && answers(memory));
	memunmap(map);
	vfree(memory);
	EXPECT_EQ(t, areas_now(), areas - 2);
	memunmap(map);
	vfree(memory);
	EXPECT_EQ(t, areas_now(), areas - 2);
	free_pages(page, 0);
}

static void test_injected(struct selftest *t)
{
	void *memory = NULL;
	u64 before;
	u32 n;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION)) {
		selftest_skip(t, "built without FAULT_INJECTION");
		return;
	}
	vfree(vmalloc(4 * PAGE_SIZE));
	before = free_pages_now();
	for (n = 1; n < 100 && !memory; n++) {
		fault_inject_set(n);
		memory = vmalloc(4 * PAGE_SIZE);
	}
	fault_inject_set(0);
	EXPECT(t, memory && n > 6);
	vfree(memory);
	EXPECT_EQ(t, free_pages_now(), before);
}

static const struct selftest_case vm_cases[] = {
	{ .name = "guard-pages", .run = test_guards },
	{ .name = "map-and-unmap", .run = test_remap_cycles },
	{ .name = "large-page-after-small", .run = test_large_after_small },
	{ .name = "vmalloc", .run = test_vmalloc },
	{ .name = "out-of-memory", .run = test_exhaustion },
	{ .name = "wrong-frees-refused", .run = test_refused },
	{ .name = "injected-failures", .run = test_injected },
	{},
};
SELFTEST_SUITE(vm, "vm", vm_cases, 0);
