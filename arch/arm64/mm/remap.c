/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/boot.h>
#include <asm/sections.h>
#include <asm/sysreg.h>
#include <kernel/mm/direct_map.h>
#include <kernel/mm/pgtable.h>
#include "mapping.h"

#define PARANGE_MASK  0xf
#define PHYS_BITS_MAX 48

void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(DIRECT_MAP_BASE + phys);
}

phys_addr_t virt_to_phys(const void *virt)
{
	uintptr_t va = (uintptr_t)virt;

	if (va >= KERNEL_VMA)
		return va - KERNEL_VMA + boot_args.image_phys;
	return va - DIRECT_MAP_BASE;
}

/* The boot's tables are in the image, which the boot's direct map is not. */
u64 *pte_table_at(phys_addr_t phys)
{
	phys_addr_t offset = phys - boot_args.image_phys;

	if (!kernel_root() && offset < (u64)(_end - _image))
		return (u64 *)(KERNEL_VMA + offset);
	return phys_to_virt(phys);
}

phys_addr_t arch_phys_limit(void)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48 };
	u64 parange = sysreg_read(id_aa64mmfr0_el1) & PARANGE_MASK;

	return BIT64(parange < ARRAY_SIZE(bits) ? bits[parange]
						: PHYS_BITS_MAX);
}

phys_addr_t arch_phys_end(void)
{
	return MIN(arch_phys_limit(), DIRECT_MAP_SIZE);
}

u64 data_flags(enum memory_type type)
{
	switch (type) {
	case MEMORY_WB: return PTE_NX | PTE_SHARED | MAIR_WB * PTE_TYPE_STEP;
	case MEMORY_WC: return PTE_NX | PTE_SHARED | MAIR_NC * PTE_TYPE_STEP;
	default: return PTE_NX | MAIR_DEVICE * PTE_TYPE_STEP;
	}
}

/* Whatever somebody says, RAM is no device. */
static bool is_in_ram(phys_addr_t start, phys_addr_t end)
{
	for (unsigned i = 0; i < boot_info.memmap.count; i++) {
		const struct memmap_entry *e = &boot_info.memmap.entries[i];

		if (e->type == MEMMAP_RAM && start < e->end && e->start < end)
			return true;
	}
	return false;
}

void *arch_early_memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	void *va = phys_to_virt(phys);

	if (phys + size > arch_phys_end() ||
	    (type != MEMORY_WB && is_in_ram(phys, phys + size)) ||
	    direct_map_note(phys, phys + size, type) ||
	    pgtable_map(boot_l0, (uintptr_t)va, phys, size, data_flags(type),
			SIZE_4K))
		return NULL;
	return va;
}

bool arch_paging_ready(void)
{
	return kernel_root() != NULL;
}

int arch_map(uintptr_t va, phys_addr_t phys, u64 size, enum memory_type type)
{
	return pgtable_map(kernel_root(), va, phys, size, data_flags(type),
			   SIZE_2M);
}

void arch_unmap(uintptr_t va, u64 size)
{
	pgtable_unmap(kernel_root(), va, size);
}
