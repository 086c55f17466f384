/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads. */
#include <kernel/preempt.h>

struct thread boot_thread = { .name = "boot" };

void preempt_schedule(void)
{
}
