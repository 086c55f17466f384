/* SPDX-License-Identifier: BSD-2-Clause */
/* The page in which CPUs start, and the page tables that let them. */
#define pr_fmt(fmt) "smp: " fmt

#include <asm/cpu.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/smp.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "../mm/mapping.h"

/* From secondary.S: what is copied, and places in it. */
extern const char trampoline[], trampoline64[], trampoline_end[];
extern const char trampoline_gdt[], trampoline_gdtr[];
extern const char trampoline_start32[], trampoline_far32[];
extern const char trampoline_start64[], trampoline_far64[];
extern const char trampoline_cr0[], trampoline_cr3[];
extern const char trampoline_cr4[], trampoline_efer[];

#define GDTR_BASE 2 /* offset in what lgdt reads */

/* A PML4, and the tables under it for the page below 1 MiB. */
enum {
	TABLE_ROOT,
	TABLE_PDPT,
	TABLE_PD,
	TABLE_PT,
	TABLES_ORDER = 2,
};

static phys_addr_t page, tables;

static void put(const char *place, u64 value)
{
	u32 low = (u32)value;

	memcpy((char *)phys_to_virt(page) + (place - trampoline), &low,
	       sizeof(low));
}

static u32 address_of(const char *place)
{
	return (u32)(page + (u64)(place - trampoline));
}

static void fill_page(void)
{
	memcpy(phys_to_virt(page), trampoline,
	       (size_t)(trampoline_end - trampoline));
	put(trampoline_gdtr + GDTR_BASE, address_of(trampoline_gdt));
	put(trampoline_far32, address_of(trampoline_start32));
	put(trampoline_far64, address_of(trampoline_start64));
	put(trampoline_cr0, read_cr0());
	put(trampoline_cr3, tables);
	/* The rest is set when faults can be handled. */
	put(trampoline_cr4, X86_CR4_PAE);
	put(trampoline_efer, rdmsr(MSR_EFER) & (EFER_LME | EFER_NXE));
}

/* The kernel's address space, and in its empty half the page where it is. */
static void fill_tables(void)
{
	u64(*table)[PTES_PER_TABLE] = phys_to_virt(tables);

	memcpy(table[TABLE_ROOT], kernel_root(), PAGE_SIZE);
	for (unsigned i = TABLE_ROOT; i < TABLE_PT; i++)
		table[i][0] = (tables + (i + 1) * PAGE_SIZE) | PTE_PRESENT |
			      PTE_WRITE;
	table[TABLE_PT][page >> PAGE_SHIFT] = page | PTE_PRESENT | PTE_ACCESSED;
}

phys_addr_t trampoline_create(void)
{
	page = alloc_pages(0, ALLOC_BELOW_1M);
	tables = alloc_pages(TABLES_ORDER, ALLOC_BELOW_4G | ALLOC_ZERO);
	if (!page || !tables) {
		pr_warn("no memory below %s: no other CPU is started",
			page ? "4 GiB" : "1 MiB");
		trampoline_destroy();
		return 0;
	}
	fill_tables();
	fill_page();
	return page;
}

unsigned trampoline_entry64(void)
{
	return (unsigned)(trampoline64 - trampoline);
}

void trampoline_destroy(void)
{
	if (page)
		free_pages(page, 0);
	if (tables)
		free_pages(tables, TABLES_ORDER);
	page = 0;
	tables = 0;
}
