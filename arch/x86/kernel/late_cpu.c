/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/smp.h>
#include <kernel/param.h>

static unsigned late;
param_uint("late_cpu", late, "start CPU N only when it has been given up");

unsigned late_cpu(void)
{
	return late;
}
