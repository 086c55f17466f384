/* SPDX-License-Identifier: BSD-2-Clause */
/* A seed that the loader or the hypervisor wrote into the device tree. */
#include <kernel/fdt.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include "internal.h"

static struct random_source source = {
	.name = "rng-seed",
	.maker = RANDOM_BY_LOADER,
	.quality = 8,
};

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

static int seed_fdt_init(void)
{
	const struct fdt *fdt = fdt_machine();

	if (fdt)
		use_seed(fdt);
	return 0;
}
initcall(INIT_TIME, seed_fdt_init);
