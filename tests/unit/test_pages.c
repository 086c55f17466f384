/* SPDX-License-Identifier: BSD-2-Clause */
/* The page allocator, against a model that knows each page's owner. */
#include <stdlib.h>
#include "fake_ram.h"
#include <kernel/mm/fault.h>
#include <kernel/smp.h>
#include "unit.h"
#include "../../kernel/mm/frames.h"

static u64 free_at_begin;

static void begin_with(phys_addr_t start, u64 size)
{
	fake_ram_begin();
	fake_ram(start, size, MIN(size, MIB));
	fake_ram_ready();
	free_at_begin = page_free_count();
}

/* A PC of 64 MiB. */
static void begin(void)
{
	fake_ram_begin();
	fake_ram(0, 0x9f000, 0);
	fake_ram(MIB, 63 * MIB, 2 * MIB);
	fake_ram_ready();
	free_at_begin = page_free_count();
}

static void check_all_is_back(void)
{
	CHECK_EQ(page_free_count(), free_at_begin);
}

TEST(all_ram_but_page_0_and_the_descriptors_is_free)
{
	u64 pages = 0x9f + 63 * MIB / PAGE;
	u64 descriptors =
		(64 * MIB / PAGE * sizeof(struct page) + PAGE - 1) / PAGE;

	begin();
	CHECK_EQ(free_at_begin, pages - 1 - descriptors);
	CHECK_EQ(times_said, 0);
	CHECK_EQ(bootmem_alloc(1, 1, 0), 0);
}

TEST(blocks_are_aligned_to_their_size)
{
	begin();
	for (unsigned order = 0; order <= 12; order++) {
		phys_addr_t block = alloc_pages(order, 0);

		CHECK(block && block % (PAGE << order) == 0);
		CHECK_EQ(page_free_count(), free_at_begin - (1U << order));
		CHECK_EQ(free_pages(block, order), 0);
	}
	CHECK_EQ(alloc_pages(14, 0), 0);
	CHECK_EQ(alloc_pages(PAGE_ORDER_MAX + 1, 0), 0);
	CHECK_EQ(alloc_pages(UINT32_MAX, 0), 0);
	check_all_is_back();
}

TEST(gigabyte_blocks_come_from_gigabytes)
{
	struct page_stats stats;
	phys_addr_t block[3];

	begin_with(GIB, 3 * GIB + 64 * MIB);
	page_get_stats(&stats);
	CHECK_EQ(stats.zone[ZONE_BELOW_4G].blocks[PAGE_ORDER_1G], 3);
	for (unsigned i = 0; i < 3; i++) {
		block[i] = alloc_pages(PAGE_ORDER_1G, 0);
		CHECK(block[i] && block[i] % GIB == 0);
	}
	CHECK_EQ(alloc_pages(PAGE_ORDER_1G, 0), 0);
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(free_pages(block[i], PAGE_ORDER_1G), 0);
	check_all_is_back();
}

TEST(limits_hold_and_low_memory_is_spared)
{
	phys_addr_t page;

	fake_ram_begin();
	fake_ram(PAGE, MIB - PAGE, 0);
	fake_ram(GIB, 16 * MIB, 0);
	fake_ram(8 * GIB, 16 * MIB, MIB);
	fake_ram_ready();
	CHECK(alloc_pages(0, 0) >= 8 * GIB);
	page = alloc_pages(3, ALLOC_BELOW_4G);
	CHECK(page >= GIB && page < 4 * GIB);
	page = alloc_pages(0, ALLOC_BELOW_1M);
	CHECK(page > 0 && page < MIB);
	CHECK_EQ(alloc_pages(8, ALLOC_BELOW_1M), 0);
	/* The last resort is low memory. */
	while ((page = alloc_pages(0, 0)) >= MIB)
		;
	CHECK(page != 0);
}

TEST(memory_is_cleared_on_request)
{
	phys_addr_t page;

	begin();
	page = alloc_pages(2, 0);
	memset(phys_to_virt(page), 0xee, 4 * PAGE);
	free_pages(page, 2);
	CHECK_EQ(alloc_pages(2, ALLOC_ZERO), page);
	for (u64 i = 0; i < 4 * PAGE; i++)
		if (!CHECK_EQ(ram[page + i], 0))
			break;
}

