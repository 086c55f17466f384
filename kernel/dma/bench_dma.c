/* SPDX-License-Identifier: BSD-2-Clause */
/* What a mapping costs: of the memory itself, and of a copy in a pool. */
#include <kernel/bench.h>
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include "pool.h"

#define POOL_ORDER 11 /* 8 MiB: an area for each of up to 8 CPUs */
#define BYTES	   2048

static struct device dev;
static phys_addr_t pool_block, data_block;

static int setup_pool(void)
{
	pool_block = alloc_pages(POOL_ORDER, 0);
	data_block = alloc_pages(0, ALLOC_ZERO);
	if (pool_block && data_block)
		dev.dma_pool = dma_pool_create("bench", pool_block,
					       PAGE_SIZE << POOL_ORDER);
	if (dev.dma_pool)
		return 0;
	if (pool_block)
		free_pages(pool_block, POOL_ORDER);
	if (data_block)
		free_pages(data_block, 0);
	return -ENOMEM;
}

static void teardown_pool(void)
{
	if (!dma_pool_destroy(dev.dma_pool))
		free_pages(pool_block, POOL_ORDER);
	free_pages(data_block, 0);
	dev.dma_pool = NULL;
}

static void map_once(enum dma_direction direction)
{
	dma_addr_t address;

	if (!dma_map(&dev, phys_to_virt(data_block), BYTES, direction,
		     &address))
		dma_unmap(&dev, address, BYTES, direction);
}

static void map_to(u64 count)
{
	while (count--)
		map_once(DMA_TO_DEVICE);
}

static void map_from(u64 count)
{
	while (count--)
		map_once(DMA_FROM_DEVICE);
}

static void map_as_others(void)
{
	map_once(DMA_TO_DEVICE);
}

static int setup_busy_pool(void)
{
	int ret = setup_pool();

	if (ret)
		return ret;
	ret = bench_others_begin(map_as_others);
	if (ret)
		teardown_pool();
	return ret;
}

static void teardown_busy_pool(void)
{
	bench_others_end();
	teardown_pool();
}

static const struct bench_case dma_cases[] = { { .name = "to_2k",
						 .setup = setup_pool,
						 .run = map_to,
						 .teardown = teardown_pool },
					       { .name = "from_2k",
						 .setup = setup_pool,
						 .run = map_from,
						 .teardown = teardown_pool },
					       { .name = "to_2k_others_too",
						 .setup = setup_busy_pool,
						 .run = map_to,
						 .teardown =
							 teardown_busy_pool },
					       {} };
BENCH_SUITE(dma, "dma", dma_cases);
