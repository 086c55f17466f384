/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/cpu.h>
#include <kernel/virt/arm64.h>

u64 virt_counter(void)
{
	return cpu_counter();
}

u64 virt_physical_counter(void)
{
	isb();
	return sysreg_read(cntpct_el0);
}
