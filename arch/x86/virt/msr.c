/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/msr.h>
#include <kernel/virt/msr.h>

int virt_rdmsr(u32 msr, u64 *value)
{
	return rdmsr_safe(msr, value);
}