static void check_refused(phys_addr_t phys, unsigned order, const char *why)
{
	u64 before = page_free_count();
	unsigned already = times_said;

	CHECK(free_pages(phys, order) != 0);
	CHECK_EQ(times_said, already + 1);
	CHECK(strstr(said, why));
	CHECK_EQ(page_free_count(), before);
}

TEST(wrong_frees_are_refused_with_the_reason)
{
	phys_addr_t block;

	begin();
	block = alloc_pages(3, 0);
	check_refused(block, 2, "another order");
	check_refused(block, 4, "another order");
	check_refused(block + PAGE, 0, "inside a block");
	check_refused(block + 1, 3, "inside a block");
	check_refused(0, 0, "never given out");
	check_refused(0xa0000, 0, "never given out");
	check_refused(64 * MIB, 0, "never given out");
	check_refused(UINT64_MAX, 0, "never given out");
	check_refused(64 * MIB - PAGE, 0, "never given out");
	CHECK_EQ(free_pages(block, 3), 0);
	check_refused(block, 3, "free already");
	check_refused(block + PAGE, 0, "free already");
	check_all_is_back();
}

TEST(reserved_memory_can_be_released_once)
{
	fake_ram_begin();
	fake_ram(MIB, 63 * MIB, 0);
	memmap_add(&ram_map, 4 * MIB, MIB + 100, MEMMAP_KERNEL);
	fake_ram_ready();
	free_at_begin = page_free_count();
	page_release_reserved(4 * MIB + 1, 4 * MIB + 3 * PAGE + 1);
	CHECK_EQ(page_free_count(), free_at_begin + 2);
	CHECK_EQ(times_said, 0);
	page_release_reserved(4 * MIB, 5 * MIB);
	CHECK_EQ(page_free_count(), free_at_begin + 256);
	CHECK_EQ(times_said, 1);
	page_release_reserved(20 * GIB, 20 * GIB + PAGE);
	page_release_reserved(4 * MIB, 5 * MIB);
	CHECK_EQ(page_free_count(), free_at_begin + 256);
	CHECK_EQ(times_said, 3);
}

TEST(holes_small_and_large_are_never_given_out)
{
	phys_addr_t page;
	u64 sum = 0;

	fake_ram_begin();
	fake_ram(MIB, MIB, 0);
	fake_ram(2 * MIB + 64 * 1024, MIB, 0);	     /* in the span */
	fake_ram(4 * GIB + 3 * PAGE, MIB, 0);	     /* another node */
	fake_ram(60 * GIB - 5 * PAGE, 4 * MIB, MIB); /* and another */
	fake_ram_ready();
	free_at_begin = page_free_count();
	while ((page = alloc_pages(0, 0)) != 0) {
		bool inside = false;

		for (unsigned i = 0; i < ram_map.count; i++)
			inside |= ram_map.entries[i].type == MEMMAP_RAM &&
				  page >= ram_map.entries[i].start &&
				  page < ram_map.entries[i].end;
		if (!CHECK(inside))
			return;
		sum++;
	}
	CHECK_EQ(sum, free_at_begin);
}

TEST(memory_without_end_is_survived)
{
	fake_ram_begin();
	fake_ram(MIB, 64 * MIB, MIB);
	/* 16 TiB and more have no frame number. */
	memmap_add(&ram_map, 1ULL << 44, GIB, MEMMAP_RAM);
	memmap_add(&ram_map, UINT64_MAX - GIB, GIB, MEMMAP_RESERVED);
	memmap_normalize(&ram_map);
	/* Its descriptors must lie where the host has memory. */
	ram_map.entries[1].type = MEMMAP_KERNEL;
	bootmem_init(&ram_map);
	page_init();
	CHECK_EQ(times_said, 1);
	CHECK(strstr(said, "out of reach"));
	CHECK(page_free_count() > 60 * MIB / PAGE);
}

#define MODEL_BLOCKS 400

static struct {
	phys_addr_t at;
	unsigned order;
} blocks[MODEL_BLOCKS];
static u16 owner[64 * MIB / PAGE]; /* 0: free, or block number plus 1 */

