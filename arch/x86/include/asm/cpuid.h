/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPUID instruction (Intel SDM volume 2, AMD APM volume 3). */
#pragma once

#include <kernel/types.h>

struct cpuid_regs {
	u32 eax, ebx, ecx, edx;
};

/**
 * Execute CPUID with EAX = @leaf and ECX = @subleaf. Any context. A leaf the
 * CPU does not have returns anything, on Intel the data of the highest basic
 * leaf: check the maximum first.
 */
static inline void cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *r)
{
	__asm__ __volatile__("cpuid"
			     : "=a"(r->eax), "=b"(r->ebx), "=c"(r->ecx),
			       "=d"(r->edx)
			     : "a"(leaf), "c"(subleaf));
}
