/* SPDX-License-Identifier: BSD-2-Clause */
/* The Multiple APIC Description Table: ACPI 6.5, 5.2.12. */
#pragma once

#include <abi/acpi.h>

#define ACPI_MADT_SIGNATURE   "APIC"
#define ACPI_MADT_PCAT_COMPAT (1U << 0) /* there are two 8259s as well */

struct acpi_madt {
	struct acpi_sdt_header header;
	le32 local_apic_address;
	le32 flags;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt) == 44, "MADT");

enum acpi_madt_type {
	ACPI_MADT_IO_APIC = 1,
	ACPI_MADT_INTERRUPT_OVERRIDE = 2,
	ACPI_MADT_LOCAL_APIC_NMI = 4,
};

/* What every structure behind the table's head begins with. */
struct acpi_madt_entry {
	u8 type;
	u8 length; /* of the structure, this included */
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_entry) == 2, "MADT");

/* 5.2.12.3 */
struct acpi_madt_io_apic {
	struct acpi_madt_entry entry;
	u8 io_apic_id;
	u8 reserved;
	le32 io_apic_address;
	le32 global_system_interrupt_base;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_io_apic) == 12, "I/O APIC");

/* 5.2.12.5 */
struct acpi_madt_interrupt_override {
	struct acpi_madt_entry entry;
	u8 bus; /* 0: ISA */
	u8 source;
	le32 global_system_interrupt;
	le16 flags;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_interrupt_override) == 10, "override");

/* Table 5.26: MPS INTI flags */
#define ACPI_MPS_POLARITY      0x3U
#define ACPI_MPS_POLARITY_HIGH 0x1U
#define ACPI_MPS_POLARITY_LOW  0x3U
#define ACPI_MPS_TRIGGER       0xcU
#define ACPI_MPS_TRIGGER_EDGE  0x4U
#define ACPI_MPS_TRIGGER_LEVEL 0xcU

/* 5.2.12.7 */
#define ACPI_MADT_ALL_PROCESSORS 0xff

struct acpi_madt_local_apic_nmi {
	struct acpi_madt_entry entry;
	u8 acpi_processor_uid;
	le16 flags;
	u8 local_apic_lint;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_local_apic_nmi) == 6, "local APIC NMI");
