/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of the page allocator, on the machine's memory. */
#include <kernel/mm/bootmem.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include "suite.h"

#define LOAD_BLOCKS 256
#define LOAD_STEPS  4000

static bool in_ram(phys_addr_t start, u64 size)
{
	const struct memmap *map = bootmem_map();

	for (unsigned i = 0; i < map->count; i++)
		if (map->entries[i].type == MEMMAP_RAM &&
		    map->entries[i].start <= start &&
		    start + size <= map->entries[i].end)
			return true;
	/* Or what only the boot needed. */
	for (unsigned i = 0; i < map->count; i++)
		if (map->entries[i].type == MEMMAP_KERNEL &&
		    map->entries[i].start < start + size &&
		    start < map->entries[i].end)
			return true;
	return false;
}

static void test_orders(struct selftest *t)
{
	u64 before = page_free_count();
	unsigned order;

	for (order = 0; order <= PAGE_ORDER_MAX; order++) {
		phys_addr_t block = alloc_pages(order, 0);

		if (!block)
			break;
		EXPECT(t, IS_ALIGNED(block, (u64)PAGE_SIZE << order));
		EXPECT(t, in_ram(block, (u64)PAGE_SIZE << order));
		EXPECT_EQ(t, page_free_count(), before - BIT64(order));
		EXPECT_EQ(t, free_pages(block, order), 0);
	}
	if (order)
		selftest_note(t, "up to order %u", order - 1);
	EXPECT_EQ(t, alloc_pages(PAGE_ORDER_MAX + 1, 0), 0);
	EXPECT_EQ(t, page_free_count(), before);
}

static void test_limits(struct selftest *t)
{
	phys_addr_t low = alloc_pages(0, ALLOC_BELOW_1M);
	phys_addr_t dma = alloc_pages(3, ALLOC_BELOW_4G);

	if (low)
		EXPECT(t, low < 1ULL << 20);
	else
		selftest_note(t, "no memory below 1 MiB");
	EXPECT(t, dma && dma < 1ULL << 32);
	if (low)
		free_pages(low, 0);
	free_pages(dma, 3);
}

static void test_zero(struct selftest *t)
{
	phys_addr_t block = alloc_pages(1, 0);
	const u8 *bytes;

	if (!EXPECT(t, block))
		return;
	memset(phys_to_virt(block), 0xff, 2 * PAGE_SIZE);
	free_pages(block, 1);
	block = alloc_pages(1, ALLOC_ZERO);
	bytes = phys_to_virt(block);
	for (unsigned i = 0; i < 2 * PAGE_SIZE; i++)
		if (!EXPECT_EQ(t, bytes[i], 0))
			break;
	free_pages(block, 1);
}

static void test_refused(struct selftest *t)
{
	phys_addr_t block = alloc_pages(2, 0);
	u64 before = page_free_count();

	if (!EXPECT(t, block))
		return;
	selftest_note(t, "six wrong frees follow");
	EXPECT(t, free_pages(block, 1) != 0);
	EXPECT(t, free_pages(block + PAGE_SIZE, 0) != 0);
	EXPECT(t, free_pages(block + 1, 2) != 0);
	EXPECT(t, free_pages(0, 0) != 0);
	EXPECT(t, free_pages(1ULL << 60, 0) != 0);
	EXPECT_EQ(t, page_free_count(), before);
	EXPECT_EQ(t, free_pages(block, 2), 0);
	EXPECT(t, free_pages(block, 2) != 0);
	EXPECT_EQ(t, page_free_count(), before + 4);
}

struct load_block {
	phys_addr_t at;
	unsigned order;
};

static u64 *tag_of(const struct load_block *block)
{
	return phys_to_virt(block->at);
}

/* Each block carries its own address while it is ours. */
static bool swap_block(struct load_block *block)
{
	bool intact = true;

	if (block->at) {
		intact = *tag_of(block) == block->at;
		intact &= free_pages(block->at, block->order) == 0;
		block->at = 0;
		return intact;
	}
	block->order = suite_random() % 8;
	block->at = alloc_pages(block->order, 0);
	if (block->at)
		*tag_of(block) = block->at;
	return true;
}

static void test_load(struct selftest *t)
{
	static struct load_block blocks[LOAD_BLOCKS];
	struct page_stats before, after;

	page_get_stats(&before);
	for (unsigned i = 0; i < LOAD_STEPS; i++)
		if (!EXPECT(t,
			    swap_block(&blocks[suite_random() % LOAD_BLOCKS])))
			break;
	for (unsigned i = 0; i < LOAD_BLOCKS; i++)
		if (blocks[i].at)
			EXPECT(t, swap_block(&blocks[i]));
	page_get_stats(&after);
	/* No page is lost, and all blocks are joined as before. */
	for (unsigned i = 0; i < PAGE_ZONES; i++)
		EXPECT(t, !memcmp(&before.zone[i], &after.zone[i],
				  sizeof(before.zone[i])));
}

static void test_exhaustion(struct selftest *t)
{
	u64 before = page_free_count();
	phys_addr_t hoard = suite_hoard(0);

	EXPECT_EQ(t, page_free_count(), 0);
	EXPECT_EQ(t, alloc_pages(0, 0), 0);
	EXPECT_EQ(t, suite_give_back(hoard), before);
	EXPECT_EQ(t, page_free_count(), before);
}

static void test_injected(struct selftest *t)
{
	phys_addr_t block;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION)) {
		selftest_skip(t, "built without FAULT_INJECTION");
		return;
	}
	fault_inject_set(2);
	block = alloc_pages(0, 0);
	EXPECT(t, block);
	EXPECT_EQ(t, alloc_pages(0, 0), 0);
	EXPECT_EQ(t, free_pages(block, 0), 0);
	block = alloc_pages(0, 0);
	EXPECT(t, block);
	free_pages(block, 0);
}

static const struct selftest_case pages_cases[] = {
	{ .name = "orders", .run = test_orders },
	{ .name = "address-limits", .run = test_limits },
	{ .name = "cleared-on-request", .run = test_zero },
	{ .name = "wrong-frees-refused", .run = test_refused },
	{ .name = "random-load-without-leak", .run = test_load },
	{ .name = "all-memory-taken-and-returned", .run = test_exhaustion },
	{ .name = "injected-failure", .run = test_injected },
	{},
};
SELFTEST_SUITE(pages, "pages", pages_cases, 0);
