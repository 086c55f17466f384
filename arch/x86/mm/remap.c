/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings of memory that is not, or not only, the kernel's. */
#include <asm/boot.h>
#include <asm/cpuid.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include "mapping.h"

/* What the boot page tables map. */
#define EARLY_LIMIT (4 * SIZE_1G)

#define CPUID_MAX_EXT	   0x80000000
#define CPUID_ADDRESS_SIZE 0x80000008
#define DEFAULT_PHYS_BITS  36

struct early_range early_ranges[EARLY_RANGES_MAX];
unsigned early_range_count;

static uintptr_t next_remap = REMAP_BASE;

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

static unsigned phys_bits(void)
{
	struct cpuid_regs id;

	cpuid(CPUID_MAX_EXT, 0, &id);
	if (id.eax < CPUID_ADDRESS_SIZE)
		return DEFAULT_PHYS_BITS;
	cpuid(CPUID_ADDRESS_SIZE, 0, &id);
	return MIN(MAX(id.eax & 0xff, (u32)DEFAULT_PHYS_BITS), 52U);
}

phys_addr_t arch_phys_end(void)
{
	return MIN(BIT64(phys_bits()), DIRECT_MAP_SIZE);
}

/*
 * Remember that [@start, @end) was handed out. Firmware's tables are
 * neighbours mostly, so ranges that touch become one.
 */
static int note_early(phys_addr_t start, phys_addr_t end)
{
	for (unsigned i = 0; i < early_range_count; i++) {
		struct early_range *r = &early_ranges[i];

		if (start > r->end || end < r->start)
			continue;
		r->start = MIN(r->start, start);
		r->end = MAX(r->end, end);
		return 0;
	}
	if (early_range_count == EARLY_RANGES_MAX)
		return -ENOMEM;
	early_ranges[early_range_count++] = (struct early_range){ start, end };
	return 0;
}

static u64 type_flags(enum memory_type type)
{
	switch (type) {
	case MEMORY_WB: return PTE_TYPE_WB;
	case MEMORY_WC: return PTE_TYPE_WC;
	default: return PTE_TYPE_UC;
	}
}

static void *map_new(phys_addr_t start, u64 size, enum memory_type type)
{
	uintptr_t align = size >= SIZE_2M ? SIZE_2M : SIZE_4K;
	uintptr_t va = ALIGN_UP(next_remap, align) + start % align;
	u64 flags = type_flags(type) | PTE_WRITE | PTE_DIRTY | PTE_GLOBAL |
		    pte_nx();

	if (va > REMAP_BASE + REMAP_SIZE || size > REMAP_BASE + REMAP_SIZE - va)
		return NULL;
	/*
	 * One page stays unmapped between mappings. What is mapped halfway, for
	 * want of memory, is not tried again.
	 */
	next_remap = va + size + SIZE_4K;
	if (map_range(kernel_root(), va, start, size, flags, SIZE_2M))
		return NULL;
	return (void *)va;
}

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	phys_addr_t start = ALIGN_DOWN(phys, SIZE_4K);
	phys_addr_t end = phys + size;
	char *va;

	if (size == 0 || end < phys || end > BIT64(phys_bits()))
		return NULL;
	end = ALIGN_UP(end, SIZE_4K);
	if (kernel_root()) {
		va = map_new(start, end - start, type);
		return va ? va + (phys - start) : NULL;
	}
	if (type != MEMORY_WB || end > EARLY_LIMIT || note_early(start, end))
		return NULL;
	return phys_to_virt(phys);
}

void __iomem *ioremap(phys_addr_t phys, u64 size)
{
	return (void __iomem *)memremap(phys, size, MEMORY_UC);
}