static bool mark(unsigned n, u16 from, u16 to)
{
	u64 first = blocks[n].at / PAGE;

	for (u64 i = 0; i < 1ULL << blocks[n].order; i++) {
		if (!CHECK_EQ(owner[first + i], from))
			return false;
		owner[first + i] = to;
	}
	return true;
}

static bool step(unsigned n)
{
	u16 name = (u16)(n + 1);

	if (blocks[n].at) {
		if (!mark(n, name, 0) ||
		    !CHECK_EQ(free_pages(blocks[n].at, blocks[n].order), 0))
			return false;
		blocks[n].at = 0;
		return true;
	}
	blocks[n].order = (unsigned)rand() % 10;
	blocks[n].at = alloc_pages(blocks[n].order, 0);
	return !blocks[n].at || mark(n, 0, name);
}

/* Any page may be tried: what is not the start of a block is refused. */
static bool try_wrong_free(void)
{
	phys_addr_t at = (phys_addr_t)rand() % (70 * MIB / PAGE) * PAGE;
	unsigned order = (unsigned)rand() % (PAGE_ORDERS + 1);

	for (unsigned i = 0; i < MODEL_BLOCKS; i++)
		if (blocks[i].at && blocks[i].at == at &&
		    blocks[i].order == order)
			return true;
	return CHECK(free_pages(at, order) != 0);
}

TEST(random_load_agrees_with_a_model)
{
	struct page_stats before, after;

	srand(1);
	begin();
	page_get_stats(&before);
	for (unsigned i = 0; i < 60000; i++)
		if (!step((unsigned)rand() % MODEL_BLOCKS) || !try_wrong_free())
			return;
	for (unsigned n = 0; n < MODEL_BLOCKS; n++)
		if (blocks[n].at)
			step(n);
	page_get_stats(&after);
	CHECK_MEM(after.zone, before.zone, sizeof(before.zone));
}

TEST(all_memory_can_be_had_once_and_is_joined_again)
{
	struct page_stats before, after;
	phys_addr_t page, chain = 0;
	u64 pages = 0;

	begin();
	page_get_stats(&before);
	while ((page = alloc_pages(0, 0)) != 0) {
		u64 *next = phys_to_virt(page);

		*next = chain;
		chain = page;
		pages++;
	}
	CHECK_EQ(pages, free_at_begin);
	while (chain) {
		page = chain;
		chain = *(u64 *)phys_to_virt(page);
		CHECK_EQ(free_pages(page, 0), 0);
	}
	page_get_stats(&after);
	CHECK_MEM(after.zone, before.zone, sizeof(before.zone));
}

TEST(the_asked_for_allocation_fails_once)
{
	phys_addr_t page;

	begin();
	fault_inject_set(2);
	page = alloc_pages(0, 0);
	CHECK(page);
	CHECK_EQ(fault_inject_set(1), 1);
	CHECK_EQ(alloc_pages(0, 0), 0);
	CHECK_EQ(free_pages(page, 0), 0);
	CHECK(alloc_pages(0, 0));
}

TEST(orders_for_sizes)
{
	CHECK_EQ(page_order_for(0), 0);
	CHECK_EQ(page_order_for(PAGE), 0);
	CHECK_EQ(page_order_for(PAGE + 1), 1);
	CHECK_EQ(page_order_for(GIB), PAGE_ORDER_1G);
	CHECK(page_order_for(GIB + 1) > PAGE_ORDER_MAX);
	CHECK(page_order_for(UINT64_MAX) > PAGE_ORDER_MAX);
}

/* Several CPUs, one after the other. */
#define FAKE_CPUS 3

static unsigned fake_cpu_count = 1;
static char *fake_percpu;
extern char __bss_start[], _end[];

unsigned percpu__cpu_number;
struct cpumask cpu_online_mask = { { 1 } };

unsigned cpu_count(void)
{
	return fake_cpu_count;
}

static void be_cpu(unsigned cpu)
{
	unit_percpu_offset = percpu_offsets[cpu];
}

