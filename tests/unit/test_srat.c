/* SPDX-License-Identifier: BSD-2-Clause */
/* What SRAT and SLIT may say about nodes, true or not. */
/* Included, not linked: the queries are about what is read here. */
#include "../../kernel/acpi/numa.c"

#include "unit.h"
#include <stdlib.h>
#include <kernel/byteorder.h>
#include <kernel/string.h>

#define GIB 0x40000000ULL

struct boot_info boot_info;
static struct memmap map;
static unsigned warnings;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
	warnings++;
}

void console_printf(const char *fmt, ...)
{
	(void)fmt;
}

void console_puts(const char *s)
{
	(void)s;
}

const struct memmap *bootmem_map(void)
{
	return &map;
}

void *kmalloc(size_t size)
{
	return malloc(size);
}

void kfree(const void *object)
{
	free((void *)object);
}

int acpi_init(phys_addr_t rsdp)
{
	(void)rsdp;
	return 0;
}

static struct acpi_sdt_header *srat_table, *slit_table;

const struct acpi_sdt_header *acpi_find(const char *signature, unsigned index)
{
	(void)index;
	return signature[1] == 'R' ? srat_table : slit_table;
}

static struct {
	u8 bytes[65536];
	size_t length;
} table;

static void begin(void)
{
	memset(&table, 0, sizeof(table));
	table.length = sizeof(struct acpi_srat);
	((struct acpi_sdt_header *)table.bytes)->revision = 3;
	warnings = 0;
}

static void put(const void *entry, size_t size)
{
	memcpy(table.bytes + table.length, entry, size);
	table.length += size;
}

static void put_memory(u32 domain, u64 base, u64 length, u32 flags)
{
	const struct acpi_srat_memory e = {
		.entry = { ACPI_SRAT_MEMORY, sizeof(e) },
		.proximity_domain = cpu_to_le32(domain),
		.base_address = cpu_to_le64(base),
		.length = cpu_to_le64(length),
		.flags = cpu_to_le32(flags),
	};

	put(&e, sizeof(e));
}

static void put_cpu(u32 domain, u8 id)
{
	const struct acpi_srat_local_apic e = {
		.entry = { ACPI_SRAT_LOCAL_APIC, sizeof(e) },
		.proximity_domain_low = (u8)domain,
		.apic_id = id,
		.flags = cpu_to_le32(ACPI_SRAT_ENABLED),
		.proximity_domain_high = { (u8)(domain >> 8),
					   (u8)(domain >> 16),
					   (u8)(domain >> 24) },
	};

	put(&e, sizeof(e));
}

static void put_x2apic(u32 domain, u32 id, u32 flags)
{
	const struct acpi_srat_local_x2apic e = {
		.entry = { ACPI_SRAT_LOCAL_X2APIC, sizeof(e) },
		.proximity_domain = cpu_to_le32(domain),
		.x2apic_id = cpu_to_le32(id),
		.flags = cpu_to_le32(flags),
	};

	put(&e, sizeof(e));
}

/* As the kernel does it, from an allocation of exactly the table's size. */
static void read_all(void)
{
	free(srat_table);
	srat_table = malloc(table.length);
	memcpy(srat_table, table.bytes, table.length);
	srat_table->length = cpu_to_le32((u32)table.length);
	free(layout.range);
	free(layout.cpu);
	memset(&layout, 0, sizeof(layout));
	slit = NULL;
	CHECK_EQ(numa_init(), 0);
	free(slit_table);
	slit_table = NULL;
}

TEST(without_table_there_is_one_node_with_everything)
{
	CHECK_EQ(numa_init(), 0);
	CHECK_EQ(numa_node_count(), 1);
	CHECK_EQ(numa_node_of_phys(123 * GIB), 0);
	CHECK_EQ(numa_node_of_cpu_id(77), 0);
	CHECK_EQ(numa_distance(0, 0), NUMA_DISTANCE_LOCAL);
	CHECK_EQ(numa_memory_end(), 0);
}

