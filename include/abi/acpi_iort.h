/* SPDX-License-Identifier: BSD-2-Clause */
/* I/O Remapping Table: Arm DEN 0049E.e, chapter 3. */
#pragma once

#include <abi/acpi.h>

#define ACPI_IORT_SIGNATURE "IORT"

struct acpi_iort {
	struct acpi_sdt_header header;
	le32 node_count;
	le32 node_offset;
	le32 reserved;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_iort) == 48, "IORT");

#define ACPI_IORT_ITS_GROUP 0
#define ACPI_IORT_PCI_ROOT  2

struct acpi_iort_node {
	u8 type;
	le16 length;
	u8 revision;
	le32 identifier;
	le32 mapping_count;
	le32 mapping_offset; /* from the node */
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_iort_node) == 16, "IORT node");
_Static_assert(offsetof(struct acpi_iort_node, length) == 1, "IORT node");

/* 3.1.1.1 */
struct acpi_iort_its_group {
	struct acpi_iort_node node;
	le32 its_count;
	le32 its[];
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_iort_its_group) == 20, "ITS group");

/* 3.1.1.3, up to what is needed here */
struct acpi_iort_pci_root {
	struct acpi_iort_node node;
	le64 memory_access;
	le32 ats;
	le32 segment;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_iort_pci_root) == 32, "PCI root complex");

/* 3.1.2 */
struct acpi_iort_mapping {
	le32 input_base;
	le32 id_count; /* less one */
	le32 output_base;
	le32 output_reference; /* a node, from the table */
	le32 flags;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_iort_mapping) == 20, "ID mapping");

#define ACPI_IORT_SINGLE_MAPPING 0x1 /* of flags: no input, one output */
