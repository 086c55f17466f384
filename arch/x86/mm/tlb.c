/* SPDX-License-Identifier: BSD-2-Clause */
/* Forgetting translations: Intel SDM volume 3A, 4.10.4. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <kernel/mm/map.h>

/* Policy: about where single invalidations cost more than refilling a TLB. */
#define INVLPG_PAGES_MAX 64

/* All translations, global ones too: a change of CR4.PGE drops them. */
static void flush_all(void)
{
	unsigned long irq = local_irq_save();
	u64 cr4 = read_cr4();

	if (cr4 & X86_CR4_PGE) {
		write_cr4(cr4 & ~(u64)X86_CR4_PGE);
		write_cr4(cr4);
	} else {
		write_cr3(read_cr3());
	}
	local_irq_restore(irq);
}

void tlb_flush_kernel_range(uintptr_t start, uintptr_t end)
{
	if (end - start > INVLPG_PAGES_MAX * SIZE_4K) {
		flush_all();
		return;
	}
	/*
	 * One invalidation drops a page of any size, and what the CPU keeps of
	 * the tables above it.
	 */
	for (uintptr_t va = start; va < end; va += SIZE_4K)
		invlpg(va);
}
