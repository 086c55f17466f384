/* SPDX-License-Identifier: BSD-2-Clause */
/* Semihosting for AArch64, version 2.0 (Arm's abi-aa repository). */
#pragma once

#define SEMIHOSTING_HLT		  0xf000 /* immediate of the HLT */
#define SEMIHOSTING_EXIT_EXTENDED 0x20
/* First word of its block; the second is the exit status. */
#define SEMIHOSTING_APPLICATION_EXIT 0x20026
