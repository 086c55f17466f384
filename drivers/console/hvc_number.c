/* SPDX-License-Identifier: BSD-2-Clause */
/* Which consoles called hvc there are. */
#include <drivers/hvc.h>
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/vsprintf.h>

static u32 numbers; /* in use, a bit each; atomic */

int hvc_take_number(char *name)
{
	for (unsigned i = 0; i < HVC_MAX; i++) {
		if (atomic_fetch_or(&numbers, BIT(i)) & BIT(i))
			continue;
		snprintf(name, HVC_NAME_MAX, "hvc%u", i);
		return (int)i;
	}
	return -ENOSPC;
}

void hvc_give_number(unsigned number)
{
	atomic_fetch_and(&numbers, ~BIT(number));
}
