/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which memory and CPUs are near each other: the System Resource Affinity
 * Table and the System Locality Information Table, ACPI 6.5, 5.2.16 and 5.2.17.
 */
#pragma once

#include <abi/acpi.h>

#define ACPI_SRAT_SIGNATURE "SRAT"
/* Before this revision a proximity domain has 8 bits in types 0 and 1. */
#define ACPI_SRAT_REVISION_WIDE 2

struct acpi_srat {
	struct acpi_sdt_header header;
	le32 reserved1;
	le64 reserved2;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_srat) == 48, "SRAT");

enum acpi_srat_type {
	ACPI_SRAT_LOCAL_APIC = 0,
	ACPI_SRAT_MEMORY = 1,
	ACPI_SRAT_LOCAL_X2APIC = 2,
};

struct acpi_srat_entry {
	u8 type;
	u8 length; /* of the structure, this included */
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_srat_entry) == 2, "SRAT");

/* The same bit in all types; the others say nothing that matters here. */
#define ACPI_SRAT_ENABLED (1U << 0)
/* Of memory only. */
#define ACPI_SRAT_HOT_PLUGGABLE (1U << 1)
#define ACPI_SRAT_NON_VOLATILE	(1U << 2)

/* 5.2.16.1 */
struct acpi_srat_local_apic {
	struct acpi_srat_entry entry;
	u8 proximity_domain_low;
	u8 apic_id;
	le32 flags;
	u8 local_sapic_eid;
	u8 proximity_domain_high[3];
	le32 clock_domain;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_srat_local_apic) == 16, "SRAT local APIC");

/* 5.2.16.2 */
struct acpi_srat_memory {
	struct acpi_srat_entry entry;
	le32 proximity_domain;
	le16 reserved1;
	le64 base_address;
	le64 length;
	le32 reserved2;
	le32 flags;
	le64 reserved3;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_srat_memory) == 40, "SRAT memory");
_Static_assert(offsetof(struct acpi_srat_memory, base_address) == 8, "SRAT");
_Static_assert(offsetof(struct acpi_srat_memory, flags) == 28, "SRAT memory");

/* 5.2.16.3 */
struct acpi_srat_local_x2apic {
	struct acpi_srat_entry entry;
	le16 reserved1;
	le32 proximity_domain;
	le32 x2apic_id;
	le32 flags;
	le32 clock_domain;
	le32 reserved2;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_srat_local_x2apic) == 24, "SRAT x2APIC");

#define ACPI_SLIT_SIGNATURE   "SLIT"
#define ACPI_SLIT_LOCAL	      10
#define ACPI_SLIT_UNREACHABLE 255

struct acpi_slit {
	struct acpi_sdt_header header;
	le64 localities;
	u8 entry[]; /* localities * localities: from row to column */
} __attribute__((packed));
_Static_assert(offsetof(struct acpi_slit, entry) == 44, "SLIT");
