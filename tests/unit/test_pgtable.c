/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables: what is mapped, by which pages, and in which order. */
#include <stdlib.h>
#include "fake_ram.h"
#include <kernel/errno.h>
#include <kernel/mm/pgtable.h>
#include <kernel/panic.h>
#include "unit.h"

#define TOP_SHIFT 39
#define VA	  0xffffc00000000000ULL
#define SIZE_2M	  (2 * MIB)

static u64 *root;
static unsigned flushes, mapped, tables_left, tables;
static const u64 *watched; /* what an entry is when others are flushed */
static u64 watched_value;

u64 *pgtable_new(void)
{
	phys_addr_t page = tables_left ? alloc_pages(0, ALLOC_ZERO) : 0;

	if (!page)
		return NULL;
	tables_left--;
	tables++;
	return phys_to_virt(page);
}

void pgtable_mapped(void)
{
	mapped++;
}

void tlb_flush_kernel_range(uintptr_t start, uintptr_t end)
{
	flushes++;
	CHECK_EQ(end - start, SIZE_2M);
	watched_value = watched ? *watched : ~0ULL;
}

void panic(const char *fmt, ...)
{
	abort();
}

static void begin(void)
{
	fake_ram_begin();
	fake_ram(MIB, 255 * MIB, 2 * MIB);
	fake_ram_ready();
	tables_left = 1000;
	root = pgtable_new();
	flushes = 0;
	mapped = 0;
	tables = 0;
	watched = NULL;
}

/* The leaf that maps @va, and its reach; NULL: nothing does. */
static u64 *leaf(uintptr_t va, unsigned *shift)
{
	u64 *table = root;

	for (*shift = TOP_SHIFT;; *shift -= 9) {
		u64 *entry = &table[va >> *shift & 511];

		if (!pte_present(*entry))
			return NULL;
		if (!pte_is_table(*entry, *shift))
			return entry;
		table = pte_table_at(*entry & PTE_ADDR_MASK);
	}
}

/* Where @va leads to, or 0. */
static phys_addr_t reach(uintptr_t va)
{
	unsigned shift;
	const u64 *entry = leaf(va, &shift);

	return entry ? (*entry & PTE_ADDR_MASK) + va % BIT64(shift) : 0;
}

static unsigned shift_at(uintptr_t va)
{
	unsigned shift;

	return leaf(va, &shift) ? shift : 0;
}

TEST(pages_are_as_large_as_they_can_be)
{
	phys_addr_t pa = 5 * GIB - SIZE_2M - PAGE;
	uintptr_t va = VA + GIB - SIZE_2M - PAGE;

	begin();
	CHECK_EQ(pgtable_map(root, va, pa, GIB + 2 * SIZE_2M + 2 * PAGE,
			     PTE_WRITE, GIB),
		 0);
	CHECK_EQ(mapped, 1);
	CHECK_EQ(shift_at(va), 12);
	CHECK_EQ(shift_at(va + PAGE), 21);
	CHECK_EQ(shift_at(VA + GIB), 30);
	CHECK_EQ(shift_at(VA + 2 * GIB), 21);
	CHECK_EQ(shift_at(VA + 2 * GIB + SIZE_2M), 12);
	for (u64 at = 0; at < GIB + 2 * SIZE_2M + 2 * PAGE; at += PAGE)
		if (!CHECK_EQ(reach(va + at), pa + at))
			return;
	CHECK_EQ(reach(va - 1), 0);
	CHECK_EQ(reach(VA + 2 * GIB + SIZE_2M + PAGE), 0);
	CHECK_EQ(flushes, 0);
}

TEST(no_page_is_larger_than_allowed)
{
	begin();
	CHECK_EQ(pgtable_map(root, VA, GIB, GIB, 0, SIZE_2M), 0);
	CHECK_EQ(shift_at(VA), 21);
	CHECK_EQ(pgtable_map(root, VA + GIB, GIB, SIZE_2M, 0, PAGE), 0);
	CHECK_EQ(shift_at(VA + GIB), 12);
	/* What is there already may be mapped again. */
	CHECK_EQ(pgtable_map(root, VA + GIB, GIB, SIZE_2M, 0, PAGE), 0);
	CHECK_EQ(tables, 1 + 1 + 1 + 1);
}

