/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of the memory map, on the real one. */
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

static void test_closed(struct selftest *t)
{
	EXPECT_EQ(t, bootmem_alloc(1, 1, 0), 0);
}

static const struct selftest_case memory_cases[] = {
	{ .name = "map-sorted-without-overlap", .run = test_map },
	{ .name = "boot-allocator-closed", .run = test_closed },
	{},
};
SELFTEST_SUITE(memory, "memory", memory_cases, 0);
