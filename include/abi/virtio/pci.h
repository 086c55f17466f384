/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtio over PCI: virtio 1.3, 4.1. */
#pragma once

#include <kernel/types.h>

/*
 * Device IDs (4.1.2): a type's own are 0x1040 and the type; those of before
 * 1.0 say the type in the subsystem ID (4.1.2.3).
 */
#define VIRTIO_PCI_VENDOR	   0x1af4
#define VIRTIO_PCI_DEVICE_LEGACY   0x1000 /* transitional or legacy ... */
#define VIRTIO_PCI_DEVICE_MODERN   0x1040 /* ... below this */
#define VIRTIO_PCI_DEVICE_LAST	   0x107f
#define VIRTIO_PCI_REVISION_LEGACY 0

/* cfg_type of a vendor-specific capability (4.1.4) */
enum virtio_pci_cfg_type {
	VIRTIO_PCI_CAP_COMMON_CFG = 1,
	VIRTIO_PCI_CAP_NOTIFY_CFG = 2,
	VIRTIO_PCI_CAP_ISR_CFG = 3,
	VIRTIO_PCI_CAP_DEVICE_CFG = 4,
	VIRTIO_PCI_CAP_PCI_CFG = 5,
	VIRTIO_PCI_CAP_SHARED_MEMORY_CFG = 8,
	VIRTIO_PCI_CAP_VENDOR_CFG = 9,
};

struct virtio_pci_cap {
	u8 cap_vndr; /* PCI_CAP_VENDOR */
	u8 cap_next;
	u8 cap_len;
	u8 cfg_type;
	u8 bar; /* 0 to 5 */
	u8 id;	/* which of several shared memory regions */
	u8 padding[2];
	le32 offset; /* in the BAR */
	le32 length;
};
_Static_assert(sizeof(struct virtio_pci_cap) == 16, "virtio 1.3, 4.1.4");

/* VIRTIO_PCI_CAP_SHARED_MEMORY_CFG (4.1.4.7) */
struct virtio_pci_cap64 {
	struct virtio_pci_cap cap;
	le32 offset_hi;
	le32 length_hi;
};
_Static_assert(sizeof(struct virtio_pci_cap64) == 24, "virtio 1.3, 4.1.4");

/* VIRTIO_PCI_CAP_NOTIFY_CFG (4.1.4.4) */
struct virtio_pci_notify_cap {
	struct virtio_pci_cap cap;
	le32 notify_off_multiplier;
};
_Static_assert(sizeof(struct virtio_pci_notify_cap) == 20,
	       "virtio 1.3, 4.1.4.4");

/* VIRTIO_PCI_CAP_PCI_CFG (4.1.4.9) */
struct virtio_pci_cfg_cap {
	struct virtio_pci_cap cap;
	u8 pci_cfg_data[4];
};
_Static_assert(sizeof(struct virtio_pci_cfg_cap) == 20, "virtio 1.3, 4.1.4.9");

/* 4.1.4.3 */
struct virtio_pci_common_cfg {
	le32 device_feature_select;
	le32 device_feature;
	le32 driver_feature_select;
	le32 driver_feature;
	le16 config_msix_vector;
	le16 num_queues;
	u8 device_status;
	u8 config_generation;
	/* of the queue selected */
	le16 queue_select;
	le16 queue_size;
	le16 queue_msix_vector;
	le16 queue_enable;
	le16 queue_notify_off;
	le32 queue_desc[2]; /* low half, high half; so are the next two */
	le32 queue_driver[2];
	le32 queue_device[2];
	le16 queue_notif_config_data; /* VIRTIO_F_NOTIF_CONFIG_DATA */
	le16 queue_reset;	      /* VIRTIO_F_RING_RESET */
	le16 admin_queue_index;	      /* VIRTIO_F_ADMIN_VQ */
	le16 admin_queue_num;
};
_Static_assert(sizeof(struct virtio_pci_common_cfg) == 64,
	       "virtio 1.3, 4.1.4.3");
_Static_assert(offsetof(struct virtio_pci_common_cfg, device_status) == 20,
	       "virtio 1.3, 4.1.4.3");
_Static_assert(offsetof(struct virtio_pci_common_cfg, queue_desc) == 32,
	       "virtio 1.3, 4.1.4.3");
_Static_assert(offsetof(struct virtio_pci_common_cfg,
			queue_notif_config_data) == 56,
	       "virtio 1.3, 4.1.4.3");

/* What every device has of it; the rest comes with features. */
#define VIRTIO_PCI_COMMON_CFG_MIN \
 offsetof(struct virtio_pci_common_cfg, queue_notif_config_data)

/* ISR status (4.1.4.5); reading it clears it */
#define VIRTIO_ISR_QUEUE  0x01
#define VIRTIO_ISR_CONFIG 0x02

/* 4.1.5.1.2 */
#define VIRTIO_MSI_NO_VECTOR 0xffff

/* The legacy interface, in the I/O ports of region 0 (4.1.4.10) */
enum virtio_pci_legacy_register {
	VIRTIO_PCI_LEGACY_DEVICE_FEATURES = 0x00, /* 32 bits */
	VIRTIO_PCI_LEGACY_DRIVER_FEATURES = 0x04, /* 32 */
	VIRTIO_PCI_LEGACY_QUEUE_ADDRESS = 0x08,	  /* 32, in pages */
	VIRTIO_PCI_LEGACY_QUEUE_SIZE = 0x0c,	  /* 16 */
	VIRTIO_PCI_LEGACY_QUEUE_SELECT = 0x0e,	  /* 16 */
	VIRTIO_PCI_LEGACY_QUEUE_NOTIFY = 0x10,	  /* 16 */
	VIRTIO_PCI_LEGACY_STATUS = 0x12,	  /* 8 */
	VIRTIO_PCI_LEGACY_ISR = 0x13,		  /* 8 */
	/* while MSI-X is enabled */
	VIRTIO_PCI_LEGACY_CONFIG_VECTOR = 0x14, /* 16 */
	VIRTIO_PCI_LEGACY_QUEUE_VECTOR = 0x16,	/* 16 */
};

/* Where the device configuration begins, without and with MSI-X enabled */
#define VIRTIO_PCI_LEGACY_CONFIG      0x14
#define VIRTIO_PCI_LEGACY_CONFIG_MSIX 0x18
/* Alignment of a queue and of its used ring (4.1.5.1.3.1) */
#define VIRTIO_PCI_LEGACY_ALIGN 4096
