/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/msr.h>
#include <kernel/virt/x86.h>
#include <kernel/virt/msr.h>

int virt_rdmsr(u32 msr, u64 *value)
{
	return rdmsr_safe(msr, value);
}

int virt_wrmsr(u32 msr, u64 value)
{
	return wrmsr_safe(msr, value);
}
