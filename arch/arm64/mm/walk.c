/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/page.h>
#include <asm/sections.h>
#include <asm/sysreg.h>
#include <kernel/cpu.h>
#include <kernel/mm/map.h>
#include <asm/pgtable.h>
#include "mapping.h"

#define TOP_SHIFT 39 /* address bits below a level 0 entry's reach */

static u64 *current_root(void)
{
	return pte_table_at(sysreg_read(ttbr1_el1) & PTE_ADDR_MASK);
}

void paging_walk(uintptr_t va, struct page_walk *walk)
{
	const u64 *table = current_root();
	u8 byte;

	walk->levels = 0;
	/* What is not in the upper half has no tables. */
	if (va >> 48 != UINT16_MAX)
		return;
	for (unsigned shift = TOP_SHIFT; shift >= PAGE_SHIFT; shift -= 9) {
		const u64 *at = &table[va >> shift & (PTES_PER_TABLE - 1)];
		u64 entry;

		/* A damaged entry above it may point anywhere. */
		if (probe_read8(at, &byte))
			return;
		entry = *at;
		walk->entry[walk->levels++] = entry;
		if (!(entry & PTE_VALID) || !(entry & PTE_TABLE))
			return;
		table = pte_table_at(entry & PTE_ADDR_MASK);
	}
}

/* A leaf is bad if it is writable and executable, or a way to change text. */
static bool leaf_is_bad(u64 entry, u64 size)
{
	phys_addr_t start = entry & PTE_ADDR_MASK & ~(size - 1);
	bool write = !(entry & PTE_RDONLY);
	bool exec = !(entry & PTE_PXN) || !(entry & PTE_UXN);
	bool text = start < virt_to_phys(_data) &&
		    start + size > virt_to_phys(_image);

	return write && (exec || text);
}

static unsigned count_bad(const u64 *table, unsigned shift)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < PTES_PER_TABLE; i++) {
		u64 e = table[i];

		if (!(e & PTE_VALID))
			continue;
		if (shift == PAGE_SHIFT || !(e & PTE_TABLE))
			bad += leaf_is_bad(e, BIT64(shift));
		else
			bad += count_bad(pte_table_at(e & PTE_ADDR_MASK),
					 shift - 9);
	}
	return bad;
}

unsigned paging_count_wx(void)
{
	return count_bad(current_root(), TOP_SHIFT);
}
