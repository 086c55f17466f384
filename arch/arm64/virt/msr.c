/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/errno.h>
#include <kernel/virt/msr.h>

/* There are none. */
int virt_rdmsr(u32 msr __unused, u64 *value __unused)
{
	return -EIO;
}
