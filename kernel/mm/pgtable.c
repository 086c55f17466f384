/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing page tables: see <kernel/mm/pgtable.h> for who may do so. */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/pgtable.h>
#include <kernel/panic.h>

#define LEVEL_BITS 9
#define TOP_SHIFT  39 /* address bits below the reach of the top's entries */
#define SHIFT_2M   21
#define SHIFT_1G   30

static u64 *slot_for(u64 *table, uintptr_t va, unsigned shift)
{
	return &table[va >> shift & (PTES_PER_TABLE - 1)];
}

/* The table below @table on the way to @va, made if need be, or NULL. */
static u64 *next_table(u64 *table, uintptr_t va, unsigned shift)
{
	u64 *entry = slot_for(table, va, shift);
	u64 old = atomic_load_acquire(entry);

	if (pte_present(old)) {
		BUG_ON(!pte_is_table(old, shift));
		return pte_table_at(old & PTE_ADDR_MASK);
	}
	table = pgtable_new();
	if (!table)
		return NULL;
	/* Whoever finds the entry finds the table cleared. */
	if (atomic_cmpxchg(entry, &old, pte_make_table(virt_to_phys(table))))
		return table;
	/* Another CPU was first. */
	free_pages(virt_to_phys(table), 0);
	return pte_table_at(old & PTE_ADDR_MASK);
}

/* Of the largest page that can begin the range. */
static unsigned shift_for(uintptr_t va, phys_addr_t pa, u64 size, u64 largest)
{
	u64 misalignment = va | pa;

	size = MIN(size, largest);
	if (size >= BIT64(SHIFT_1G) &&
	    IS_ALIGNED(misalignment, BIT64(SHIFT_1G)))
		return SHIFT_1G;
	if (size >= BIT64(SHIFT_2M) &&
	    IS_ALIGNED(misalignment, BIT64(SHIFT_2M)))
		return SHIFT_2M;
	return PAGE_SHIFT;
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
 * CPU may know of the table any more (Arm ARM, "break-before-make"; x86 would
 * bear the other order), and only then may it be anything else.
 */
static void replace_table(u64 *directory, uintptr_t va, u64 entry)
{
	u64 *slot = slot_for(directory, va, SHIFT_2M);
	u64 *table = pte_table_at(*slot & PTE_ADDR_MASK);

	BUG_ON(!table_is_empty(table));
	atomic_write(slot, 0ULL);
	tlb_flush_kernel_range(va, va + BIT64(SHIFT_2M));
	atomic_write(slot, entry);
	free_pages(virt_to_phys(table), 0);
}

static int map_page(u64 *table, uintptr_t va, u64 entry, unsigned shift)
{
	u64 *slot, old;

	for (unsigned at = TOP_SHIFT; at != shift; at -= LEVEL_BITS) {
		table = next_table(table, va, at);
		if (!table)
			return -ENOMEM;
	}
	slot = slot_for(table, va, shift);
	old = atomic_read(slot);
	if (shift == SHIFT_2M && pte_present(old) && pte_is_table(old, shift)) {
		replace_table(table, va, entry);
		return 0;
	}
	/* It is the caller's, who has nothing else there. */
	BUG_ON(pte_present(old) && old != entry);
	atomic_write(slot, entry);
	return 0;
}

int pgtable_map(u64 *table, uintptr_t va, phys_addr_t pa, u64 size, u64 flags,
		u64 largest)
{
	int ret = 0;

	while (size && !ret) {
		unsigned shift = shift_for(va, pa, size, largest);
		u64 entry = pte_make_leaf(pa, flags, shift);

		ret = map_page(table, va, entry, shift);
		va += BIT64(shift);
		pa += BIT64(shift);
		size -= BIT64(shift);
	}
	pgtable_mapped();
	return ret;
}

/* Clear the leaf that maps @va, if any. How far it, or the hole, reaches. */
static u64 clear_leaf(u64 *table, uintptr_t va)
{
	for (unsigned shift = TOP_SHIFT;; shift -= LEVEL_BITS) {
		u64 *slot = slot_for(table, va, shift);
		u64 entry = atomic_read(slot);
		u64 reach = BIT64(shift) - va % BIT64(shift);

		if (!pte_present(entry))
			return reach;
		if (!pte_is_table(entry, shift)) {
			atomic_write(slot, 0ULL);
			return reach;
		}
		table = pte_table_at(entry & PTE_ADDR_MASK);
	}
}

void pgtable_unmap(u64 *table, uintptr_t va, u64 size)
{
	u64 reach;

	for (u64 at = 0; at < size; at += reach)
		reach = clear_leaf(table, va + at);
}

/* The entry of the 4 KiB page at @va, or NULL. */
static u64 *small_leaf(u64 *table, uintptr_t va)
{
	for (unsigned shift = TOP_SHIFT; shift > PAGE_SHIFT;
	     shift -= LEVEL_BITS) {
		u64 entry = atomic_read(slot_for(table, va, shift));

		if (!pte_present(entry) || !pte_is_table(entry, shift))
			return NULL;
		table = pte_table_at(entry & PTE_ADDR_MASK);
	}
	table = slot_for(table, va, PAGE_SHIFT);
	return pte_present(atomic_read(table)) ? table : NULL;
}

int pgtable_protect(u64 *table, uintptr_t va, u64 size, u64 flags)
{
	for (u64 at = 0; at < size; at += PAGE_SIZE) {
		u64 *slot = small_leaf(table, va + at);

		if (!slot)
			return -EINVAL;
		atomic_write(slot, (atomic_read(slot) & ~PTE_RIGHTS) | flags);
	}
	return 0;
}
