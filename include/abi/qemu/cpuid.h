/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's own CPU emulation: QEMU, target/i386/cpu.c. Its leaf 1 is zero. */
#pragma once

#define QEMU_TCG_SIGNATURE "TCGTCGTCGTCG"

_Static_assert(sizeof(QEMU_TCG_SIGNATURE) == 12 + 1, "EBX, ECX, EDX");
