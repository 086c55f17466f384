/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI configuration space: PCI Local Bus Specification 3.0 (PCI-SIG, 2004),
 * chapter 6, PCI-to-PCI Bridge Architecture 1.2, chapter 3, and PCI Express
 * Base Specification 5.0 (2019), chapter 7. Class codes: PCI Code and ID
 * Assignment Specification 1.12.
 */
#pragma once

#include <kernel/types.h>

#define PCI_CONFIG_SIZE	       256
#define PCIE_CONFIG_SIZE       4096
#define PCI_DEVICES_PER_BUS    32
#define PCI_FUNCTIONS_PER_SLOT 8

/* PCI 3.0, 3.2.2.3.2: configuration mechanism #1, two 32-bit I/O ports */
#define PCI_CONFIG_ADDRESS	  0xcf8
#define PCI_CONFIG_DATA		  0xcfc
#define PCI_CONFIG_ADDRESS_ENABLE 0x80000000U

/* PCIe 5.0, 7.2.2: ECAM has 4 KiB a function, so 1 MiB a bus */
#define PCIE_ECAM_BUS_SHIFT	 20
#define PCIE_ECAM_FUNCTION_SHIFT 12

/* PCI 3.0, 6.1: what all header types have in common */
enum pci_register {
	PCI_VENDOR_ID = 0x00,
	PCI_DEVICE_ID = 0x02,
	PCI_COMMAND = 0x04,
	PCI_STATUS = 0x06,
	PCI_REVISION_ID = 0x08,
	PCI_CLASS_PROG = 0x09,
	PCI_CLASS_DEVICE = 0x0a, /* 16 bits: class, subclass */
	PCI_HEADER_TYPE = 0x0e,
	PCI_BASE_ADDRESS_0 = 0x10,
	PCI_CAPABILITY_LIST = 0x34, /* 0x14 in header type 2 */
	PCI_INTERRUPT_LINE = 0x3c,
	PCI_INTERRUPT_PIN = 0x3d,

	/* header type 0 */
	PCI_SUBSYSTEM_VENDOR_ID = 0x2c,
	PCI_SUBSYSTEM_ID = 0x2e,
	PCI_ROM_ADDRESS = 0x30,

	/* header type 1: PCI-to-PCI bridge 1.2, 3.2 */
	PCI_PRIMARY_BUS = 0x18,
	PCI_SECONDARY_BUS = 0x19,
	PCI_SUBORDINATE_BUS = 0x1a,
	PCI_IO_BASE = 0x1c,
	PCI_IO_LIMIT = 0x1d,
	PCI_MEMORY_BASE = 0x20,
	PCI_MEMORY_LIMIT = 0x22,
	PCI_PREF_MEMORY_BASE = 0x24,
	PCI_PREF_MEMORY_LIMIT = 0x26,
	PCI_PREF_BASE_UPPER32 = 0x28,
	PCI_PREF_LIMIT_UPPER32 = 0x2c,
	PCI_IO_BASE_UPPER16 = 0x30,
	PCI_IO_LIMIT_UPPER16 = 0x32,
	PCI_BRIDGE_ROM_ADDRESS = 0x38,
	PCI_BRIDGE_CONTROL = 0x3e,

	/* header type 2: PC Card Standard 8.0 */
	PCI_CARDBUS_CAPABILITY_LIST = 0x14,
};

/* In PCI_INTERRUPT_LINE: the pin is not connected. PCI 3.0, 6.2.4. */
#define PCI_INTERRUPT_LINE_NONE 0xff

/* 6.2.1: what reads as this is not there */
#define PCI_VENDOR_NONE 0xffff

/* 6.2.2 PCI_COMMAND */
#define PCI_COMMAND_IO		 0x0001
#define PCI_COMMAND_MEMORY	 0x0002
#define PCI_COMMAND_MASTER	 0x0004
#define PCI_COMMAND_INTX_DISABLE 0x0400

/* 6.2.3 PCI_STATUS */
#define PCI_STATUS_CAP_LIST	0x0010
#define PCI_STATUS_66MHZ	0x0020
#define PCI_STATUS_FAST_BACK	0x0080
#define PCI_STATUS_DEVSEL_MASK	0x0600
#define PCI_STATUS_DEVSEL_SHIFT 9

/* 6.2.1 PCI_HEADER_TYPE */
#define PCI_HEADER_TYPE_MASK	 0x7f
#define PCI_HEADER_TYPE_NORMAL	 0
#define PCI_HEADER_TYPE_BRIDGE	 1
#define PCI_HEADER_TYPE_CARDBUS	 2
#define PCI_HEADER_MULTIFUNCTION 0x80

/* 6.2.5.1 base address registers */
#define PCI_BAR_IO	       0x1U
#define PCI_BAR_IO_RESERVED    0x2U
#define PCI_BAR_IO_MASK	       0xfffffffcU
#define PCI_BAR_TYPE_MASK      0x6U
#define PCI_BAR_TYPE_32	       0x0U
#define PCI_BAR_TYPE_1M	       0x2U /* below 1 MiB; obsolete since 2.2 */
#define PCI_BAR_TYPE_64	       0x4U
#define PCI_BAR_PREFETCHABLE   0x8U
#define PCI_BAR_MEMORY_MASK    0xfffffff0U
#define PCI_ROM_ADDRESS_ENABLE 0x1U
#define PCI_ROM_ADDRESS_MASK   0xfffff800U

