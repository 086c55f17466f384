/* SPDX-License-Identifier: BSD-2-Clause */
/* Rights of pages, and instructions that were written as data. */
#include <asm/sysreg.h>
#include <kernel/mm/map.h>
#include <kernel/mm/pgtable.h>
#include <kernel/smp.h>
#include "mapping.h"

/* CTR_EL0: logarithms of the smallest lines, in words of 4 bytes. */
#define CTR_ICACHE(ctr) (4U << ((ctr)&0xf))
#define CTR_DCACHE(ctr) (4U << ((ctr) >> 16 & 0xf))

/* Drop what was fetched ahead. An interrupt would do; so does what it calls. */
static void fetch_anew(void *unused __unused)
{
	isb();
}

/*
 * Data caches are not where instructions are fetched from: Arm ARM, B2.4.4.
 * Every CPU may hold instructions of what was mapped here before.
 */
static void sync_instructions(uintptr_t start, uintptr_t end)
{
	u64 ctr = sysreg_read(ctr_el0);
	uintptr_t va;

	for (va = start; va < end; va += CTR_DCACHE(ctr))
		__asm__ __volatile__("dc cvau, %0" : : "r"(va) : "memory");
	__asm__ __volatile__("dsb ish" ::: "memory");
	for (va = start; va < end; va += CTR_ICACHE(ctr))
		__asm__ __volatile__("ic ivau, %0" : : "r"(va) : "memory");
	__asm__ __volatile__("dsb ish" ::: "memory");
	smp_call_mask(&cpu_online_mask, fetch_anew, NULL);
}

int arch_protect(uintptr_t va, u64 size, unsigned rights)
{
	u64 flags = rights & MEMORY_WRITE ? 0 : PTE_RDONLY;
	int ret;

	flags |= rights & MEMORY_EXECUTE ? PTE_UXN : PTE_NX;
	ret = pgtable_protect(kernel_root(), va, size, flags);
	if (!ret && rights & MEMORY_EXECUTE)
		sync_instructions(va, va + size);
	return ret;
}