/* As QEMU has 5 GiB in two nodes. */
TEST(a_usual_table_is_understood)
{
	begin();
	put_cpu(0, 0);
	put_cpu(1, 1);
	put_x2apic(0xfffffffe, 0x1234, ACPI_SRAT_ENABLED);
	put_memory(0, 0, 0xa0000, 1);
	put_memory(0, 0x100000, 2 * GIB - 0x100000, 1);
	put_memory(1, 4 * GIB, 2 * GIB, 1);
	put_memory(1, 6 * GIB, GIB, 1);
	put_memory(0xfffffffe, 7 * GIB, GIB, 1);
	put_memory(0, 0, 0, 0);
	put_memory(0, 16 * GIB, GIB, 3);
	read_all();
	CHECK_EQ(layout.nodes, 3);
	CHECK_EQ(warnings, 1);
	CHECK_EQ(numa_node_domain(2), 0xfffffffe);
	CHECK_EQ(numa_node_of_phys(0), 0);
	CHECK_EQ(numa_node_of_phys(0x9ffff), 0);
	/* Holes are nobody's. */
	CHECK_EQ(numa_node_of_phys(0xa0000), NUMA_NO_NODE);
	CHECK_EQ(numa_node_of_phys(3 * GIB), NUMA_NO_NODE);
	CHECK_EQ(numa_node_of_phys(7 * GIB - 1), 1);
	CHECK_EQ(numa_node_of_phys(7 * GIB), 2);
	CHECK_EQ(numa_node_of_phys(8 * GIB), NUMA_NO_NODE);
	CHECK_EQ(numa_node_of_phys(~0ULL), NUMA_NO_NODE);
	CHECK_EQ(layout.ranges, 5);
	CHECK(layout.range[4].later);
	CHECK_EQ(numa_memory_end(), 17 * GIB);
	CHECK_EQ(numa_node_of_cpu_id(1), 1);
	CHECK_EQ(numa_node_of_cpu_id(0x1234), 2);
	CHECK_EQ(numa_node_of_cpu_id(2), NUMA_NO_NODE);
	CHECK_EQ(numa_distance(0, 1), NUMA_DISTANCE_REMOTE);
}

TEST(a_nodes_ram_is_what_the_memory_map_has_there)
{
	begin();
	put_memory(5, 0, 4 * GIB, 1);
	put_memory(6, 4 * GIB, 4 * GIB, 1);
	map.count = 3;
	map.entries[0] = (struct memmap_entry){ 0, GIB, MEMMAP_RAM };
	map.entries[1] = (struct memmap_entry){ GIB, 2 * GIB, MEMMAP_RESERVED };
	map.entries[2] = (struct memmap_entry){ 3 * GIB, 6 * GIB, MEMMAP_RAM };
	read_all();
	CHECK_EQ(ram_of(0), 2 * GIB);
	CHECK_EQ(ram_of(1), 2 * GIB);
	map.count = 0;
}

TEST(domains_of_old_tables_have_8_bits)
{
	begin();
	((struct acpi_sdt_header *)table.bytes)->revision = 1;
	put_cpu(0xabcdef01, 3);
	put_memory(0x12345601, 0, GIB, 1);
	read_all();
	CHECK_EQ(layout.nodes, 1);
	CHECK_EQ(numa_node_domain(0), 1);
}

TEST(memory_that_cannot_be_is_ignored)
{
	begin();
	put_memory(0, GIB, GIB, 0xfffffffd); /* reserved flags */
	put_memory(1, GIB + 4096, 4096, 1);  /* inside */
	put_memory(1, 0, GIB + 1, 1);	     /* over its begin */
	put_memory(1, 0, 8 * GIB, 1);	     /* around it */
	put_memory(1, 2 * GIB - 1, 10, 1);   /* over its end */
	put_memory(1, ~0ULL, 2, 1);	     /* wraps */
	put_memory(1, 4096, ~0ULL, 1);
	put_memory(1, 0, 4096, 0); /* not enabled */
	read_all();
	CHECK_EQ(layout.ranges, 1);
	CHECK_EQ(numa_node_of_phys(GIB + 4096), 0);
	/* One line for each kind of fault; and the number of nodes. */
	CHECK_EQ(warnings, 3);
}

TEST(a_cpu_is_in_one_node)
{
	begin();
	put_cpu(3, 9);
	put_x2apic(4, 9, ACPI_SRAT_ENABLED);
	put_x2apic(4, 10, 0);
	put_cpu(3, 9);
	read_all();
	CHECK_EQ(layout.cpus, 1);
	CHECK_EQ(numa_node_of_cpu_id(9), 0);
	CHECK_EQ(numa_node_of_cpu_id(10), NUMA_NO_NODE);
	CHECK_EQ(warnings, 2);
}

