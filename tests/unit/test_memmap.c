/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory map and the boot allocator, against a byte-wise model. */
#include <stdlib.h>
#include <kernel/string.h>
#include <kernel/mm/bootmem.h>
#include "unit.h"

#define PAGE 4096ULL

static struct memmap map;

static void begin(void)
{
	memset(&map, 0, sizeof(map));
}

static void check_entry(unsigned i, u64 start, u64 end, enum memmap_type type)
{
	CHECK_EQ(map.entries[i].start, start);
	CHECK_EQ(map.entries[i].end, end);
	CHECK_EQ(map.entries[i].type, type);
}

TEST(unsorted_entries_are_sorted_and_neighbours_merged)
{
	begin();
	memmap_add(&map, 0x200000, 0x100000, MEMMAP_RAM);
	memmap_add(&map, 0x400000, 0x1000, MEMMAP_RAM);
	memmap_add(&map, 0x100000, 0x100000, MEMMAP_RAM);
	memmap_normalize(&map);
	CHECK_EQ(map.count, 2);
	check_entry(0, 0x100000, 0x300000, MEMMAP_RAM);
	check_entry(1, 0x400000, 0x401000, MEMMAP_RAM);
}

TEST(empty_entries_are_ignored)
{
	begin();
	memmap_add(&map, 0x1000, 0, MEMMAP_RAM);
	memmap_normalize(&map);
	CHECK_EQ(map.count, 0);
	CHECK_EQ(memmap_ram_end(&map), 0);
}

TEST(the_stronger_type_wins_an_overlap)
{
	begin();
	memmap_add(&map, 0, 0x100000, MEMMAP_RAM);
	memmap_add(&map, 0x8000, 0x2000, MEMMAP_RESERVED);
	memmap_add(&map, 0x9000, 0x4000, MEMMAP_KERNEL);
	memmap_normalize(&map);
	CHECK_EQ(map.count, 4);
	check_entry(0, 0, 0x8000, MEMMAP_RAM);
	check_entry(1, 0x8000, 0xa000, MEMMAP_RESERVED);
	check_entry(2, 0xa000, 0xd000, MEMMAP_KERNEL);
	check_entry(3, 0xd000, 0x100000, MEMMAP_RAM);
}

TEST(an_entry_that_wraps_ends_at_the_top)
{
	begin();
	memmap_add(&map, UINT64_MAX - 0xfff, 0x100000, MEMMAP_RESERVED);
	memmap_add(&map, 0x1000, UINT64_MAX, MEMMAP_RAM);
	memmap_normalize(&map);
	CHECK_EQ(map.count, 2);
	check_entry(0, 0x1000, UINT64_MAX - 0xfff, MEMMAP_RAM);
	check_entry(1, UINT64_MAX - 0xfff, UINT64_MAX, MEMMAP_RESERVED);
}

TEST(ram_is_cut_to_whole_pages)
{
	begin();
	memmap_add(&map, 0x0, 0x9fc00, MEMMAP_RAM);
	memmap_add(&map, 0x9fc00, 0x400, MEMMAP_RESERVED);
	memmap_add(&map, 0x200001, 0xffe, MEMMAP_RAM);
	memmap_normalize(&map);
	CHECK_EQ(map.count, 2);
	check_entry(0, 0, 0x9f000, MEMMAP_RAM);
	check_entry(1, 0x9fc00, 0xa0000, MEMMAP_RESERVED);
}

TEST(a_full_map_counts_what_it_drops)
{
	begin();
	for (unsigned i = 0; i < MEMMAP_MAX + 3; i++)
		memmap_add(&map, i * 2 * PAGE, PAGE, MEMMAP_RAM);
	CHECK_EQ(map.count, MEMMAP_MAX);
	CHECK_EQ(map.dropped, 3);
	memmap_normalize(&map);
	CHECK_EQ(map.count, MEMMAP_MAX);
	CHECK_EQ(map.dropped, 3);
}

TEST(a_full_map_gives_up_ram_for_what_is_reserved)
{
	begin();
	memmap_add(&map, 0x100000000, 8 * PAGE, MEMMAP_RAM);
	for (unsigned i = 1; i < MEMMAP_MAX; i++)
		memmap_add(&map, i * 2 * PAGE, PAGE, MEMMAP_RAM);
	memmap_add(&map, 0x100007000, PAGE, MEMMAP_RESERVED);
	memmap_add(&map, 0x200000000, PAGE, MEMMAP_RAM);
	CHECK_EQ(map.count, MEMMAP_MAX);
	CHECK_EQ(map.dropped, 2);
	memmap_normalize(&map);
	CHECK_EQ(memmap_total(&map, MEMMAP_RESERVED), PAGE);
	CHECK_EQ(memmap_total(&map, MEMMAP_RAM), (MEMMAP_MAX - 2 + 7) * PAGE);
}