static void begin_cpus(void)
{
	size_t size = (size_t)(_end - __bss_start);

	begin();
	fake_percpu = calloc(FAKE_CPUS, size);
	for (unsigned i = 1; i < FAKE_CPUS; i++)
		percpu_offsets[i] = (uintptr_t)fake_percpu + i * size -
				    (uintptr_t)__bss_start;
	fake_cpu_count = FAKE_CPUS;
}

static void end_cpus(void)
{
	be_cpu(0);
	fake_cpu_count = 1;
	free(fake_percpu);
}

TEST(pages_freed_on_another_cpu_are_all_counted)
{
	phys_addr_t pages[200];

	begin_cpus();
	for (unsigned i = 0; i < 200; i++) {
		be_cpu(i % FAKE_CPUS);
		pages[i] = alloc_pages(0, 0);
		CHECK_EQ(page_free_count(), free_at_begin - i - 1);
	}
	for (unsigned i = 0; i < 200; i++) {
		be_cpu((i + 1) % FAKE_CPUS);
		CHECK_EQ(free_pages(pages[i], 0), 0);
		CHECK_EQ(page_free_count(), free_at_begin - 199 + i);
	}
	end_cpus();
}

TEST(statistics_leave_nothing_with_the_cpus)
{
	struct page_stats before, after;
	phys_addr_t page;

	begin_cpus();
	page_get_stats(&before);
	be_cpu(1);
	page = alloc_pages(0, 0);
	be_cpu(2);
	free_pages(page, 0);
	page_get_stats(&after);
	CHECK_MEM(after.zone, before.zone, sizeof(before.zone));
	CHECK_EQ(after.allocated, before.allocated + 1);
	CHECK_EQ(after.freed, before.freed + 1);
	end_cpus();
}

TEST(what_other_cpus_keep_is_had_when_there_is_no_more)
{
	phys_addr_t page, chain = 0;
	u64 pages = 0;

	begin_cpus();
	be_cpu(1);
	free_pages(alloc_pages(0, 0), 0);
	be_cpu(2);
	free_pages(alloc_pages(0, 0), 0);
	be_cpu(0);
	while ((page = alloc_pages(0, 0)) != 0) {
		*(u64 *)phys_to_virt(page) = chain;
		chain = page;
		pages++;
	}
	CHECK_EQ(pages, free_at_begin);
	while (chain) {
		page = chain;
		chain = *(u64 *)phys_to_virt(page);
		free_pages(page, 0);
	}
	/* A large block needs pages that are kept here and there. */
	CHECK(alloc_pages(12, 0) && alloc_pages(12, 0));
	end_cpus();
}

TEST(a_page_that_a_cpu_keeps_is_not_freed_again)
{
	phys_addr_t page;

	begin_cpus();
	be_cpu(1);
	page = alloc_pages(0, 0);
	CHECK_EQ(free_pages(page, 0), 0);
	check_refused(page, 0, "free already");
	be_cpu(2);
	check_refused(page, 0, "free already");
	check_refused(page, 1, "free already");
	check_all_is_back();
	end_cpus();
}

/* Entries that mean nothing any more must not look like a page's. */
TEST(the_inside_of_a_block_of_former_pages_is_no_page)
{
	phys_addr_t pages[64], block;

	begin();
	for (unsigned i = 0; i < 64; i++)
		pages[i] = alloc_pages(0, 0);
	for (unsigned i = 0; i < 64; i++)
		free_pages(pages[i], 0);
	block = alloc_pages(12, 0);
	for (u64 at = PAGE; at < PAGE << 12; at += PAGE)
		if (!CHECK(free_pages(block + at, 0) != 0))
			return;
	CHECK_EQ(free_pages(block, 12), 0);
	check_all_is_back();
}

TEST(low_memory_does_not_go_into_the_caches)
{
	phys_addr_t low, page;

	begin_with(MIB / 2, 4 * MIB);
	low = alloc_pages(0, ALLOC_BELOW_1M);
	CHECK(low && low < MIB);
	CHECK_EQ(free_pages(low, 0), 0);
	page = alloc_pages(0, 0);
	CHECK(page >= MIB);
	free_pages(page, 0);
	check_all_is_back();
}
