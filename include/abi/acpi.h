/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Table layouts of ACPI 6.5 (UEFI Forum, August 2022), chapter 5, and of the
 * SPCR (Microsoft, Serial Port Console Redirection Table, revision 4). Tables
 * may be shorter than these structures when their revision is older: check
 * header.length before each field.
 */
#pragma once

#include <kernel/types.h>

/* 5.2.5.3 Root System Description Pointer */
#define ACPI_RSDP_SIGNATURE   "RSD PTR "
#define ACPI_RSDP_V1_LENGTH   20 /* what `checksum` covers */
#define ACPI_RSDP_ALIGNMENT   16
#define ACPI_EBDA_SEARCH_SIZE 1024 /* 5.2.5.1 */

struct acpi_rsdp {
	char signature[8];
	u8 checksum;
	char oem_id[6];
	u8 revision; /* 0: ACPI 1.0, without what follows rsdt_address */
	le32 rsdt_address;
	le32 length;
	le64 xsdt_address;
	u8 extended_checksum;
	u8 reserved[3];
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_rsdp) == 36, "RSDP");
_Static_assert(offsetof(struct acpi_rsdp, rsdt_address) == 16, "RSDP");
_Static_assert(offsetof(struct acpi_rsdp, xsdt_address) == 24, "RSDP");

/* 5.2.6 System Description Table Header */
struct acpi_sdt_header {
	char signature[4];
	le32 length; /* of the whole table, this header included */
	u8 revision;
	u8 checksum; /* makes all `length` bytes add up to 0 */
	char oem_id[6];
	char oem_table_id[8];
	le32 oem_revision;
	char creator_id[4];
	le32 creator_revision;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_sdt_header) == 36, "SDT header");
_Static_assert(offsetof(struct acpi_sdt_header, oem_id) == 10, "SDT header");

/* 5.2.7 and 5.2.8: arrays of physical addresses follow */
struct acpi_rsdt {
	struct acpi_sdt_header header;
	le32 entry[];
} __attribute__((packed));

struct acpi_xsdt {
	struct acpi_sdt_header header;
	le64 entry[];
} __attribute__((packed));
_Static_assert(offsetof(struct acpi_xsdt, entry) == 36, "XSDT");

/* 5.2.3.2 Generic Address Structure */
enum acpi_address_space {
	ACPI_SPACE_MEMORY = 0,
	ACPI_SPACE_IO = 1,
	ACPI_SPACE_PCI_CONFIG = 2,
	ACPI_SPACE_FIXED_HARDWARE = 0x7f,
};

/* Values of access_size. */
enum acpi_access_size {
	ACPI_ACCESS_UNDEFINED,
	ACPI_ACCESS_BYTE,
	ACPI_ACCESS_WORD,
	ACPI_ACCESS_DWORD,
	ACPI_ACCESS_QWORD,
};

struct acpi_gas {
	u8 address_space_id;
	u8 register_bit_width;
	u8 register_bit_offset;
	u8 access_size;
	le64 address;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_gas) == 12, "GAS");
_Static_assert(offsetof(struct acpi_gas, address) == 4, "GAS");

/* 5.2.9 Fixed ACPI Description Table, through revision 6 */
#define ACPI_FADT_SIGNATURE "FACP"
#define ACPI_FADT_V1_LENGTH 116 /* ACPI 1.0: ends after `flags` */

