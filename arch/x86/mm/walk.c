/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the page tables that are in force. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <asm/sections.h>
#include <kernel/cpu.h>
#include <kernel/mm/map.h>

#define TOP_SHIFT 39 /* address bits below a PML4 entry's reach */

static u64 *current_root(void)
{
	return phys_to_virt(read_cr3() & PTE_ADDR_MASK);
}

void paging_walk(uintptr_t va, struct page_walk *walk)
{
	const u64 *table = current_root();
	u8 byte;

	walk->levels = 0;
	for (unsigned shift = TOP_SHIFT; shift >= PAGE_SHIFT; shift -= 9) {
		const u64 *at = &table[va >> shift & (PTES_PER_TABLE - 1)];
		u64 entry;

		/* A damaged entry above it may point anywhere. */
		if (probe_read8(at, &byte))
			return;
		entry = *at;
		walk->entry[walk->levels++] = entry;
		if (!(entry & PTE_PRESENT) || shift == PAGE_SHIFT ||
		    (shift < TOP_SHIFT && entry & PTE_LARGE))
			return;
		table = phys_to_virt(entry & PTE_ADDR_MASK);
	}
}

/* A leaf is bad if it is writable and executable, or a way to change text. */
static bool leaf_is_bad(u64 entry, u64 size, bool write, bool exec)
{
	phys_addr_t start = entry & PTE_ADDR_MASK & ~(size - 1);
	bool text = start < virt_to_phys(_data) &&
		    start + size > virt_to_phys(_image);

	return write && (exec || text);
}

static unsigned count_bad(const u64 *table, unsigned shift, bool write,
			  bool exec)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < PTES_PER_TABLE; i++) {
		u64 e = table[i];
		bool w = write && e & PTE_WRITE, x = exec && !(e & PTE_NX);

		if (!(e & PTE_PRESENT))
			continue;
		if (shift == PAGE_SHIFT || (shift < TOP_SHIFT && e & PTE_LARGE))
			bad += leaf_is_bad(e, BIT64(shift), w, x);
		else
			bad += count_bad(phys_to_virt(e & PTE_ADDR_MASK),
					 shift - 9, w, x);
	}
	return bad;
}

unsigned paging_count_wx(void)
{
	return count_bad(current_root(), TOP_SHIFT, true, true);
}