TEST(nodes_and_ranges_are_bounded)
{
	begin();
	for (u32 i = 0; i < 1300; i++)
		put_memory(i % 100, i * 2 * GIB, GIB, 1);
	read_all();
	CHECK_EQ(layout.nodes, NUMA_NODES_MAX);
	CHECK(layout.ranges <= SRAT_RANGES_MAX);
	CHECK_EQ(numa_node_of_phys(0), 0);
	CHECK_EQ(numa_node_of_phys(2 * GIB * 70), NUMA_NO_NODE);
}

TEST(short_structures_are_passed_over_and_no_length_ends_the_walk)
{
	begin();
	put((const u8[]){ ACPI_SRAT_MEMORY, 8, 0, 0, 0, 0, 0, 0 }, 8);
	put((const u8[]){ 99, 3, 0 }, 3);
	put_memory(0, 0, GIB, 1);
	put((const u8[]){ ACPI_SRAT_MEMORY, 0 }, 2);
	put_memory(1, GIB, GIB, 1);
	read_all();
	CHECK_EQ(layout.nodes, 1);
	CHECK_EQ(warnings, 2);
}

TEST(any_bytes_are_survived)
{
	u32 random = 7;

	for (unsigned round = 0; round < 20000; round++) {
		begin();
		for (unsigned i = 0; i < round % 300; i++) {
			random = random * 1664525 + 1013904223;
			table.bytes[table.length++] =
				random & 0x40000000 ? (u8)(random >> 24) % 42
						    : (u8)(random >> 24);
		}
		read_all();
		for (unsigned i = 1; i < layout.ranges; i++)
			CHECK(layout.range[i - 1].end <= layout.range[i].start);
		for (unsigned i = 0; i < layout.ranges; i++)
			CHECK(layout.range[i].start < layout.range[i].end &&
			      layout.range[i].node < layout.nodes);
	}
}

static void make_slit(u64 n, const u8 *entries, size_t size)
{
	struct acpi_slit *s = malloc(sizeof(*s) + size);

	memset(s, 0, sizeof(*s));
	s->header.length = cpu_to_le32((u32)(sizeof(*s) + size));
	s->localities = cpu_to_le64(n);
	memcpy(s->entry, entries, size);
	slit_table = &s->header;
}

TEST(distances_are_those_of_the_table)
{
	static const u8 good[] = { 10, 15, 17, 10 };

	begin();
	put_memory(1, 0, GIB, 1);
	put_memory(0, GIB, GIB, 1);
	put_memory(7, 2 * GIB, GIB, 1);
	make_slit(2, good, 4);
	free(srat_table);
	srat_table = NULL;
	{
		struct acpi_sdt_header *keep = slit_table;

		slit_table = NULL;
		read_all();
		slit_table = keep;
	}
	CHECK(slit_check(slit_table));
	slit = (const struct acpi_slit *)slit_table;
	/* By domain, not by number of node. */
	CHECK_EQ(numa_distance(0, 1), 17);
	CHECK_EQ(numa_distance(1, 0), 15);
	CHECK_EQ(numa_distance(0, 0), 10);
	CHECK_EQ(numa_distance(0, 2), NUMA_DISTANCE_REMOTE);
	CHECK_EQ(numa_distance(2, 2), NUMA_DISTANCE_LOCAL);
	slit = NULL;
	free(slit_table);
	slit_table = NULL;
}

TEST(distances_that_cannot_be_are_not_used)
{
	static const u8 bad[][4] = { { 11, 20, 20, 10 },
				     { 10, 10, 20, 10 },
				     { 10, 20, 5, 10 } };
	static const u64 sizes[] = { 3, 1ULL << 32, 1ULL << 63, ~0ULL };
	static const u8 good[] = { 10, 15, 17, 10 };

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		make_slit(2, bad[i], 4);
		CHECK(!slit_check(slit_table));
		free(slit_table);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		make_slit(sizes[i], good, 4);
		CHECK(!slit_check(slit_table));
		free(slit_table);
	}
	make_slit(2, good, 3);
	CHECK(!slit_check(slit_table));
	slit_table->length = cpu_to_le32(40);
	CHECK(!slit_check(slit_table));
	free(slit_table);
	slit_table = NULL;
}
