/* SPDX-License-Identifier: BSD-2-Clause */
/* Where an IORT says that messages go, and tables that lie about it. */
#include "unit.h"
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/iort.h>
#include <kernel/string.h>

static struct {
	_Alignas(8) u8 bytes[512];
	u32 size;
} table;

static struct acpi_sdt_header *header(void)
{
	return (void *)table.bytes;
}

static void start(void)
{
	struct acpi_iort *iort = (void *)table.bytes;

	memset(&table, 0, sizeof(table));
	table.size = sizeof(*iort);
	iort->node_offset = cpu_to_le32(table.size);
}

/* A node of @size bytes and room for @mappings; where it is. */
static u32 add_node(u8 type, u32 size, u32 mappings)
{
	u32 at = table.size;
	struct acpi_iort_node *node = (void *)(table.bytes + at);
	u32 length = size + mappings * (u32)sizeof(struct acpi_iort_mapping);

	node->type = type;
	node->length = cpu_to_le16((u16)length);
	node->mapping_count = cpu_to_le32(mappings);
	node->mapping_offset = cpu_to_le32(size);
	table.size += length;
	return at;
}

static u32 add_group(u32 its)
{
	u32 at = add_node(ACPI_IORT_ITS_GROUP, 24, 0);
	struct acpi_iort_its_group *group = (void *)(table.bytes + at);

	group->its_count = cpu_to_le32(1);
	group->its[0] = cpu_to_le32(its);
	return at;
}

static u32 add_root(u32 segment, u32 mappings)
{
	u32 at = add_node(ACPI_IORT_PCI_ROOT, 36, mappings);
	struct acpi_iort_pci_root *root = (void *)(table.bytes + at);

	root->segment = cpu_to_le32(segment);
	return at;
}

static struct acpi_iort_mapping *mapping(u32 node, unsigned n)
{
	struct acpi_iort_node *at = (void *)(table.bytes + node);

	return (struct acpi_iort_mapping *)(table.bytes + node +
					    le32_to_cpu(at->mapping_offset)) +
	       n;
}

static void map(u32 node, unsigned n, u32 input, u32 count, u32 output, u32 to)
{
	*mapping(node, n) = (struct acpi_iort_mapping){
		.input_base = cpu_to_le32(input),
		.id_count = cpu_to_le32(count - 1),
		.output_base = cpu_to_le32(output),
		.output_reference = cpu_to_le32(to),
	};
}

static u32 its, device;

static int find(u16 segment, u16 requester)
{
	header()->length = cpu_to_le32(table.size);
	its = device = 0;
	return iort_find_its(header(), segment, requester, &its, &device);
}

TEST(a_root_complex_leads_to_an_its)
{
	u32 group, root;

	start();
	group = add_group(7);
	add_root(1, 0);
	root = add_root(0, 2);
	map(root, 0, 0, 0x100, 0x10000, group);
	map(root, 1, 0x100, 0x100, 0, group);
	CHECK_EQ(find(0, 0xff), 0);
	CHECK_EQ(its, 7);
	CHECK_EQ(device, 0x100ff);
	CHECK_EQ(find(0, 0x108), 0);
	CHECK_EQ(device, 8);
	CHECK_EQ(find(0, 0x200), -ENOENT);
	CHECK_EQ(find(1, 0), -ENOENT);
	CHECK_EQ(find(2, 0), -ENOENT);
}

TEST(what_is_on_the_way_is_gone_through)
{
	u32 group, smmu, root;

	start();
	group = add_group(0);
	smmu = add_node(4, 68, 2);
	root = add_root(0, 1);
	map(root, 0, 0, 0x10000, 0x1000, smmu);
	map(smmu, 0, 0, 0x20000, 0x77, group);
	mapping(smmu, 0)->flags = cpu_to_le32(ACPI_IORT_SINGLE_MAPPING);
	map(smmu, 1, 0, 0x20000, 0x20000, group);
	CHECK_EQ(find(0, 8), 0);
	CHECK_EQ(device, 0x21008);
}

TEST(ways_that_go_in_circles_end)
{
	u32 smmu, root;

	start();
	smmu = add_node(4, 68, 1);
	root = add_root(0, 1);
	map(root, 0, 0, 0x10000, 0, smmu);
	map(smmu, 0, 0, 0x10000, 0, smmu);
	CHECK_EQ(find(0, 8), -EBADMSG);
}

TEST(an_its_group_without_an_its_is_none)
{
	struct acpi_iort_its_group *group;
	u32 at, root;

	start();
	at = add_group(0);
	group = (void *)(table.bytes + at);
	root = add_root(0, 1);
	map(root, 0, 0, 0x10000, 0, at);
	group->its_count = cpu_to_le32(0);
	CHECK_EQ(find(0, 8), -EBADMSG);
	group->its_count = cpu_to_le32(1);
	group->node.length = cpu_to_le16(20);
	CHECK_EQ(iort_find_its(header(), 0, 8, &its, &device), -ENOENT);
}

TEST(lying_offsets_lead_nowhere)
{
	static const u32 lies[] = { 0, 47, 0x7fffffff, UINT32_MAX };
	u32 group, root;

	start();
	group = add_group(0);
	root = add_root(0, 1);
	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		struct acpi_iort *iort = (void *)table.bytes;
		struct acpi_iort_node *node = (void *)(table.bytes + root);

		map(root, 0, 0, 0x10000, 0, lies[i]);
		CHECK_EQ(find(0, 8), -ENOENT);
		map(root, 0, 0, 0x10000, 0, group);
		node->mapping_count = cpu_to_le32(UINT32_MAX);
		CHECK_EQ(find(0, 8), 0);
		node->mapping_offset = cpu_to_le32(lies[i] ?: UINT32_MAX);
		CHECK_EQ(find(0, 8), -ENOENT);
		node->mapping_count = cpu_to_le32(1);
		node->mapping_offset = cpu_to_le32(36);
		iort->node_offset = cpu_to_le32(lies[i]);
		CHECK_EQ(find(0, 8), -ENOENT);
		iort->node_offset = cpu_to_le32(sizeof(*iort));
	}
}

/* Copied to the heap, where the sanitizer sees what is beyond. */
TEST(every_truncated_table_does_no_harm)
{
	u32 whole, root;

	start();
	root = add_root(0, 1);
	map(root, 0, 0, 0x10000, 0, table.size);
	add_group(0);
	whole = table.size;
	for (u32 size = sizeof(struct acpi_sdt_header); size <= whole; size++) {
		struct acpi_sdt_header *copy = malloc(size);

		memcpy(copy, table.bytes, size);
		copy->length = cpu_to_le32(size);
		CHECK_EQ(iort_find_its(copy, 0, 8, &its, &device) == 0,
			 size == whole);
		free(copy);
	}
}
