/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's pci-testdev: QEMU, docs/specs/pci-testdev. Region 0 is memory. A
 * test's number is written to `test`; then a write of `data` to `offset`,
 * `width` bytes wide, adds 1 to `count`.
 */
#pragma once

#include <kernel/types.h>

#define PCI_TESTDEV_VENDOR 0x1b36
#define PCI_TESTDEV_DEVICE 0x0005
#define PCI_TESTDEV_SIZE   4096

enum pci_testdev_register {
	PCI_TESTDEV_TEST = 0,	/* 8 bits */
	PCI_TESTDEV_WIDTH = 1,	/* 8 bits */
	PCI_TESTDEV_OFFSET = 4, /* 32 bits */
	PCI_TESTDEV_DATA = 8,	/* 32 bits */
	PCI_TESTDEV_COUNT = 12, /* 32 bits */
	PCI_TESTDEV_NAME = 16,
};
