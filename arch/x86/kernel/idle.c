/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/arch_smp.h>
#include <kernel/cpu.h>
#include <kernel/virt/x86.h>

void native_idle_wait(void)
{
	cpu_sleep();
}

DEFINE_STATIC_CALL(idle_wait, native_idle_wait);
