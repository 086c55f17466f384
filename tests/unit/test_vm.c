/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings, on page tables that are an array of what is mapped where. */
#include <stdlib.h>
#include "fake_ram.h"
#include <kernel/mm/fault.h>
#include <kernel/mm/slab.h>
#include "unit.h"

/* The address space that the tests look at, in pages from REMAP_BASE. */
#define TABLE_PAGES 4096

static struct {
	phys_addr_t phys; /* plus 1; 0: not mapped */
	bool stale;	  /* unmapped, and not flushed */
} table[TABLE_PAGES];

static unsigned maps_to_fail; /* the n-th arch_map() from now on; 0: none */
static u64 free_at_begin;

static size_t index_of(uintptr_t va)
{
	size_t at = (va - REMAP_BASE) / PAGE;

	if (va < REMAP_BASE || at >= TABLE_PAGES)
		abort();
	return at;
}

int arch_map(uintptr_t va, phys_addr_t phys, u64 size, enum memory_type type)
{
	if (maps_to_fail && --maps_to_fail == 0)
		return -1;
	for (u64 at = 0; at < size; at += PAGE) {
		size_t i = index_of(va + at);

		CHECK(!table[i].phys && !table[i].stale);
		table[i].phys = phys + at + 1;
	}
	return 0;
}

void arch_unmap(uintptr_t va, u64 size)
{
	for (u64 at = 0; at < size; at += PAGE) {
		size_t i = index_of(va + at);

		table[i].stale = table[i].phys != 0;
		table[i].phys = 0;
	}
}

void tlb_flush_kernel_range(uintptr_t start, uintptr_t end)
{
	for (uintptr_t va = start; va < end; va += PAGE)
		table[index_of(va)].stale = false;
}

void *arch_early_memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	return NULL;
}

bool arch_paging_ready(void)
{
	return true;
}

phys_addr_t arch_phys_limit(void)
{
	return 1ULL << 40;
}

static u64 mapped(void)
{
	u64 pages = 0;

	for (size_t i = 0; i < TABLE_PAGES; i++) {
		CHECK(!table[i].stale);
		pages += table[i].phys != 0;
	}
	return pages;
}

static struct vm_stats stats_now(void)
{
	struct vm_stats stats;

	vm_get_stats(&stats);
	return stats;
}

static void begin(void)
{
	fake_ram_begin();
	fake_ram(MIB, 63 * MIB, 2 * MIB);
	fake_ram_ready();
	kmem_init();
	free_at_begin = page_free_count();
}

static void check_all_is_back(void)
{
	kmem_trim();
	CHECK_EQ(page_free_count(), free_at_begin);
	CHECK_EQ(mapped(), 0);
	CHECK_EQ(stats_now().areas, 0);
	CHECK_EQ(stats_now().bytes, 0);
}

static phys_addr_t phys_at(const void *va)
{
	return table[index_of((uintptr_t)va)].phys - 1;
}

TEST(a_mapping_covers_its_bytes_and_not_its_neighbours)
{
	char *map;

	begin();
	map = memremap(5 * GIB + 100, PAGE, MEMORY_UC);
	CHECK(map && (uintptr_t)map % PAGE == 100);
	CHECK_EQ(phys_at(map), 5 * GIB);
	CHECK_EQ(phys_at(map + PAGE), 5 * GIB + PAGE);
	CHECK_EQ(mapped(), 2);
	CHECK_EQ(stats_now().bytes, 2 * PAGE);
	memunmap(map);
	check_all_is_back();
}

TEST(impossible_ranges_are_refused)
{
	begin();
	CHECK(!memremap(0, 0, MEMORY_WB));
	CHECK(!memremap(UINT64_MAX, 2, MEMORY_WB));
	CHECK(!memremap((1ULL << 40) - 1, 2, MEMORY_WB));
	CHECK(!vmalloc(0));
	CHECK(!vmalloc(UINT64_MAX));
	CHECK(!vmalloc(UINT64_MAX - PAGE));
	check_all_is_back();
}

TEST(large_mappings_are_aligned_like_their_memory)
{
	char *small, *large;

	begin();
	small = memremap(PAGE, 1, MEMORY_WB);
	large = memremap(3 * GIB + 3 * PAGE, 3 * MIB, MEMORY_WC);
	CHECK(large);
	CHECK_EQ((uintptr_t)large % (2 * MIB), 3 * PAGE);
	memunmap(large);
	memunmap(small);
	check_all_is_back();
}

