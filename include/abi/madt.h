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
	ACPI_MADT_LOCAL_APIC = 0,
	ACPI_MADT_IO_APIC = 1,
	ACPI_MADT_INTERRUPT_OVERRIDE = 2,
	ACPI_MADT_LOCAL_APIC_NMI = 4,
	ACPI_MADT_LOCAL_X2APIC = 9,
	ACPI_MADT_WAKEUP = 16,
};

/* What every structure behind the table's head begins with. */
struct acpi_madt_entry {
	u8 type;
	u8 length; /* of the structure, this included */
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_entry) == 2, "MADT");

/* Table 5.22: local APIC flags */
#define ACPI_MADT_ENABLED	 (1U << 0)
#define ACPI_MADT_ONLINE_CAPABLE (1U << 1) /* may be plugged in later */

/* 5.2.12.2 */
struct acpi_madt_local_apic {
	struct acpi_madt_entry entry;
	u8 acpi_processor_uid;
	u8 apic_id;
	le32 flags;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_local_apic) == 8, "local APIC");

/* 5.2.12.12 */
struct acpi_madt_local_x2apic {
	struct acpi_madt_entry entry;
	le16 reserved;
	le32 x2apic_id;
	le32 flags;
	le32 acpi_processor_uid;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_local_x2apic) == 16, "local x2APIC");

/* 5.2.12.19: how CPUs are started where INIT and SIPI are not possible */
struct acpi_madt_wakeup {
	struct acpi_madt_entry entry;
	le16 mailbox_version;
	le32 reserved;
	le64 mailbox_address;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_madt_wakeup) == 16, "wakeup structure");

#define ACPI_WAKEUP_VERSION 0

/* Table 5.44: the mailbox, 4 KiB in ACPI NVS memory */
struct acpi_wakeup_mailbox {
	le16 command;
	le16 reserved;
	le32 apic_id;
	le64 wakeup_vector;
	u8 reserved_for_os[2032];
	u8 reserved_for_firmware[2048];
};
_Static_assert(sizeof(struct acpi_wakeup_mailbox) == 4096, "mailbox");

enum acpi_wakeup_command {
	ACPI_WAKEUP_NOOP = 0, /* what firmware sets when it has answered */
	ACPI_WAKEUP_START = 1,
};

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
