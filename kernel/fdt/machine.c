/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree that the machine came with. */
#define pr_fmt(fmt) "fdt: " fmt

#include <abi/fdt/fdt.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>

static struct fdt machine;

const struct fdt *fdt_machine(void)
{
	return machine.structure ? &machine : NULL;
}

int fdt_machine_open(phys_addr_t phys, u32 *size)
{
	const void *blob = memremap(phys, sizeof(struct fdt_header), MEMORY_WB);
	int ret = -EINVAL;

	*size = blob ? fdt_blob_size(blob) : 0;
	if (*size > FDT_MAX_BYTES)
		ret = -EBADMSG;
	else if (*size)
		blob = memremap(phys, *size, MEMORY_WB);
	if (*size && *size <= FDT_MAX_BYTES)
		ret = blob ? fdt_open(&machine, blob, *size) : -ENOMEM;
	if (ret)
		pr_err("the device tree at %#lx is malformed (error %d): "
		       "ignored",
		       phys, -ret);
	return ret;
}

int fdt_machine_move(const void *blob)
{
	/* Whoever has the old one may have changed it meanwhile. */
	int ret = fdt_open(&machine, blob, machine.total_size);

	if (ret)
		pr_err("the device tree changed under way (error %d): ignored",
		       -ret);
	return ret;
}