/* PCI-to-PCI bridge 1.2, 3.2.5: low bits of the windows' registers */
#define PCI_IO_WINDOW_MASK   0xf0
#define PCI_IO_WINDOW_32     0x01
#define PCI_IO_WINDOW_ALIGN  0x1000U
#define PCI_MEM_WINDOW_MASK  0xfff0
#define PCI_MEM_WINDOW_64    0x0001 /* of the prefetchable one */
#define PCI_MEM_WINDOW_ALIGN 0x100000U

/* 3.2.5.18 PCI_BRIDGE_CONTROL */
#define PCI_BRIDGE_CONTROL_BUS_RESET 0x0040

/* 6.3 and 6.7: capabilities are at 0x40 to 0xfc, on 4-byte boundaries */
#define PCI_CAPABILITY_FIRST 0x40
#define PCI_CAPABILITY_ALIGN 4
/* Each has at least the ID and the pointer to the next one. */
#define PCI_CAPABILITIES_MAX \
 ((PCI_CONFIG_SIZE - PCI_CAPABILITY_FIRST) / PCI_CAPABILITY_ALIGN)

enum pci_capability {
	PCI_CAP_POWER = 0x01,
	PCI_CAP_AGP = 0x02,
	PCI_CAP_VPD = 0x03,
	PCI_CAP_SLOT_ID = 0x04,
	PCI_CAP_MSI = 0x05,
	PCI_CAP_HOTSWAP = 0x06,
	PCI_CAP_PCIX = 0x07,
	PCI_CAP_HYPERTRANSPORT = 0x08,
	PCI_CAP_VENDOR = 0x09,
	PCI_CAP_DEBUG_PORT = 0x0a,
	PCI_CAP_CPCI = 0x0b,
	PCI_CAP_HOTPLUG = 0x0c,
	PCI_CAP_SUBSYSTEM_ID = 0x0d,
	PCI_CAP_AGP8 = 0x0e,
	PCI_CAP_SECURE = 0x0f,
	PCI_CAP_EXPRESS = 0x10,
	PCI_CAP_MSIX = 0x11,
	PCI_CAP_SATA = 0x12,
	PCI_CAP_AF = 0x13,
	PCI_CAP_EA = 0x14,
};

/* PCIe 5.0, 7.6: extended capabilities, at 0x100 to 0xffc */
#define PCIE_CAPABILITY_FIRST 0x100
#define PCIE_CAPABILITIES_MAX \
 ((PCIE_CONFIG_SIZE - PCIE_CAPABILITY_FIRST) / PCI_CAPABILITY_ALIGN)
#define PCIE_CAP_ID(header)	 ((header)&0xffff)
#define PCIE_CAP_VERSION(header) ((header) >> 16 & 0xf)
#define PCIE_CAP_NEXT(header)	 ((header) >> 20)

enum pcie_capability {
	PCIE_CAP_AER = 0x0001,
	PCIE_CAP_VC = 0x0002,
	PCIE_CAP_SERIAL = 0x0003,
	PCIE_CAP_VENDOR = 0x000b,
	PCIE_CAP_ACS = 0x000d,
	PCIE_CAP_ARI = 0x000e,
	PCIE_CAP_ATS = 0x000f,
	PCIE_CAP_SRIOV = 0x0010,
	PCIE_CAP_PRI = 0x0013,
	PCIE_CAP_RESIZABLE_BAR = 0x0015,
	PCIE_CAP_LTR = 0x0018,
	PCIE_CAP_SECONDARY = 0x0019,
	PCIE_CAP_PASID = 0x001b,
	PCIE_CAP_L1SS = 0x001e,
	PCIE_CAP_DVSEC = 0x0023,
};

/* 6.8.1 MSI, offsets from the capability */
#define PCI_MSI_CONTROL		    2
#define PCI_MSI_CONTROL_ENABLE	    0x0001
#define PCI_MSI_CONTROL_CAPABLE(c)  ((c) >> 1 & 7) /* log2 of vectors */
#define PCI_MSI_CONTROL_ENABLED(c)  ((c) >> 4 & 7)
#define PCI_MSI_CONTROL_COUNT(log2) ((log2) << 4)
#define PCI_MSI_CONTROL_COUNT_MASK  0x0070
#define PCI_MSI_CONTROL_64	    0x0080
#define PCI_MSI_CONTROL_MASKABLE    0x0100
#define PCI_MSI_VECTORS_LOG2_MAX    5
#define PCI_MSI_SIZE_32		    10
#define PCI_MSI_SIZE_64		    14
#define PCI_MSI_SIZE_MASK_EXTENSION 10
#define PCI_MSI_ADDRESS		    4
#define PCI_MSI_ADDRESS_HIGH	    8 /* if 64 bits */
#define PCI_MSI_DATA_32		    8
#define PCI_MSI_DATA_64		    12
#define PCI_MSI_MASK_32		    12 /* if maskable */
#define PCI_MSI_MASK_64		    16

