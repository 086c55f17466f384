/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's pvpanic: QEMU, docs/specs/pvpanic. One register of 8 bits: reading
 * tells which events can be reported, writing reports one.
 */
#pragma once

#define PVPANIC_HID	   "QEMU0001" /* in ACPI */
#define PVPANIC_COMPATIBLE "qemu,pvpanic-mmio"

#define PVPANIC_PCI_VENDOR 0x1b36
#define PVPANIC_PCI_DEVICE 0x0011 /* the register is in region 0 */

enum pvpanic_event {
	PVPANIC_PANICKED = 0x01,
	/* A kernel that was loaded to record the crash will report it. */
	PVPANIC_CRASH_LOADED = 0x02,
	/* It leaves in good order. Since QEMU 9.1. */
	PVPANIC_SHUTDOWN = 0x04,
};