struct acpi_fadt {
	struct acpi_sdt_header header;
	le32 firmware_ctrl;
	le32 dsdt;
	u8 reserved0;
	u8 preferred_pm_profile;
	le16 sci_int;
	le32 smi_cmd;
	u8 acpi_enable;
	u8 acpi_disable;
	u8 s4bios_req;
	u8 pstate_cnt;
	le32 pm1a_evt_blk;
	le32 pm1b_evt_blk;
	le32 pm1a_cnt_blk;
	le32 pm1b_cnt_blk;
	le32 pm2_cnt_blk;
	le32 pm_tmr_blk;
	le32 gpe0_blk;
	le32 gpe1_blk;
	u8 pm1_evt_len;
	u8 pm1_cnt_len;
	u8 pm2_cnt_len;
	u8 pm_tmr_len;
	u8 gpe0_blk_len;
	u8 gpe1_blk_len;
	u8 gpe1_base;
	u8 cst_cnt;
	le16 p_lvl2_lat;
	le16 p_lvl3_lat;
	le16 flush_size;
	le16 flush_stride;
	u8 duty_offset;
	u8 duty_width;
	u8 day_alrm;
	u8 mon_alrm;
	u8 century;
	le16 iapc_boot_arch;
	u8 reserved1;
	le32 flags;
	struct acpi_gas reset_reg;
	u8 reset_value;
	le16 arm_boot_arch;
	u8 fadt_minor_version;
	le64 x_firmware_ctrl;
	le64 x_dsdt;
	struct acpi_gas x_pm1a_evt_blk;
	struct acpi_gas x_pm1b_evt_blk;
	struct acpi_gas x_pm1a_cnt_blk;
	struct acpi_gas x_pm1b_cnt_blk;
	struct acpi_gas x_pm2_cnt_blk;
	struct acpi_gas x_pm_tmr_blk;
	struct acpi_gas x_gpe0_blk;
	struct acpi_gas x_gpe1_blk;
	struct acpi_gas sleep_control_reg;
	struct acpi_gas sleep_status_reg;
	char hypervisor_vendor_identity[8];
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_fadt) == 276, "FADT");
_Static_assert(offsetof(struct acpi_fadt, pm1a_cnt_blk) == 64, "FADT");
_Static_assert(offsetof(struct acpi_fadt, pm1_cnt_len) == 89, "FADT");
_Static_assert(offsetof(struct acpi_fadt, iapc_boot_arch) == 109, "FADT");
_Static_assert(offsetof(struct acpi_fadt, flags) == 112, "FADT");
_Static_assert(offsetof(struct acpi_fadt, reset_reg) == 116, "FADT");
_Static_assert(offsetof(struct acpi_fadt, x_dsdt) == 140, "FADT");
_Static_assert(offsetof(struct acpi_fadt, x_pm1a_cnt_blk) == 172, "FADT");
_Static_assert(offsetof(struct acpi_fadt, sleep_control_reg) == 244, "FADT");

/* 5.2.9.3 iapc_boot_arch */
#define ACPI_FADT_LEGACY_DEVICES (1U << 0)
#define ACPI_FADT_8042		 (1U << 1)
#define ACPI_FADT_NO_VGA	 (1U << 2)
#define ACPI_FADT_NO_MSI	 (1U << 3)
#define ACPI_FADT_NO_CMOS_RTC	 (1U << 5)

/* 5.2.9.4 arm_boot_arch */
#define ACPI_FADT_PSCI	   (1U << 0)
#define ACPI_FADT_PSCI_HVC (1U << 1)

/* 5.2.9 flags */
#define ACPI_FADT_PWR_BUTTON	    (1U << 4) /* not fixed hardware */
#define ACPI_FADT_TMR_VAL_EXT	    (1U << 8)
#define ACPI_FADT_RESET_REG_SUP	    (1U << 10)
#define ACPI_FADT_HW_REDUCED_ACPI   (1U << 20)
#define ACPI_FADT_LOW_POWER_S0_IDLE (1U << 21)

/* 4.8.3.1 PM1 event registers: status, then enable, each half of the block */
#define ACPI_PM1_EVT_LEN_MIN 4
#define ACPI_PM1_PWRBTN	     (1U << 8) /* _STS, written to clear; _EN */

/* 4.8.3.2.1 PM1 control registers */
#define ACPI_PM1_SCI_EN	       (1U << 0)
#define ACPI_PM1_SLP_TYP_SHIFT 10
#define ACPI_PM1_SLP_TYP_MASK  (7U << ACPI_PM1_SLP_TYP_SHIFT)
#define ACPI_PM1_SLP_EN	       (1U << 13)

/* 4.8.3.7 sleep control and status registers of hardware-reduced ACPI */
#define ACPI_SLEEP_CONTROL_SLP_TYP_SHIFT 2
#define ACPI_SLEEP_CONTROL_SLP_TYP_MASK	 (7U << 2)
#define ACPI_SLEEP_CONTROL_SLP_EN	 (1U << 5)
#define ACPI_SLEEP_STATUS_WAK_STS	 (1U << 7)

