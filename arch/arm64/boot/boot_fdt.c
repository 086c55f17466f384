/* SPDX-License-Identifier: BSD-2-Clause */
/* What the device tree says about the boot: memory, command line, initrd. */
#define pr_fmt(fmt) "fdt: " fmt

#include <asm/boot.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/printk.h>
#include <kernel/string.h>

static bool is_memory(const struct fdt *fdt, int node)
{
	const char *type = fdt_string(fdt, node, "device_type");

	return type && !strcmp(type, "memory") && fdt_is_available(fdt, node);
}

static void read_memory(const struct fdt *fdt, struct boot_info *bi)
{
	fdt_for_each_child(fdt, node, FDT_ROOT) {
		phys_addr_t start;
		u64 size;

		if (!is_memory(fdt, node))
			continue;
		for (unsigned i = 0; fdt_reg(fdt, node, i, &start, &size); i++)
			memmap_add(&bi->memmap, start, size, MEMMAP_RAM);
	}
}

static enum memmap_type reserved_type(const struct fdt *fdt, int node)
{
	if (fdt_has(fdt, node, "no-map"))
		return MEMMAP_RESERVED;
	return fdt_is_compatible(fdt, node, "restricted-dma-pool")
		       ? MEMMAP_DMA_POOL
		       : MEMMAP_KERNEL;
}

/* One part of RAM that is somebody's, or a range that must not be mapped. */
static void reserve(const struct fdt *fdt, int node, struct boot_info *bi)
{
	enum memmap_type type = reserved_type(fdt, node);
	phys_addr_t start;
	u64 size;

	for (unsigned i = 0; fdt_reg(fdt, node, i, &start, &size); i++)
		memmap_add(&bi->memmap, start, size, type);
	if (type == MEMMAP_DMA_POOL && !IS_ENABLED(CONFIG_DMA_POOL))
		pr_warn("%s: devices that need it cannot be used: built "
			"without CONFIG_DMA_POOL",
			fdt_name(fdt, node));
	if (!fdt_has(fdt, node, "reg"))
		pr_notice("%s has no place of its own: ignored",
			  fdt_name(fdt, node));
}

static void read_reserved(const struct fdt *fdt, struct boot_info *bi)
{
	int parent = fdt_find(fdt, "/reserved-memory");
	phys_addr_t start;
	u64 size;

	fdt_for_each_child(fdt, node, parent)
		if (fdt_is_available(fdt, node))
			reserve(fdt, node, bi);
	for (unsigned i = 0; fdt_reservation(fdt, i, &start, &size); i++)
		memmap_add(&bi->memmap, start, size, MEMMAP_KERNEL);
}

/*
 * What the loader has put there is in use. A loader that knows nothing of
 * restricted DMA pools may have put it into one: then it is taken out of it
 * before a device gets that (kernel/dma/restricted.c).
 */
static void claim(struct boot_info *bi, phys_addr_t start, u64 size)
{
	const struct memmap *map = &bi->memmap;

	for (unsigned i = 0; i < map->count; i++)
		if (map->entries[i].type == MEMMAP_DMA_POOL &&
		    map->entries[i].start <= start &&
		    start + size <= map->entries[i].end)
			return;
	memmap_add(&bi->memmap, start, size, MEMMAP_KERNEL);
}

/* A number of one or two cells: loaders write both. */
static bool read_number(const struct fdt *fdt, int node, const char *name,
			u64 *value)
{
	u32 high, low;

	if (!fdt_cell(fdt, node, name, 0, &high))
		return false;
	*value = fdt_cell(fdt, node, name, 1, &low) ? (u64)high << 32 | low
						    : high;
	return true;
}

static void read_initrd(const struct fdt *fdt, int chosen, struct boot_info *bi)
{
	u64 start, end;

	if (!read_number(fdt, chosen, "linux,initrd-start", &start) ||
	    !read_number(fdt, chosen, "linux,initrd-end", &end))
		return;
	if (end <= start) {
		pr_warn("initrd at %#lx ends at %#lx: ignored", start, end);
		return;
	}
	claim(bi, start, end - start);
	bi->initrd = start;
	bi->initrd_size = end - start;
}

static void read_chosen(const struct fdt *fdt, struct boot_info *bi)
{
	int chosen = fdt_find(fdt, "/chosen");
	const char *text = fdt_string(fdt, chosen, "bootargs");

	if (text && !*bi->cmdline)
		boot_set_cmdline(bi, text, strlen(text));
	read_initrd(fdt, chosen, bi);
}

int boot_read_fdt(phys_addr_t phys, struct boot_info *bi)
{
	const struct fdt *fdt;
	u32 size;
	int ret = fdt_machine_open(phys, &size);

	if (ret)
		return ret;
	fdt = fdt_machine();
	bi->fdt = phys;
	read_reserved(fdt, bi);
	claim(bi, phys, size);
	read_chosen(fdt, bi);
	/* UEFI's map of the memory is the better one. */
	if (!bi->efi_system_table)
		read_memory(fdt, bi);
	return 0;
}
