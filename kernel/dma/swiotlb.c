/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool of devices that have none of their own, if they are to have one. */
#define pr_fmt(fmt) "software IO TLB: " fmt

#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm/page.h>
#include <kernel/mutex.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "pool.h"

/* Linux's default; and nobody gets along with less than 1 MiB. */
#define POOL_BYTES     (64ULL << 20)
#define POOL_ORDER_MIN 8

/* "access-platform" and its terminator. */
#define WORD_BYTES 16

static struct {
	u32 slots; /* 0: nobody said */
	bool force;
	bool never;
	bool access_platform;
} option;

static int take_word(const char *word)
{
	u64 slots;
	int ret;

	if (!strcmp(word, "force") || !strcmp(word, "noforce")) {
		option.force = *word == 'f';
		option.never = !option.force;
		return 0;
	}
	if (!strcmp(word, "access-platform")) {
		option.access_platform = true;
		return 0;
	}
	ret = kstrtou64(word, 0, &slots);
	if (ret)
		return ret;
	if (!slots || slots > DMA_POOL_BYTES_MAX >> DMA_SLOT_SHIFT)
		return -ERANGE;
	option.slots = (u32)slots;
	return 0;
}

static int swiotlb(const struct param *p __unused, const char *value)
{
	int ret = value ? 0 : -EINVAL;

	while (!ret) {
		const char *comma = strchr(value, ',');
		size_t n = comma ? (size_t)(comma - value) : strlen(value);
		char word[WORD_BYTES];

		if (n >= sizeof(word))
			return -EINVAL;
		memcpy(word, value, n);
		word[n] = '\0';
		ret = take_word(word);
		if (!comma)
			break;
		value = comma + 1;
	}
	return ret;
}
param_call("swiotlb", swiotlb,
	   "bounce buffers: SLOTS of 2 KiB, force, noforce, access-platform");

/*
 * A block below 4 GiB. Without a wish no more than a quarter of what is free,
 * else a half.
 */
static phys_addr_t find_block(u64 wish, unsigned *order)
{
	u64 most = page_free_count() * PAGE_SIZE / (option.slots ? 2 : 4);
	phys_addr_t phys = 0;

	for (*order = page_order_for(wish); *order >= POOL_ORDER_MIN;
	     --*order) {
		if ((u64)PAGE_SIZE << *order <= most)
			phys = alloc_pages(*order, ALLOC_BELOW_4G);
		if (phys)
			break;
	}
	return phys;
}

static struct dma_pool *make_pool(void)
{
	u64 wish =
		option.slots ? (u64)option.slots << DMA_SLOT_SHIFT : POOL_BYTES;
	struct dma_pool *pool;
	unsigned order;
	phys_addr_t phys;

	wish = MAX(wish, (u64)PAGE_SIZE << POOL_ORDER_MIN);
	phys = find_block(wish, &order);
	if (!phys)
		return NULL;
	pool = dma_pool_create("default", phys, (u64)PAGE_SIZE << order);
	if (!pool) {
		free_pages(phys, order);
		return NULL;
	}
	if (pool->size < wish)
		pr_notice("%luMB do not fit into this machine's memory",
			  wish >> 20);
	dma_pool_announce(pool);
	return pool;
}

/* Made when somebody needs it. NULL: no memory. */
static struct dma_pool *default_pool(void)
{
	static struct dma_pool *pool;
	static struct mutex mutex;

	mutex_lock(&mutex);
	if (!pool)
		pool = make_pool();
	mutex_unlock(&mutex);
	return pool;
}

int dma_limit_to_platform(struct device *dev)
{
	if (dev->dma_pool || !option.access_platform || option.never)
		return 0;
	dev->dma_pool = default_pool();
	return dev->dma_pool ? 0 : -ENOMEM;
}

/* Before there are devices. */
static int swiotlb_init(void)
{
	if (!option.force)
		return 0;
	device_root_dma_pool = default_pool();
	if (device_root_dma_pool)
		return 0;
	/* Who asks for it does not want devices to reach all. */
	device_root_dma_pool = &dma_no_pool;
	return -ENOMEM;
}
initcall(INIT_SCHED, swiotlb_init);
