/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/page.h>
#include <asm/sysreg.h>
#include <kernel/arch_smp.h>
#include <kernel/mm/map.h>

/* Policy: about where single invalidations cost more than refilling a TLB. */
#define TLBI_PAGES_MAX 64

/*
 * The instructions reach all CPUs of the inner shareable domain, which are all
 * that run this kernel. First what was written to the tables must be visible
 * to their walks, and at the end the invalidation complete.
 */
void tlb_flush_kernel_range(uintptr_t start, uintptr_t end)
{
	__asm__ __volatile__("dsb ishst" ::: "memory");
	if (end - start > TLBI_PAGES_MAX * SIZE_4K)
		__asm__ __volatile__("tlbi vmalle1is" ::: "memory");
	else
		for (uintptr_t va = start; va < end; va += SIZE_4K)
			__asm__ __volatile__("tlbi vaae1is, %0"
					     :
					     : "r"(va << 8 >> 20)
					     : "memory");
	__asm__ __volatile__("dsb ish; isb" ::: "memory");
}

void arch_tlb_flush_local(void)
{
	__asm__ __volatile__("dsb nshst; tlbi vmalle1; dsb nsh; isb"
			     :
			     :
			     : "memory");
}

/* The instructions that flush here flush there. */
void native_flush_tlb_others(uintptr_t start, uintptr_t end);
void native_flush_tlb_others(uintptr_t start, uintptr_t end)
{
	tlb_flush_kernel_range(start, end);
}

DEFINE_STATIC_CALL(flush_tlb_others, native_flush_tlb_others);
