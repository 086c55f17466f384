/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's page tables: built once, from the memory map. */
#define pr_fmt(fmt) "paging: " fmt

#include <asm/boot.h>
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/sections.h>
#include <kernel/cpu.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/direct_map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/pgtable.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "mapping.h"

/* PAT: index 0 WB, 1 WC, 2 UC-, 3 UC, then the same again (SDM 3A 11.12). */
#define PAT_HALF  0x00070106ULL
#define PAT_VALUE (PAT_HALF << 32 | PAT_HALF)

#define CPUID_EXT_FEATURES 0x80000001
#define CPUID_EXT_EDX_1G   BIT(26)
#define CPUID_1_EDX_MCE	   BIT(7)
#define CPUID_1_EDX_PGE	   BIT(13)
#define CPUID_7_EBX_SMEP   BIT(7)
#define CPUID_7_ECX_UMIP   BIT(2)

/* The boot's tables must be reachable through the boot direct map. */
#define TABLE_LIMIT (4 * SIZE_1G)

/* A slot of the boot direct map that nothing uses, for the 1 GiB trial. */
#define TRIAL_SLOT 511

extern u64 boot_page_tables[], boot_page_tables_end[], boot_pdpt_direct[];

static u64 *root;
static bool use_1g;

u64 *kernel_root(void)
{
	return root;
}

u64 *pgtable_new(void)
{
	phys_addr_t page = bootmem_alloc(PAGE_SIZE, PAGE_SIZE, TABLE_LIMIT);

	if (!page)
		page = alloc_pages(0, 0);
	return page ? memset(phys_to_virt(page), 0, PAGE_SIZE) : NULL;
}

bool paging_uses_1g(void)
{
	return use_1g;
}

void paging_init_cpu(void)
{
	struct cpuid_regs id, ext = { 0 };
	u64 cr4 = read_cr4();

	if (wrmsr_safe(MSR_PAT, PAT_VALUE))
		pr_warn("the PAT cannot be written: framebuffers are slow");
	cpuid(0, 0, &id);
	if (id.eax >= 7)
		cpuid(7, 0, &ext);
	cpuid(1, 0, &id);
	if (id.edx & CPUID_1_EDX_MCE)
		cr4 |= X86_CR4_MCE;
	if (id.edx & CPUID_1_EDX_PGE)
		cr4 |= X86_CR4_PGE;
	if (ext.ebx & CPUID_7_EBX_SMEP)
		cr4 |= X86_CR4_SMEP;
	if (ext.ecx & CPUID_7_ECX_UMIP)
		cr4 |= X86_CR4_UMIP;
	write_cr4(cr4);
}

u64 pte_nx(void)
{
	return rdmsr(MSR_EFER) & EFER_NXE ? PTE_NX : 0;
}

/*
 * Some hypervisors report 1 GiB pages and then fault on them: the CPU's word
 * is only believed after a byte was read through one.
 */
static bool try_1g_pages(void)
{
	uintptr_t va = DIRECT_MAP_BASE + TRIAL_SLOT * SIZE_1G;
	phys_addr_t image = virt_to_phys(_image);
	struct cpuid_regs id;
	bool works;
	u8 byte;

	cpuid(CPUID_EXT_FEATURES, 0, &id);
	if (!(id.edx & CPUID_EXT_EDX_1G))
		return false;
	boot_pdpt_direct[TRIAL_SLOT] =
		ALIGN_DOWN(image, SIZE_1G) | PTE_PRESENT | PTE_LARGE | pte_nx();
	works = !probe_read8((void *)(va + image % SIZE_1G), &byte);
	boot_pdpt_direct[TRIAL_SLOT] = 0;
	invlpg(va + image % SIZE_1G);
	if (!works)
		pr_notice("1 GiB pages are offered but fault: not used");
	return works;
}

static void map_direct(phys_addr_t start, u64 size,
		       enum memory_type type __unused, bool writable)
{
	u64 flags = PTE_GLOBAL | pte_nx();

	if (writable)
		flags |= PTE_WRITE | PTE_DIRTY;
	if (pgtable_map(root, DIRECT_MAP_BASE + start, start, size, flags,
			use_1g ? SIZE_1G : SIZE_2M))
		panic("no memory for page tables");
}

static void map_image_part(const char *from, const char *to, u64 flags)
{
	if (pgtable_map(root, (uintptr_t)from, virt_to_phys(from),
			(u64)(to - from), flags | PTE_GLOBAL, SIZE_4K))
		panic("no memory for page tables");
}

static void unmap_guard(uintptr_t guard)
{
	pgtable_unmap(root, guard, PAGE_SIZE);
}

void arch_paging_init(void)
{
	use_1g = try_1g_pages();
	root = pgtable_new();
	if (!root)
		panic("no memory for page tables");
	direct_map_for_each(virt_to_phys(_image), virt_to_phys(_data),
			    map_direct);
	map_image_part(_image, _rodata, 0);
	map_image_part(_rodata, _erodata, pte_nx());
	map_image_part(_data, _end, pte_nx() | PTE_WRITE | PTE_DIRTY);
	stack_for_each_guard(unmap_guard);
	write_cr3(virt_to_phys(root));
	if (!pte_nx())
		pr_warn("this CPU has no NX: data is executable");
}

void arch_free_boot_memory(void)
{
	uintptr_t start = (uintptr_t)boot_page_tables;
	uintptr_t end = (uintptr_t)boot_page_tables_end;

	/* The direct map is the only way to them from here on. */
	pgtable_unmap(root, start, end - start);
	tlb_flush_kernel_range(start, end);
	page_release_reserved(virt_to_phys(boot_page_tables),
			      virt_to_phys(boot_page_tables_end));
}
