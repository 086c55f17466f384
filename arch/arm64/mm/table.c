/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing page tables. A range of addresses has one owner, who alone writes
 * its leaves; tables above them are shared, and are only ever added, so that
 * no lock is needed. The one exception is a table that maps nothing but its
 * 2 MiB: it goes when their owner maps a large page there.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/panic.h>
#include "mapping.h"

#define TOP_SHIFT 39 /* address bits below a level 0 entry's reach */

static u64 *slot_for(u64 *table, uintptr_t va, unsigned shift)
{
	return &table[va >> shift & (PTES_PER_TABLE - 1)];
}

static bool is_table(u64 entry, unsigned shift)
{
	return shift > PAGE_SHIFT && entry & PTE_TABLE;
}

/* The table below @table on the way to @va, made if need be, or NULL. */
static u64 *next_table(u64 *table, uintptr_t va, unsigned shift)
{
	u64 *entry = slot_for(table, va, shift);
	u64 old = atomic_load_acquire(entry);

	if (old & PTE_VALID) {
		BUG_ON(!is_table(old, shift));
		return table_at(old & PTE_ADDR_MASK);
	}
	table = new_table();
	if (!table)
		return NULL;
	/* Whoever finds the entry finds the table cleared. */
	if (atomic_cmpxchg(entry, &old,
			   virt_to_phys(table) | PTE_VALID | PTE_TABLE))
		return table;
	/* Another CPU was first. */
	free_pages(virt_to_phys(table), 0);
	return table_at(old & PTE_ADDR_MASK);
}

static u64 page_size_for(uintptr_t va, phys_addr_t pa, u64 size, u64 largest)
{
	u64 misalignment = va | pa;

	if (largest >= SIZE_1G && size >= SIZE_1G &&
	    IS_ALIGNED(misalignment, SIZE_1G))
		return SIZE_1G;
	if (largest >= SIZE_2M && size >= SIZE_2M &&
	    IS_ALIGNED(misalignment, SIZE_2M))
		return SIZE_2M;
	return SIZE_4K;
}

static bool table_is_empty(const u64 *table)
{
	for (unsigned i = 0; i < PTES_PER_TABLE; i++)
		if (table[i])
			return false;
	return true;
}

/*
 * Put a large page where earlier mappings have left an empty table. First no
 * CPU may know of the table any more (Arm ARM, "break-before-make").
 */
static void replace_table(u64 *directory, uintptr_t va, u64 entry)
{
	u64 *slot = slot_for(directory, va, PAGE_SHIFT + PAGE_ORDER_2M);
	u64 *table = table_at(*slot & PTE_ADDR_MASK);

	BUG_ON(!table_is_empty(table));
	atomic_write(slot, 0ULL);
	tlb_flush_kernel_range(va, va + SIZE_2M);
	atomic_write(slot, entry);
	free_pages(virt_to_phys(table), 0);
}

static int map_page(u64 *table, uintptr_t va, u64 entry, u64 page)
{
	unsigned shift = TOP_SHIFT;
	u64 *slot;

	while (BIT64(shift) != page) {
		table = next_table(table, va, shift);
		if (!table)
			return -ENOMEM;
		shift -= 9;
	}
	slot = slot_for(table, va, shift);
	if (page == SIZE_2M && *slot & PTE_VALID && is_table(*slot, shift))
		replace_table(table, va, entry);
	else
		atomic_write(slot, entry);
	return 0;
}

int map_range(u64 *table, uintptr_t va, phys_addr_t pa, u64 size, u64 flags,
	      u64 largest)
{
	int ret = 0;

	while (size && !ret) {
		u64 page = page_size_for(va, pa, size, largest);
		u64 entry = pa | flags | PTE_VALID | PTE_AF;

		if (page == SIZE_4K)
			entry |= PTE_TABLE;
		ret = map_page(table, va, entry, page);
		va += page;
		pa += page;
		size -= page;
	}
	/* The walks of this CPU see the entries before anything uses them. */
	__asm__ __volatile__("dsb ishst; isb" ::: "memory");
	return ret;
}

/* Clear the leaf that maps @va, if any. How far it, or the hole, reaches. */
static u64 clear_leaf(u64 *table, uintptr_t va)
{
	for (unsigned shift = TOP_SHIFT;; shift -= 9) {
		u64 *slot = slot_for(table, va, shift);
		u64 entry = atomic_read(slot);
		u64 reach = BIT64(shift) - va % BIT64(shift);

		if (!(entry & PTE_VALID))
			return reach;
		if (!is_table(entry, shift)) {
			atomic_write(slot, 0ULL);
			return reach;
		}
		table = table_at(entry & PTE_ADDR_MASK);
	}
}

void unmap_range(u64 *table, uintptr_t va, u64 size)
{
	u64 reach;

	for (u64 at = 0; at < size; at += reach)
		reach = clear_leaf(table, va + at);
}

/* The entry of the 4 KiB page at @va, or NULL. */
static u64 *small_leaf(u64 *table, uintptr_t va)
{
	for (unsigned shift = TOP_SHIFT; shift > PAGE_SHIFT; shift -= 9) {
		u64 entry = atomic_read(slot_for(table, va, shift));

		if (!(entry & PTE_VALID) || !is_table(entry, shift))
			return NULL;
		table = table_at(entry & PTE_ADDR_MASK);
	}
	table = slot_for(table, va, PAGE_SHIFT);
	return atomic_read(table) & PTE_VALID ? table : NULL;
}

int protect_range(u64 *table, uintptr_t va, u64 size, u64 flags)
{
	const u64 rights = PTE_RDONLY | PTE_NX;

	for (u64 at = 0; at < size; at += PAGE_SIZE) {
		u64 *slot = small_leaf(table, va + at);

		if (!slot)
			return -EINVAL;
		atomic_write(slot, (atomic_read(slot) & ~rights) | flags);
	}
	return 0;
}
