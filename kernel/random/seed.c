/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the pool begins with: what differs from machine to machine and from
 * boot to boot without being a secret.
 */
#include <kernel/boot_info.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include "internal.h"

static int seed_init(void)
{
	u64 now = cpu_counter();

	random_stir(&now, sizeof(now));
	random_stir(boot_info.cmdline, strlen(boot_info.cmdline));
	random_stir(&boot_info.memmap, sizeof(boot_info.memmap));
	return 0;
}
initcall(INIT_TIME, seed_init);