/* SPCR. Interface types: Microsoft's DBG2 table, serial subtypes. */
#define ACPI_SPCR_SIGNATURE "SPCR"

enum acpi_spcr_interface {
	ACPI_SPCR_16550 = 0x00,
	ACPI_SPCR_16450 = 0x01,
	ACPI_SPCR_PL011 = 0x03,
	ACPI_SPCR_SBSA_32BIT = 0x0d,
	ACPI_SPCR_SBSA = 0x0e,
	ACPI_SPCR_16550_GAS = 0x12, /* with the address as the GAS says */
};

/* configured_baud_rate: 0 leaves the rate as firmware set it. */
enum acpi_spcr_baud {
	ACPI_SPCR_BAUD_AS_IS = 0,
	ACPI_SPCR_BAUD_9600 = 3,
	ACPI_SPCR_BAUD_19200 = 4,
	ACPI_SPCR_BAUD_57600 = 6,
	ACPI_SPCR_BAUD_115200 = 7,
};

#define ACPI_SPCR_V2_LENGTH 80

struct acpi_spcr {
	struct acpi_sdt_header header;
	u8 interface_type;
	u8 reserved0[3];
	struct acpi_gas base_address;
	u8 interrupt_type;
	u8 irq;
	le32 global_system_interrupt;
	u8 configured_baud_rate;
	u8 parity;
	u8 stop_bits;
	u8 flow_control;
	u8 terminal_type;
	u8 language;
	le16 pci_device_id;
	le16 pci_vendor_id;
	u8 pci_bus;
	u8 pci_device;
	u8 pci_function;
	le32 pci_flags;
	u8 pci_segment;
	le32 uart_clock_frequency; /* revision 3: Hz, 0 unknown */
	le32 precise_baud_rate;	   /* revision 4: 0 see configured_baud_rate */
	le16 namespace_string_length;
	le16 namespace_string_offset;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_spcr) == 88, "SPCR");
_Static_assert(offsetof(struct acpi_spcr, base_address) == 40, "SPCR");
_Static_assert(offsetof(struct acpi_spcr, configured_baud_rate) == 58, "SPCR");
_Static_assert(offsetof(struct acpi_spcr, uart_clock_frequency) == 76, "SPCR");

/* Chapter 20.2: AML, as much of it as says something without running it */
enum acpi_aml_op {
	ACPI_AML_ZERO_OP = 0x00,
	ACPI_AML_ONE_OP = 0x01,
	ACPI_AML_ALIAS_OP = 0x06,
	ACPI_AML_NAME_OP = 0x08,
	ACPI_AML_BYTE_PREFIX = 0x0a,
	ACPI_AML_WORD_PREFIX = 0x0b,
	ACPI_AML_DWORD_PREFIX = 0x0c,
	ACPI_AML_STRING_PREFIX = 0x0d,
	ACPI_AML_QWORD_PREFIX = 0x0e,
	ACPI_AML_SCOPE_OP = 0x10,
	ACPI_AML_BUFFER_OP = 0x11,
	ACPI_AML_PACKAGE_OP = 0x12,
	ACPI_AML_VAR_PACKAGE_OP = 0x13,
	ACPI_AML_METHOD_OP = 0x14,
	ACPI_AML_EXTERNAL_OP = 0x15,
	ACPI_AML_DUAL_NAME_PREFIX = 0x2e,
	ACPI_AML_MULTI_NAME_PREFIX = 0x2f,
	ACPI_AML_EXT_OP_PREFIX = 0x5b,
	ACPI_AML_ROOT_CHAR = 0x5c,
	ACPI_AML_PARENT_CHAR = 0x5e,
	ACPI_AML_NOTIFY_OP = 0x86,
	ACPI_AML_CREATE_DWORD_FIELD_OP = 0x8a,
	ACPI_AML_CREATE_WORD_FIELD_OP = 0x8b,
	ACPI_AML_CREATE_BYTE_FIELD_OP = 0x8c,
	ACPI_AML_CREATE_BIT_FIELD_OP = 0x8d,
	ACPI_AML_CREATE_QWORD_FIELD_OP = 0x8f,
	ACPI_AML_IF_OP = 0xa0,
	ACPI_AML_ELSE_OP = 0xa1,
	ACPI_AML_WHILE_OP = 0xa2,
	ACPI_AML_NOOP_OP = 0xa3,
	ACPI_AML_ONES_OP = 0xff,
};

