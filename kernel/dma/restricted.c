/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Restricted DMA pools: memory that the device tree sets aside as all that
 * some devices reach ("restricted-dma-pool" in /reserved-memory).
 */
#define pr_fmt(fmt) "software IO TLB: " fmt

#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/init.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/page.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "pool.h"

static bool overlap(phys_addr_t a, u64 a_size, phys_addr_t b, u64 b_size)
{
	return a_size && b_size && a < b + b_size && b < a + a_size;
}

/* True if a pool is all around it, as the boot has found already. */
static bool is_in_pool(phys_addr_t start, phys_addr_t end)
{
	const struct memmap *map = bootmem_map();

	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		if (e->type == MEMMAP_DMA_POOL && e->start <= start &&
		    start < end && end <= e->end)
			return true;
	}
	return false;
}

/* A copy elsewhere of what is at *@start, if that is in a pool; else NULL. */
static void *copy_out(phys_addr_t *start, u64 size)
{
	phys_addr_t block;

	if (!is_in_pool(*start, *start + size))
		return NULL;
	block = alloc_pages(page_order_for(size), 0);
	if (!block)
		return NULL;
	memcpy(phys_to_virt(block), phys_to_virt(*start), size);
	*start = block;
	return phys_to_virt(block);
}

static u64 fdt_size(void)
{
	return fdt_machine() ? fdt_machine()->total_size : 0;
}

/*
 * Before anybody keeps what points into them, but after there is memory: the
 * files of kernel/mm are linked earlier.
 */
static int dma_clear_pools(void)
{
	const void *fdt = copy_out(&boot_info.fdt, fdt_size());

	copy_out(&boot_info.initrd, boot_info.initrd_size);
	return fdt ? fdt_machine_move(fdt) : 0;
}
initcall(INIT_MEMORY, dma_clear_pools);

/*
 * What is wrong with the range, or NULL. The boot has marked it; where
 * anything else claims a part of it, that claim has won.
 */
static const char *problem(phys_addr_t start, u64 size)
{
	phys_addr_t end = start + size;

	if (end <= start || end > arch_phys_end())
		return "it is out of the CPU's reach";
	for (struct dma_pool *p = dma_pool_next(NULL); p; p = dma_pool_next(p))
		if (overlap(start, size, p->start, p->size))
			return "another pool is there";
	if (overlap(start, size, boot_info.fdt, fdt_size()) ||
	    overlap(start, size, boot_info.initrd, boot_info.initrd_size))
		return "what the loader left there could not be moved";
	return is_in_pool(start, end)
		       ? NULL
		       : "it is used for something else, or must not be mapped";
}

static struct dma_pool *make_pool(const struct fdt *fdt, int node)
{
	const char *why = "it has no place";
	struct dma_pool *pool = NULL;
	phys_addr_t start;
	u64 size;

	if (fdt_reg(fdt, node, 0, &start, &size)) {
		why = problem(start, size);
		if (!why)
			pool = dma_pool_create(fdt_name(fdt, node), start,
					       size);
	}
	if (pool) {
		dma_pool_announce(pool);
		return pool;
	}
	pr_err("%s: %s: its devices cannot be used", fdt_name(fdt, node),
	       why ? why : "it is too small, or memory is short");
	return &dma_no_pool;
}

/* The pool of @node, made when the first device refers to it. */
static struct dma_pool *pool_of(const struct fdt *fdt, int node)
{
	struct dma_pool *pool = dma_pool_next(NULL);

	/* The root, 0, is no pool's node: those without a node have that. */
	while (pool && pool->fdt_node != node)
		pool = dma_pool_next(pool);
	if (pool)
		return pool;
	pool = make_pool(fdt, node);
	if (pool != &dma_no_pool)
		pool->fdt_node = node;
	return pool;
}

struct dma_pool *dma_pool_for_node(int node)
{
	const struct fdt *fdt = fdt_machine();
	u32 phandle;

	if (!fdt)
		return NULL;
	for (unsigned i = 0; fdt_cell(fdt, node, "memory-region", i, &phandle);
	     i++) {
		int region = fdt_find_phandle(fdt, phandle);

		if (fdt_is_compatible(fdt, region, "restricted-dma-pool") &&
		    fdt_is_available(fdt, region))
			return pool_of(fdt, region);
	}
	return NULL;
}