TEST(neighbours_are_apart_and_holes_are_used_again)
{
	char *a, *b, *c, *again;

	begin();
	a = memremap(GIB, 3 * PAGE, MEMORY_WB);
	b = memremap(GIB, PAGE, MEMORY_WB);
	c = memremap(GIB, PAGE, MEMORY_WB);
	CHECK(a + 4 * PAGE == b && b + 2 * PAGE == c);
	memunmap(a);
	again = memremap(GIB, 4 * PAGE, MEMORY_WB);
	CHECK(again == c + 2 * PAGE);
	memunmap(again);
	again = memremap(GIB, 3 * PAGE, MEMORY_WB);
	CHECK(again == a);
	memunmap(again);
	memunmap(b);
	memunmap(c);
	check_all_is_back();
}

TEST(each_wrong_free_is_refused)
{
	char *map, *memory;

	begin();
	map = memremap(GIB, PAGE, MEMORY_WB);
	memory = vmalloc(2 * PAGE);
	memunmap(memory);
	vfree(map);
	vfree(memory + PAGE);
	memunmap(map + PAGE);
	vfree(&map);
	CHECK_EQ(times_said, 5);
	CHECK_EQ(mapped(), 3);
	memunmap(map);
	vfree(memory);
	CHECK_EQ(times_said, 5);
	memunmap(map);
	vfree(memory);
	CHECK_EQ(times_said, 7);
	memunmap(NULL);
	iounmap(NULL);
	vfree(NULL);
	/* What was mapped early stays. */
	memunmap((void *)(DIRECT_MAP_BASE + PAGE));
	CHECK_EQ(times_said, 7);
	check_all_is_back();
}

TEST(vmalloc_maps_pages_of_its_own)
{
	char *memory;

	begin();
	memory = vmalloc(100 * PAGE + 1);
	CHECK_EQ(mapped(), 101);
	for (unsigned i = 0; i < 101; i++)
		for (unsigned j = 0; j < i; j++)
			CHECK(phys_at(memory + i * PAGE) !=
			      phys_at(memory + j * PAGE));
	vfree(memory);
	check_all_is_back();
}

TEST(a_mapping_that_fails_halfway_leaves_nothing)
{
	begin();
	for (unsigned n = 1; n <= 5; n++) {
		maps_to_fail = n;
		CHECK(!vmalloc(5 * PAGE));
		check_all_is_back();
	}
	maps_to_fail = 1;
	CHECK(!memremap(GIB, PAGE, MEMORY_WB));
	check_all_is_back();
}

TEST(each_allocation_may_fail)
{
	void *memory = NULL;
	unsigned n;

	begin();
	for (n = 1; !memory && n < 100; n++) {
		fault_inject_set(n);
		memory = vmalloc(5 * PAGE);
		fault_inject_set(0);
		if (!memory)
			check_all_is_back();
	}
	CHECK(memory && n > 7);
	vfree(memory);
	check_all_is_back();
}

#define MODEL_AREAS 40

TEST(random_mappings_never_overlap)
{
	static struct {
		void *at;
		bool is_memory;
	} areas[MODEL_AREAS];

	srand(3);
	begin();
	for (unsigned i = 0; i < 20000; i++) {
		unsigned n = (unsigned)rand() % MODEL_AREAS;
		u64 size = 1 + (u64)rand() % (20 * PAGE);

		/* The fake arch_map() checks that nothing is there. */
		if (areas[n].at && areas[n].is_memory) {
			vfree(areas[n].at);
			areas[n].at = NULL;
		} else if (areas[n].at) {
			memunmap(areas[n].at);
			areas[n].at = NULL;
		} else {
			areas[n].is_memory = rand() & 1;
			areas[n].at = areas[n].is_memory
					      ? vmalloc(size)
					      : memremap((u64)rand(), size,
							 MEMORY_WB);
			CHECK(areas[n].at);
		}
	}
	for (unsigned n = 0; n < MODEL_AREAS; n++) {
		if (areas[n].is_memory)
			vfree(areas[n].at);
		else
			memunmap(areas[n].at);
	}
	CHECK_EQ(times_said, 0);
	check_all_is_back();
}