TEST(a_table_goes_before_a_large_page_comes)
{
	u64 before;

	begin();
	CHECK_EQ(pgtable_map(root, VA, GIB, SIZE_2M, 0, PAGE), 0);
	pgtable_unmap(root, VA, SIZE_2M);
	CHECK_EQ(reach(VA), 0);
	before = page_free_count();
	watched = pte_table_at(root[VA >> TOP_SHIFT & 511] & PTE_ADDR_MASK);
	watched = pte_table_at(*watched & PTE_ADDR_MASK);
	CHECK(pte_is_table(*watched, 21));
	CHECK_EQ(pgtable_map(root, VA, 2 * GIB, SIZE_2M, 0, GIB), 0);
	/* Nothing was there when CPUs had to forget the table. */
	CHECK_EQ(flushes, 1);
	CHECK_EQ(watched_value, 0);
	CHECK_EQ(shift_at(VA), 21);
	CHECK_EQ(reach(VA + 5), 2 * GIB + 5);
	CHECK_EQ(page_free_count(), before + 1);
}

TEST(what_is_unmapped_is_all_that_was_asked_for)
{
	begin();
	CHECK_EQ(pgtable_map(root, VA, GIB, 3 * SIZE_2M, 0, GIB), 0);
	CHECK_EQ(pgtable_map(root, VA + 3 * SIZE_2M, 3 * GIB, 3 * PAGE, 0, GIB),
		 0);
	pgtable_unmap(root, VA + SIZE_2M, SIZE_2M);
	pgtable_unmap(root, VA + 3 * SIZE_2M + PAGE, PAGE);
	CHECK_EQ(reach(VA + SIZE_2M - 1), GIB + SIZE_2M - 1);
	CHECK_EQ(reach(VA + SIZE_2M), 0);
	CHECK_EQ(reach(VA + 2 * SIZE_2M), GIB + 2 * SIZE_2M);
	CHECK_EQ(reach(VA + 3 * SIZE_2M + PAGE - 1), 3 * GIB + PAGE - 1);
	CHECK_EQ(reach(VA + 3 * SIZE_2M + PAGE), 0);
	CHECK_EQ(reach(VA + 3 * SIZE_2M + 2 * PAGE), 3 * GIB + 2 * PAGE);
	/* Holes of every size are passed over. */
	pgtable_unmap(root, VA - 4 * GIB, 2048 * GIB);
	CHECK_EQ(reach(VA), 0);
}

TEST(rights_change_of_small_pages_only)
{
	unsigned shift;

	begin();
	CHECK_EQ(pgtable_map(root, VA, GIB, 3 * PAGE, PTE_WRITE, GIB), 0);
	CHECK_EQ(pgtable_map(root, VA + SIZE_2M, GIB, SIZE_2M, 0, GIB), 0);
	CHECK_EQ(pgtable_protect(root, VA + PAGE, PAGE, 0), 0);
	CHECK(*leaf(VA, &shift) & PTE_WRITE);
	CHECK(!(*leaf(VA + PAGE, &shift) & PTE_WRITE));
	CHECK(*leaf(VA + 2 * PAGE, &shift) & PTE_WRITE);
	CHECK_EQ(reach(VA + PAGE), GIB + PAGE);
	CHECK_EQ(pgtable_protect(root, VA + PAGE, PAGE, PTE_WRITE), 0);
	CHECK(*leaf(VA + PAGE, &shift) & PTE_WRITE);
	CHECK_EQ(pgtable_protect(root, VA, 4 * PAGE, 0), -EINVAL);
	CHECK_EQ(pgtable_protect(root, VA + SIZE_2M, PAGE, 0), -EINVAL);
	CHECK_EQ(pgtable_protect(root, VA + GIB, PAGE, 0), -EINVAL);
}

TEST(no_memory_for_a_table_is_an_error)
{
	for (unsigned n = 0; n < 3; n++) {
		begin();
		tables_left = n;
		CHECK_EQ(pgtable_map(root, VA, GIB, PAGE, 0, GIB), -ENOMEM);
		CHECK_EQ(reach(VA), 0);
		CHECK_EQ(mapped, 1);
	}
}
