/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's switch: docs/specs/rocker.txt of QEMU 7.2, "Test Registers". */
#pragma once

#define ROCKER_VENDOR 0x1b36
#define ROCKER_DEVICE 0x0006
#define ROCKER_SIZE   0x2000 /* of region 0 */

/* Writing n sends message n of MSI-X; 32 bits. */
#define ROCKER_TEST_IRQ 0x0020
