/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses, and mappings made and undone after the boot. */
#include <asm/boot.h>
#include <asm/cpuid.h>
#include <kernel/mm/direct_map.h>
#include <kernel/mm/pgtable.h>
#include "mapping.h"

/* What the boot page tables map. */
#define EARLY_LIMIT (4 * SIZE_1G)

#define CPUID_MAX_EXT	   0x80000000
#define CPUID_ADDRESS_SIZE 0x80000008
#define DEFAULT_PHYS_BITS  36

void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(DIRECT_MAP_BASE + phys);
}

phys_addr_t virt_to_phys(const void *virt)
{
	uintptr_t va = (uintptr_t)virt;

	if (va >= KERNEL_VMA)
		return va - KERNEL_VMA + boot_delta;
	return va - DIRECT_MAP_BASE;
}

phys_addr_t arch_phys_limit(void)
{
	struct cpuid_regs id;
	unsigned bits = DEFAULT_PHYS_BITS;

	cpuid(CPUID_MAX_EXT, 0, &id);
	if (id.eax >= CPUID_ADDRESS_SIZE) {
		cpuid(CPUID_ADDRESS_SIZE, 0, &id);
		bits = MIN(MAX(id.eax & 0xff, bits), 52U);
	}
	return BIT64(bits);
}

phys_addr_t arch_phys_end(void)
{
	return MIN(arch_phys_limit(), DIRECT_MAP_SIZE);
}

void *arch_early_memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	if (type != MEMORY_WB || phys + size > EARLY_LIMIT ||
	    direct_map_note(phys, phys + size, type))
		return NULL;
	return phys_to_virt(phys);
}

bool arch_paging_ready(void)
{
	return kernel_root() != NULL;
}

static u64 type_flags(enum memory_type type)
{
	switch (type) {
	case MEMORY_WB: return PTE_TYPE_WB;
	case MEMORY_WC: return PTE_TYPE_WC;
	default: return PTE_TYPE_UC;
	}
}

int arch_map(uintptr_t va, phys_addr_t phys, u64 size, enum memory_type type)
{
	u64 flags = type_flags(type) | PTE_WRITE | PTE_DIRTY | PTE_GLOBAL |
		    pte_nx();

	return pgtable_map(kernel_root(), va, phys, size, flags, SIZE_2M);
}

void arch_unmap(uintptr_t va, u64 size)
{
	pgtable_unmap(kernel_root(), va, size);
}

int arch_protect(uintptr_t va, u64 size, unsigned rights)
{
	u64 flags = rights & MEMORY_WRITE ? PTE_WRITE | PTE_DIRTY : 0;

	if (!(rights & MEMORY_EXECUTE))
		flags |= pte_nx();
	return pgtable_protect(kernel_root(), va, size, flags);
}
