/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects of any size: caches by powers of two, pages for what is larger. */
#define pr_fmt(fmt) "memory: " fmt

#include "slab.h"
#include "frames.h"
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/string.h>

#define CLASS_MIN_SHIFT 4  /* 16 bytes */
#define CLASS_MAX_SHIFT 13 /* KMALLOC_CLASS_MAX */
#define CLASSES		(CLASS_MAX_SHIFT - CLASS_MIN_SHIFT + 1)

_Static_assert(KMALLOC_CLASS_MAX == 1 << CLASS_MAX_SHIFT, "classes");

static struct kmem_cache classes[CLASSES];
static struct kmem_stats stats; /* updated atomically, field by field */

void kmem_init(void)
{
	static const char *const names[CLASSES] = {
		"kmalloc-16",  "kmalloc-32",  "kmalloc-64", "kmalloc-128",
		"kmalloc-256", "kmalloc-512", "kmalloc-1k", "kmalloc-2k",
		"kmalloc-4k",  "kmalloc-8k",
	};

	memset(&stats, 0, sizeof(stats));
	slab_init();
	for (unsigned i = CLASSES; i-- > 0;)
		kmem_cache_init(&classes[i], names[i],
				1UL << (CLASS_MIN_SHIFT + i), 0, 0);
}

static void *alloc_large(size_t size)
{
	unsigned order = page_order_for(size);
	phys_addr_t block = alloc_pages(order, 0);

	if (!block)
		return NULL;
	page_set_state(block, PAGE_LARGE, NULL);
	atomic_fetch_add_relaxed(&stats.large_pages, BIT64(order));
	return phys_to_virt(block);
}

void *kmalloc(size_t size)
{
	unsigned class = 0;

	if (size > KMALLOC_CLASS_MAX)
		return alloc_large(size);
	while (1UL << (CLASS_MIN_SHIFT + class) < size)
		class ++;
	return slab_alloc(&classes[class], MAX(size, 1UL));
}

void *kzalloc(size_t size)
{
	void *object = kmalloc(size);

	return object ? memset(object, 0, size) : NULL;
}

static void free_large(const struct page_info *info)
{
	atomic_fetch_add_relaxed(&stats.large_pages, -BIT64(info->order));
	page_set_state(info->start, PAGE_USED, NULL);
	free_pages(info->start, info->order);
}

void kfree(const void *object)
{
	phys_addr_t phys = virt_to_phys(object);
	struct page_info info;

	if (!object)
		return;
	info = page_lookup(phys);
	if (info.state == PAGE_SLAB) {
		slab_free(info.owner, object);
	} else if (info.state == PAGE_LARGE && info.start == phys) {
		free_large(&info);
	} else {
		kmem_count_refused();
		pr_err("kfree of %p refused: %s", object,
		       info.state == PAGE_LARGE	 ? "it is inside an object"
		       : info.state == PAGE_FREE ? "it is free already"
						 : "it is not from kmalloc");
	}
}

void kmem_count_refused(void)
{
	atomic_fetch_add_relaxed(&stats.refused, 1ULL);
}

void kmem_count_damaged(void)
{
	atomic_fetch_add_relaxed(&stats.damaged, 1ULL);
}

void kmem_get_stats(struct kmem_stats *out)
{
	out->refused = atomic_read(&stats.refused);
	out->damaged = atomic_read(&stats.damaged);
	out->large_pages = atomic_read(&stats.large_pages);
}