TEST(a_limit_takes_ram_only)
{
	begin();
	memmap_add(&map, 0, 0x100000, MEMMAP_RAM);
	memmap_add(&map, 0x100000, 0x100000, MEMMAP_RESERVED);
	memmap_add(&map, 0x200000, 0x100000, MEMMAP_RAM);
	memmap_normalize(&map);
	memmap_limit(&map, 0x80fff);
	CHECK_EQ(map.count, 2);
	check_entry(0, 0, 0x80000, MEMMAP_RAM);
	CHECK_EQ(memmap_ram_end(&map), 0x80000);
	CHECK_EQ(memmap_total(&map, MEMMAP_RESERVED), 0x100000);
}

#define MODEL_BYTES 256

/* What every byte should be, by the rule and nothing else; -1: nothing. */
static void apply_to_model(int *model, u64 start, u64 size, int type)
{
	for (u64 i = start; i < start + size && i < MODEL_BYTES; i++)
		if (type > model[i])
			model[i] = type;
}

static int type_in_map(u64 at)
{
	for (unsigned i = 0; i < map.count; i++)
		if (at >= map.entries[i].start && at < map.entries[i].end)
			return (int)map.entries[i].type;
	return -1;
}

TEST(random_maps_agree_with_a_model)
{
	srand(1);
	for (unsigned round = 0; round < 2000; round++) {
		int model[MODEL_BYTES];

		begin();
		memset(model, -1, sizeof(model));
		for (int n = rand() % 20; n > 0; n--) {
			u64 start = (u64)rand() % MODEL_BYTES;
			u64 size = (u64)rand() % 40;
			/* No RAM: its pages would be cut. */
			int type = 1 + rand() % MEMMAP_UNUSABLE;

			size = MIN(size, MODEL_BYTES - start);
			memmap_add(&map, start, size, (enum memmap_type)type);
			apply_to_model(model, start, size, type);
		}
		memmap_normalize(&map);
		for (u64 at = 0; at < MODEL_BYTES; at++)
			if (!CHECK_EQ(type_in_map(at), model[at]))
				return;
	}
}

static void begin_bootmem(void)
{
	begin();
	memmap_add(&map, 0, 0xa0000, MEMMAP_RAM);
	memmap_add(&map, 0x100000, 0x100000, MEMMAP_RAM);
	memmap_normalize(&map);
	bootmem_init(&map);
}

TEST(allocation_comes_from_the_top_below_the_limit)
{
	begin_bootmem();
	CHECK_EQ(bootmem_alloc(1, 1, 0), 0x1ff000);
	CHECK_EQ(bootmem_alloc(PAGE + 1, PAGE, 0), 0x1fd000);
	CHECK_EQ(bootmem_alloc(PAGE, PAGE, 0x180800), 0x17f000);
	CHECK_EQ(bootmem_alloc(PAGE, PAGE, 0x100000), 0x9f000);
	CHECK_EQ(bootmem_alloc(PAGE, 0x40000, 0), 0x1c0000);
	CHECK_EQ(memmap_total(&map, MEMMAP_KERNEL), 6 * PAGE);
}

TEST(what_is_not_there_is_not_given_out)
{
	begin_bootmem();
	CHECK_EQ(bootmem_alloc(0x100001, 1, 0), 0);
	CHECK_EQ(bootmem_alloc(UINT64_MAX - PAGE, 1, 0), 0);
	CHECK_EQ(bootmem_alloc(PAGE, PAGE, PAGE), 0);
	CHECK_EQ(bootmem_free_bytes(), 0xa0000 + 0x100000);
}

TEST(all_memory_can_be_had_once)
{
	u64 pages = 0, sum = 0, page;

	begin_bootmem();
	while ((page = bootmem_alloc(PAGE, PAGE, 0)) != 0) {
		pages++;
		sum += page / PAGE;
	}
	/* Every page but page 0, each once. */
	CHECK_EQ(pages, 0x9f + 0x100);
	CHECK_EQ(sum, 0x9f * 0xa0 / 2 + 0x100 * (0x100 + 0x1ff) / 2);
}
