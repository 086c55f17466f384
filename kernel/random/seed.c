/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the pool begins with: a seed that the loader or the hypervisor wrote
 * into the device tree, and what differs from machine to machine and boot to
 * boot without being a secret.
 */
#include <kernel/boot_info.h>
#include <kernel/cpu.h>
#include <kernel/fdt.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include "internal.h"

static struct random_source source = {
	.name = "rng-seed",
	.maker = RANDOM_BY_LOADER,
	.quality = 8,
};

static void stir_machine(void)
{
	u64 now = cpu_counter();

	random_stir(&now, sizeof(now));
	random_stir(boot_info.cmdline, strlen(boot_info.cmdline));
	random_stir(&boot_info.memmap, sizeof(boot_info.memmap));
}

/* It is for one use: whoever finds the tree later must not find it. */
static void use_seed(const struct fdt *fdt)
{
	u32 length;
	const void *seed = fdt_property(fdt, fdt_find(fdt, "/chosen"),
					"rng-seed", &length);

	if (!seed || !length)
		return;
	random_source_add(&source);
	random_add(&source, seed, length);
	wipe((void *)(uintptr_t)seed, length);
}

static int seed_init(void)
{
	const struct fdt *fdt = IS_ENABLED(CONFIG_FDT) ? fdt_machine() : NULL;

	stir_machine();
	if (fdt)
		use_seed(fdt);
	return 0;
}
initcall(INIT_TIME, seed_init);