/* 6.8.2 MSI-X, offsets from the capability, and its table */
#define PCI_MSIX_CONTROL	 2
#define PCI_MSIX_TABLE		 4
#define PCI_MSIX_PBA		 8
#define PCI_MSIX_SIZE		 12
#define PCI_MSIX_CONTROL_ENABLE	 0x8000
#define PCI_MSIX_CONTROL_MASK	 0x4000
#define PCI_MSIX_CONTROL_SIZE(c) (((c)&0x7ff) + 1)
#define PCI_MSIX_BIR_MASK	 0x7U
#define PCI_MSIX_VECTOR_MASKED	 0x1U

struct pci_msix_entry {
	le32 address_low;
	le32 address_high;
	le32 data;
	le32 vector_control;
};
_Static_assert(sizeof(struct pci_msix_entry) == 16, "MSI-X table entry");

/* PCIe 5.0, 7.5.3 PCI Express capability, offsets from it */
#define PCIE_FLAGS		 2
#define PCIE_FLAGS_VERSION(f)	 ((f)&0xf)
#define PCIE_FLAGS_TYPE(f)	 ((f) >> 4 & 0xf)
#define PCIE_FLAGS_SLOT		 0x0100
#define PCIE_DEVICE_CAPABILITIES 4
#define PCIE_DEVCAP_FLR		 0x10000000U
#define PCIE_DEVICE_CONTROL	 8
#define PCIE_DEVCTL_INITIATE_FLR 0x8000
#define PCIE_DEVICE_STATUS	 10
#define PCIE_DEVSTA_TRANSACTIONS 0x20
#define PCIE_FLR_MS		 100 /* 6.6.2: until it can be used */
#define PCIE_FLAGS_MESSAGE(f)	 ((f) >> 9 & 0x1f)

/* 7.5.3.9 to 7.5.3.11: slots, of ports with PCIE_FLAGS_SLOT */
#define PCIE_SLOT_CAPABILITIES	 0x14
#define PCIE_SLOTCAP_POWER	 0x00000002U
#define PCIE_SLOTCAP_HOTPLUG	 0x00000040U
#define PCIE_SLOTCAP_NO_COMPLETE 0x00040000U
#define PCIE_SLOT_CONTROL	 0x18
#define PCIE_SLOTCTL_BUTTON	 0x0001
#define PCIE_SLOTCTL_PRESENCE	 0x0008
#define PCIE_SLOTCTL_COMPLETED	 0x0010
#define PCIE_SLOTCTL_INTERRUPT	 0x0020
#define PCIE_SLOTCTL_POWER_LED	 0x0300
#define PCIE_SLOTCTL_LED_ON	 0x0100
#define PCIE_SLOTCTL_LED_OFF	 0x0300
#define PCIE_SLOTCTL_POWER_OFF	 0x0400
#define PCIE_SLOTCTL_LINK	 0x1000
#define PCIE_SLOT_STATUS	 0x1a
#define PCIE_SLOTSTA_BUTTON	 0x0001 /* these are cleared by writing them */
#define PCIE_SLOTSTA_FAULT	 0x0002
#define PCIE_SLOTSTA_LATCH	 0x0004
#define PCIE_SLOTSTA_PRESENCE	 0x0008
#define PCIE_SLOTSTA_COMPLETED	 0x0010
#define PCIE_SLOTSTA_PRESENT	 0x0040
#define PCIE_SLOTSTA_LINK	 0x0100
#define PCIE_SLOT_SIZE		 0x1c

enum pcie_port_type {
	PCIE_ENDPOINT = 0x0,
	PCIE_LEGACY_ENDPOINT = 0x1,
	PCIE_ROOT_PORT = 0x4,
	PCIE_UPSTREAM_PORT = 0x5,
	PCIE_DOWNSTREAM_PORT = 0x6,
	PCIE_TO_PCI_BRIDGE = 0x7,
	PCI_TO_PCIE_BRIDGE = 0x8,
	PCIE_ROOT_COMPLEX_ENDPOINT = 0x9,
	PCIE_ROOT_COMPLEX_COLLECTOR = 0xa,
};

/* Conventional PCI Advanced Features ECN (2006): function-level reset */
#define PCI_AF_CAPABILITIES	3
#define PCI_AF_CAP_TRANSACTIONS 0x01
#define PCI_AF_CAP_FLR		0x02
#define PCI_AF_CONTROL		4
#define PCI_AF_INITIATE_FLR	0x01
#define PCI_AF_STATUS		5
#define PCI_AF_SIZE		6
#define PCI_AF_TRANSACTIONS	0x01

/* PCI_CLASS_DEVICE */
#define PCI_CLASS_BASE_DISPLAY	 0x03
#define PCI_CLASS_HOST_BRIDGE	 0x0600
#define PCI_CLASS_PCI_BRIDGE	 0x0604
#define PCI_CLASS_BASE_UNDEFINED 0xff
