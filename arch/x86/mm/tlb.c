/* SPDX-License-Identifier: BSD-2-Clause */
/* Forgetting translations: Intel SDM volume 3A, 4.10.4. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <kernel/arch_smp.h>
#include <kernel/mm/map.h>
#include <kernel/preempt.h>
#include <kernel/smp.h>
#include <kernel/virt/x86.h>

/* Policy: about where single invalidations cost more than refilling a TLB. */
#define INVLPG_PAGES_MAX 64

/* All translations, global ones too: a change of CR4.PGE drops them. */
void arch_tlb_flush_local(void)
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

static void flush_here(uintptr_t start, uintptr_t end)
{
	if (end - start > INVLPG_PAGES_MAX * SIZE_4K) {
		arch_tlb_flush_local();
		return;
	}
	/*
	 * One invalidation drops a page of any size, and what the CPU keeps of
	 * the tables above it.
	 */
	for (uintptr_t va = start; va < end; va += SIZE_4K)
		invlpg(va);
}

struct range {
	uintptr_t start, end;
};

static void flush_range(void *arg)
{
	const struct range *range = arg;

	flush_here(range->start, range->end);
}

void native_flush_tlb_mask(const struct cpumask *mask, uintptr_t start,
			   uintptr_t end)
{
	struct range range = { start, end };

	smp_call_mask(mask, flush_range, &range);
}

void native_flush_tlb_others(uintptr_t start, uintptr_t end);
void native_flush_tlb_others(uintptr_t start, uintptr_t end)
{
	struct cpumask others = cpu_online_mask;

	cpumask_clear(&others, smp_processor_id());
	native_flush_tlb_mask(&others, start, end);
}

DEFINE_STATIC_CALL(flush_tlb_others, native_flush_tlb_others);

void tlb_flush_kernel_range(uintptr_t start, uintptr_t end)
{
	preempt_disable();
	flush_here(start, end);
	if (cpumask_count(&cpu_online_mask) > 1)
		flush_tlb_others(start, end);
	preempt_enable();
}