/* behind ACPI_AML_EXT_OP_PREFIX */
enum acpi_aml_ext_op {
	ACPI_AML_MUTEX_OP = 0x01,
	ACPI_AML_EVENT_OP = 0x02,
	ACPI_AML_OP_REGION_OP = 0x80,
	ACPI_AML_FIELD_OP = 0x81,
	ACPI_AML_DEVICE_OP = 0x82,
	ACPI_AML_PROCESSOR_OP = 0x83,
	ACPI_AML_POWER_RESOURCE_OP = 0x84,
	ACPI_AML_THERMAL_ZONE_OP = 0x85,
	ACPI_AML_INDEX_FIELD_OP = 0x86,
	ACPI_AML_BANK_FIELD_OP = 0x87,
};

#define ACPI_AML_PKG_LENGTH_MAX 4 /* bytes of a PkgLength encoding */
#define ACPI_AML_NAME_SIZE	4 /* of one segment */

/* 6.3.7: what _STA says; without it all bits are set */
#define ACPI_STA_PRESENT 0x01U

/* 6.1.5: EISA's compressed form, bytes swapped: three letters, four digits */
#define ACPI_EISA_LETTER(id, n) ((char)('@' + ((id) >> (26 - 5 * (n)) & 0x1f)))
#define ACPI_EISA_DIGITS(id)	((id)&0xffff)

/* 6.4: descriptors of a resource template */
#define ACPI_RESOURCE_LARGE	 0x80 /* else the length is in the low bits */
#define ACPI_RESOURCE_SMALL_SIZE 0x07
#define ACPI_RESOURCE_END_TAG	 0x78 /* and a length: bits 3 to 6 tell */
#define ACPI_RESOURCE_SMALL_MASK 0x78

enum acpi_resource_small {
	ACPI_RESOURCE_IO = 0x40,
	ACPI_RESOURCE_FIXED_IO = 0x48,
};

/* 6.4.2.5 and 6.4.2.6; both begin behind the type */
struct acpi_resource_io {
	u8 information;
	le16 minimum;
	le16 maximum;
	u8 alignment;
	u8 length;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_resource_io) == 7, "6.4.2.5");

struct acpi_resource_fixed_io {
	le16 base;
	u8 length;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_resource_fixed_io) == 3, "6.4.2.6");

enum acpi_resource_large {
	ACPI_RESOURCE_MEMORY32_FIXED = 0x86,
	ACPI_RESOURCE_ADDRESS32 = 0x87,
	ACPI_RESOURCE_INTERRUPT = 0x89,
	ACPI_RESOURCE_ADDRESS64 = 0x8a,
};

/* 6.4.3.4; all begin behind type and length */
struct acpi_resource_memory32_fixed {
	u8 information;
	le32 base;
	le32 length;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_resource_memory32_fixed) == 9, "6.4.3.4");

/* 6.4.3.5.2 and 6.4.3.5.1 */
#define ACPI_RESOURCE_ADDRESS_MEMORY 0 /* resource_type */

struct acpi_resource_address32 {
	u8 resource_type;
	u8 general_flags;
	u8 type_flags;
	le32 granularity;
	le32 minimum;
	le32 maximum;
	le32 translation;
	le32 length;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_resource_address32) == 23, "6.4.3.5.2");

struct acpi_resource_address64 {
	u8 resource_type;
	u8 general_flags;
	u8 type_flags;
	le64 granularity;
	le64 minimum;
	le64 maximum;
	le64 translation;
	le64 length;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_resource_address64) == 43, "6.4.3.5.1");

/* 6.4.3.6 */
struct acpi_resource_interrupt {
	u8 flags;
	u8 count;
	le32 interrupt[]; /* global system interrupts */
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_resource_interrupt) == 2, "6.4.3.6");

#define ACPI_INTERRUPT_EDGE 0x02
#define ACPI_INTERRUPT_LOW  0x04
