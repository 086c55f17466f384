/* SPDX-License-Identifier: BSD-2-Clause */
/* The `swiotlb` command. */
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include "pool.h"

static void print_pool(struct dma_pool *pool)
{
	struct dma_pool_stats stats;

	dma_pool_get_stats(pool, &stats);
	console_printf("%s: [mem 0x%016lx-0x%016lx], %u slots of %u bytes "
		       "in %u areas\n",
		       pool->name, pool->start, (pool->start + pool->size),
		       pool->slots, DMA_SLOT_BYTES, pool->areas);
	console_printf("  slots used: %u, at most %u (sum of the areas)\n",
		       stats.used, stats.used_max);
	console_printf("  mappings: %lu, %lu found it full, %lu wrong "
		       "ends, %lu bytes copied\n",
		       stats.mapped, stats.failed, stats.refused, stats.copied);
}

static int command_swiotlb(int argc, char **argv __unused)
{
	struct dma_pool *pool = dma_pool_next(NULL);

	if (argc != 1)
		return -EINVAL;
	if (!pool)
		console_puts("No pools: devices reach all memory.\n");
	for (; pool; pool = dma_pool_next(pool))
		print_pool(pool);
	return 0;
}
SHELL_COMMAND(swiotlb, "", "Show the pools of bounce buffers for devices",
	      command_swiotlb);
