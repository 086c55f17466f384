/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/errno.h>
#include <kernel/smp.h>
#include <kernel/static_call.h>

int static_call_patch(void *name, const void *fn)
{
	if (cpumask_count(&cpu_online_mask) > 1)
		return -EBUSY;
	return arch_static_call_patch(name, fn);
}
