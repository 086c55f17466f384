/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generation of a virtual machine: 16 bytes in its memory that the host
 * changes whenever the machine goes on as a copy or from an earlier state.
 * Microsoft, "Virtual Machine Generation ID"; QEMU, docs/specs/vmgenid; Linux,
 * Documentation/devicetree/bindings/rng/microsoft,vmgenid.yaml.
 */
#pragma once

#define VMGENID_SIZE	   16 /* a GUID, on an address that is a multiple of 8 */
#define VMGENID_ALIGN	   8
#define VMGENID_COMPATIBLE "microsoft,vmgenid"

/* _CID of the device in ACPI, and as some have its _HID */
#define VMGENID_CID	  "VM_Gen_Counter"
#define VMGENID_CID_UPPER "VM_GEN_COUNTER"
#define VMGENID_HID	  "VMGENCTR"

/*
 * QEMU's ADDR is a method, which adds this to the integer VGIA: what its
 * firmware found memory for begins there.
 */
#define VMGENID_QEMU_HID    "QEMUVGID"
#define VMGENID_QEMU_BASE   "VGIA"
#define VMGENID_QEMU_OFFSET 40
