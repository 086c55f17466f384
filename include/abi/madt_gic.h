/* SPDX-License-Identifier: BSD-2-Clause */
/* The GIC's structures in the MADT: ACPI 6.5, 5.2.12.14 to 5.2.12.18. */
#pragma once

#include <abi/madt.h>

#define ACPI_MADT_GICC	  0x0b
#define ACPI_MADT_GICD	  0x0c
#define ACPI_MADT_GIC_MSI 0x0d
#define ACPI_MADT_GICR	  0x0e
#define ACPI_MADT_GIC_ITS 0x0f

/* 5.2.12.14; as of ACPI 5.1, later versions are longer. */
struct acpi_madt_gicc {
	struct acpi_madt_entry entry;
	le16 reserved0;
	le32 cpu_interface_number;
	le32 acpi_processor_uid;
	le32 flags;
	le32 parking_protocol_version;
	le32 performance_interrupt;
	le64 parked_address;
	le64 physical_base_address; /* of a GICv2's CPU interface */
	le64 gicv;
	le64 gich;
	le32 vgic_maintenance_interrupt;
	le64 gicr_base_address;
	le64 mpidr;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_gicc) == 76, "GICC");
_Static_assert(offsetof(struct acpi_madt_gicc, mpidr) == 68, "GICC");

#define ACPI_MADT_GICC_ENABLED	      (1U << 0)
#define ACPI_MADT_GICC_ONLINE_CAPABLE (1U << 3)

/* 5.2.12.15 */
struct acpi_madt_gicd {
	struct acpi_madt_entry entry;
	le16 reserved0;
	le32 gic_id;
	le64 physical_base_address;
	le32 system_vector_base;
	u8 gic_version;
	u8 reserved1[3];
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_gicd) == 24, "GICD");

/* 5.2.12.16 */
struct acpi_madt_gic_msi_frame {
	struct acpi_madt_entry entry;
	le16 reserved0;
	le32 msi_frame_id;
	le64 physical_base_address;
	le32 flags; /* bit 0: take what follows, not what the frame says */
	le16 spi_count;
	le16 spi_base;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_gic_msi_frame) == 24, "MSI frame");

/* 5.2.12.17 */
struct acpi_madt_gicr {
	struct acpi_madt_entry entry;
	le16 reserved0;
	le64 range_base_address;
	le32 range_length;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_gicr) == 16, "GICR");

/* 5.2.12.18 */
struct acpi_madt_gic_its {
	struct acpi_madt_entry entry;
	le16 reserved0;
	le32 translation_id; /* that the IORT knows it by */
	le64 physical_base_address;
	le32 reserved1;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_gic_its) == 20, "ITS");
_Static_assert(offsetof(struct acpi_madt_gic_its, physical_base_address) == 8,
	       "ITS");
