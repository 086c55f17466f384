/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/byteorder.h>
#include <kernel/compiler.h>
#include <kernel/errno.h>
#include <kernel/iort.h>

/* Nodes on the way from a root complex: SMMUs. Longer ways go in circles. */
#define HOPS_MAX 4

/* The node at @offset of the table if it is whole and inside, or NULL. */
static const struct acpi_iort_node *node_at(const struct acpi_sdt_header *iort,
					    u32 offset)
{
	const struct acpi_iort_node *node =
		(const void *)((const u8 *)iort + offset);
	u32 length = le32_to_cpu(iort->length);

	if (offset < sizeof(struct acpi_iort) || offset > length ||
	    length - offset < sizeof(*node))
		return NULL;
	return le16_to_cpu(node->length) >= sizeof(*node) &&
			       le16_to_cpu(node->length) <= length - offset
		       ? node
		       : NULL;
}

static bool is_root(const struct acpi_iort_node *node, u16 segment)
{
	const struct acpi_iort_pci_root *root = (const void *)node;

	return node->type == ACPI_IORT_PCI_ROOT &&
	       le16_to_cpu(node->length) >= sizeof(*root) &&
	       le32_to_cpu(root->segment) == segment;
}

/* Each node is at least its header, so that this ends. */
static const struct acpi_iort_node *find_root(
	const struct acpi_sdt_header *iort, u16 segment)
{
	const struct acpi_iort *table = (const void *)iort;
	const struct acpi_iort_node *node;
	u32 offset;

	if (le32_to_cpu(iort->length) < sizeof(*table))
		return NULL;
	offset = le32_to_cpu(table->node_offset);
	while ((node = node_at(iort, offset)) && !is_root(node, segment))
		offset += le16_to_cpu(node->length);
	return node;
}

/* The node's @index-th mapping, or NULL. */
static const struct acpi_iort_mapping *mapping_at(
	const struct acpi_iort_node *node, u32 index)
{
	u32 offset = le32_to_cpu(node->mapping_offset);
	u32 length = le16_to_cpu(node->length);

	if (index >= le32_to_cpu(node->mapping_count) || offset > length ||
	    index >= (length - offset) / sizeof(struct acpi_iort_mapping))
		return NULL;
	return (const struct acpi_iort_mapping *)((const u8 *)node + offset) +
	       index;
}

/* One step: *@id becomes the number that the node it returns knows. */
static const struct acpi_iort_node *step(const struct acpi_sdt_header *iort,
					 const struct acpi_iort_node *node,
					 u32 *id)
{
	const struct acpi_iort_mapping *m;

	for (u32 i = 0; (m = mapping_at(node, i)); i++) {
		u32 offset = *id - le32_to_cpu(m->input_base);

		/* Single ones are for messages of the node itself. */
		if (le32_to_cpu(m->flags) & ACPI_IORT_SINGLE_MAPPING ||
		    *id < le32_to_cpu(m->input_base) ||
		    offset > le32_to_cpu(m->id_count))
			continue;
		*id = le32_to_cpu(m->output_base) + offset;
		return node_at(iort, le32_to_cpu(m->output_reference));
	}
	return NULL;
}

int iort_find_its(const struct acpi_sdt_header *iort, u16 segment,
		  u16 requester, u32 *its, u32 *device)
{
	const struct acpi_iort_node *node = find_root(iort, segment);
	const struct acpi_iort_its_group *group;

	*device = requester;
	for (unsigned i = 0;
	     node && node->type != ACPI_IORT_ITS_GROUP && i < HOPS_MAX; i++)
		node = step(iort, node, device);
	if (!node)
		return -ENOENT;
	group = (const void *)node;
	if (node->type != ACPI_IORT_ITS_GROUP ||
	    le16_to_cpu(node->length) <
		    sizeof(*group) + sizeof(group->its[0]) ||
	    !group->its_count)
		return -EBADMSG;
	*its = le32_to_cpu(group->its[0]);
	return 0;
}
