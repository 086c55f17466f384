/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes, from SRAT and SLIT; and the `numa` command. */
#define pr_fmt(fmt) "numa: " fmt

#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/shell.h>
#include "srat.h"

#define MIB 0x100000ULL

/* Without nodes: nothing is told. */
static struct numa_layout layout;
static const struct acpi_slit *slit;

unsigned numa_node_count(void)
{
	return MAX(layout.nodes, 1U);
}

u32 numa_node_domain(unsigned node)
{
	return layout.domain[node];
}

unsigned numa_node_of_phys(phys_addr_t phys)
{
	unsigned low = 0, high = layout.ranges;

	if (!layout.nodes)
		return 0;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		const struct numa_range *r = &layout.range[middle];

		if (phys >= r->start && phys < r->end)
			return r->node;
		if (phys < r->start)
			high = middle;
		else
			low = middle + 1;
	}
	return NUMA_NO_NODE;
}

unsigned numa_node_of_cpu_id(u64 id)
{
	if (!layout.nodes)
		return 0;
	for (unsigned i = 0; i < layout.cpus; i++)
		if (layout.cpu[i].id == id)
			return layout.cpu[i].node;
	return NUMA_NO_NODE;
}

phys_addr_t numa_memory_end(void)
{
	return layout.ranges ? layout.range[layout.ranges - 1].end : 0;
}

unsigned numa_distance(unsigned from, unsigned to)
{
	unsigned told = 0;

	if (slit)
		told = slit_distance(slit, layout.domain[from],
				     layout.domain[to]);
	if (told)
		return told;
	return from == to ? NUMA_DISTANCE_LOCAL : NUMA_DISTANCE_REMOTE;
}

/* Bytes of RAM in [@start, @end), as the memory map has it. */
static u64 ram_in(phys_addr_t start, phys_addr_t end)
{
	const struct memmap *map = bootmem_map();
	u64 bytes = 0;

	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];
		phys_addr_t first = MAX(e->start, start);
		phys_addr_t last = MIN(e->end, end);

		if (memmap_is_memory(e->type) && first < last)
			bytes += last - first;
	}
	return bytes;
}

static u64 ram_of(unsigned node)
{
	u64 bytes = 0;

	for (unsigned i = 0; i < layout.ranges; i++)
		if (layout.range[i].node == node)
			bytes += ram_in(layout.range[i].start,
					layout.range[i].end);
	return bytes;
}

static unsigned cpus_of(unsigned node)
{
	unsigned n = 0;

	for (unsigned i = 0; i < layout.cpus; i++)
		n += layout.cpu[i].node == node;
	return n;
}

static void print_node(unsigned node)
{
	console_printf("node %u (domain %u): %u CPUs, %llu MiB of RAM\n", node,
		       layout.domain[node], cpus_of(node),
		       (unsigned long long)(ram_of(node) / MIB));
	for (unsigned i = 0; i < layout.ranges; i++) {
		const struct numa_range *r = &layout.range[i];

		if (r->node == node)
			console_printf("  memory %016llx-%016llx%s\n",
				       (unsigned long long)r->start,
				       (unsigned long long)(r->end - 1),
				       r->later ? "  may be plugged in" : "");
	}
	console_puts("  distances");
	for (unsigned to = 0; to < layout.nodes; to++)
		console_printf(" %u", numa_distance(node, to));
	console_puts("\n");
}

static int command_numa(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	if (!layout.nodes)
		console_puts("one node: firmware tells of no other\n");
	for (unsigned node = 0; node < layout.nodes; node++)
		print_node(node);
	return 0;
}
SHELL_COMMAND(numa, "", "Show nodes: which memory is near which CPUs",
	      command_numa);

static int read_tables(const struct acpi_sdt_header *srat)
{
	const struct acpi_sdt_header *table = acpi_find(ACPI_SLIT_SIGNATURE, 0);
	unsigned ranges, cpus;

	srat_count(srat, &ranges, &cpus);
	layout.range = kmalloc((ranges + 1) * sizeof(*layout.range));
	layout.cpu = kmalloc((cpus + 1) * sizeof(*layout.cpu));
	if (!layout.range || !layout.cpu) {
		kfree(layout.range);
		kfree(layout.cpu);
		return -ENOMEM;
	}
	srat_read(srat, &layout);
	if (table && slit_check(table))
		slit = (const struct acpi_slit *)table;
	return 0;
}

static int numa_init(void)
{
	const struct acpi_sdt_header *srat;
	int ret;

	acpi_init(boot_info.rsdp);
	srat = acpi_find(ACPI_SRAT_SIGNATURE, 0);
	if (!srat)
		return 0;
	ret = read_tables(srat);
	if (!ret && layout.nodes > 1)
		pr_info("%u nodes", layout.nodes);
	return ret;
}
initcall(INIT_IRQ, numa_init);
