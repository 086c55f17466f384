/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of the memory map and the boot allocator, on the real map. */
#include <kernel/mm/bootmem.h>
#include <kernel/selftest.h>

static void test_map(struct selftest *t)
{
	const struct memmap *map = bootmem_map();

	EXPECT_EQ(t, map->dropped, 0);
	EXPECT(t, memmap_total(map, MEMMAP_RAM) > 0);
	for (unsigned i = 0; i < map->count; i++) {
		EXPECT(t, map->entries[i].start < map->entries[i].end);
		if (i)
			EXPECT(t, map->entries[i - 1].end <=
					  map->entries[i].start);
	}
}

static void test_alloc(struct selftest *t)
{
	static bool tested;
	u64 before = bootmem_free_bytes();
	phys_addr_t a, b;

	if (tested) {
		selftest_skip(t, "it would take more memory for good");
		return;
	}
	tested = true;
	a = bootmem_alloc(1, 0x10000, 0x100000000);
	b = bootmem_alloc(4097, 1, 0);
	EXPECT(t, a && a % 0x10000 == 0);
	EXPECT(t, b && b % 4096 == 0 && b != a);
	EXPECT_EQ(t, bootmem_free_bytes(), before - 3 * 4096);
	EXPECT_EQ(t, bootmem_alloc(before + 1, 1, 0), 0);
}

static const struct selftest_case memory_cases[] = {
	{ .name = "map-sorted-without-overlap", .run = test_map },
	{ .name = "boot-allocator", .run = test_alloc },
	{},
};
SELFTEST_SUITE(memory, "memory", memory_cases, 0);
