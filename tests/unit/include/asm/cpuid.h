/* SPDX-License-Identifier: BSD-2-Clause */
/* <asm/cpuid.h> for host tests: the test says what the CPU answers. */
#pragma once

#include <kernel/types.h>

struct cpuid_regs {
	u32 eax, ebx, ecx, edx;
};

void cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *r);
