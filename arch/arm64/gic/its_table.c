/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables that an ITS keeps in memory which it is given: 5.2.2, 12.19.1. */
#define pr_fmt(fmt) "gic: " fmt

#include <abi/arm64/gic_its.h>
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include "its.h"

/* Of the first level, where there are two. */
#define POINTER_SIZE 8

static char __iomem *base_of(const struct its *its, unsigned n)
{
	return its->registers + GITS_BASER + n * 8UL;
}

/* What the ITS makes of @value: fields may be fixed. */
static u64 try(const struct its *its, unsigned n, u64 value)
{
	mmio_write64(base_of(its, n), value);
	return mmio_read64(base_of(its, n));
}

static u32 page_size_of(u64 baser)
{
	return 0x1000U << 2 * MIN(GITS_BASER_PAGE(baser), 2ULL);
}

/* Entries that @bytes of the table, or of its first level, hold or lead to. */
static u64 entries_in(const struct its_table *table, u64 bytes)
{
	return table->indirect ? bytes / POINTER_SIZE *
					 (table->page_size / table->entry_size)
			       : bytes / table->entry_size;
}

/*
 * How @entries are kept, in pages and levels as @baser says: the bytes, whole
 * pages. What does not fit into as much as is allowed is not used.
 */
static u64 lay_out(struct its_table *table, u64 entries, u64 baser)
{
	u64 bytes, most;

	table->page_size = page_size_of(baser);
	table->indirect = baser & GITS_BASER_INDIRECT;
	most = MIN((u64)GITS_BASER_PAGES_MAX * table->page_size,
		   (u64)ITS_TABLE_MAX);
	bytes = entries * table->entry_size;
	if (table->indirect)
		bytes = ALIGN_UP(bytes, (u64)table->page_size) /
			table->page_size * POINTER_SIZE;
	bytes = MIN(ALIGN_UP(bytes, (u64)table->page_size), most);
	table->entries = MIN(entries, entries_in(table, bytes));
	return bytes;
}

/* Give table @n of the ITS room for @entries. */
static int table_init(struct its *its, unsigned n, u64 entries,
		      struct its_table *table)
{
	u64 kind = mmio_read64(base_of(its, n));
	u64 probe = 0, bytes, value;
	phys_addr_t memory;

	table->entry_size = (u32)GITS_BASER_ENTRY(kind);
	if (entries * table->entry_size > ITS_FLAT_MAX)
		probe = GITS_BASER_INDIRECT;
	probe = try(its, n, probe);
	bytes = lay_out(table, entries, probe);
	memory = alloc_pages(page_order_for(bytes), ALLOC_ZERO);
	if (!memory)
		return -ENOMEM;
	table->memory = phys_to_virt(memory);
	value = GITS_VALID | (probe & GITS_BASER_INDIRECT) |
		GITS_TABLE_WRITE_BACK | GIC_TABLE_SHARED_INNER | memory |
		GITS_BASER_PAGE(probe) << GITS_BASER_PAGE_SHIFT |
		(bytes / table->page_size - 1);
	if (memory & ~GITS_BASER_ADDRESS)
		return -ERANGE;
	probe = try(its, n, value);
	return probe & GITS_VALID && probe & GIC_TABLE_SHARED_MASK &&
			       page_size_of(probe) == table->page_size
		       ? 0
		       : -EOPNOTSUPP;
}

/* How many CPUs can be targets: those of the table, and those in hardware. */
static u64 collections(const struct its *its, u64 in_table)
{
	unsigned bits = its->type & GITS_TYPER_CIL
				? (unsigned)GITS_TYPER_COLL_BITS(its->type)
				: 16;

	return MIN(MIN(GITS_TYPER_HCC(its->type) + in_table, BIT64(bits)),
		   (u64)CONFIG_NR_CPUS);
}

static int init_one(struct its *its, unsigned n, struct its_table *cpus)
{
	u64 baser = mmio_read64(base_of(its, n));

	switch (GITS_BASER_TYPE(baser)) {
	case GITS_TYPE_DEVICES:
		return table_init(its, n,
				  BIT64(GITS_TYPER_DEVICE_BITS(its->type)),
				  &its->devices);
	case GITS_TYPE_COLLECTIONS:
		return table_init(its, n, CONFIG_NR_CPUS, cpus);
	default: return 0;
	}
}

int its_tables_init(struct its *its)
{
	struct its_table cpus = { 0 };

	for (unsigned n = 0; n < GITS_BASERS; n++) {
		int ret = init_one(its, n, &cpus);

		if (!ret)
			continue;
		pr_warn("ITS at %#lx: no table %u, type %lu: error %d: "
			"not used",
			its->base, n,
			GITS_BASER_TYPE(mmio_read64(base_of(its, n))), -ret);
		return ret;
	}
	/* One that needs no table keeps all in itself. */
	if (!its->devices.memory)
		its->devices.entries = BIT64(GITS_TYPER_DEVICE_BITS(its->type));
	/* CPUs are few, but the ITS may know two levels only. */
	for (u64 i = 0; cpus.indirect && i < cpus.entries; i++)
		if (its_table_reach(&cpus, i))
			return -ENOMEM;
	its->collections = collections(its, cpus.entries);
	return 0;
}

int its_table_reach(struct its_table *table, u64 index)
{
	u64 *pointers = table->memory;
	phys_addr_t page;

	if (index >= table->entries)
		return -ERANGE;
	if (!table->indirect)
		return 0;
	index /= table->page_size / table->entry_size;
	if (pointers[index])
		return 0;
	page = alloc_pages(page_order_for(table->page_size), ALLOC_ZERO);
	if (!page)
		return -ENOMEM;
	/* The command that makes the ITS look comes after it. */
	pointers[index] = page | GITS_VALID;
	return 0;
}
