/* SPDX-License-Identifier: BSD-2-Clause */
/* Caches of objects of one size, in blocks of the page allocator. */
#define pr_fmt(fmt) "memory: " fmt

#include "slab.h"
#include "frames.h"
#include <kernel/errno.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/string.h>

/* Policy: so many at least, so that little is lost at a block's end. */
#define SLAB_OBJECTS_MIN 4

static struct spinlock caches_lock; /* protects the list; outermost */
static struct kmem_cache *caches;

/* Where descriptors come from; its own are in its slabs. */
static struct kmem_cache descriptors;

static void partial_add(struct kmem_cache *cache, struct slab *slab)
{
	slab->prev = NULL;
	slab->next = cache->partial;
	if (slab->next)
		slab->next->prev = slab;
	cache->partial = slab;
}

static void partial_remove(struct kmem_cache *cache, struct slab *slab)
{
	if (slab->prev)
		slab->prev->next = slab->next;
	else
		cache->partial = slab->next;
	if (slab->next)
		slab->next->prev = slab->prev;
}

static struct slab *descriptor_for(const struct kmem_cache *cache, char *base)
{
	if (cache->flags & KMEM_DESCRIPTOR_INSIDE)
		return (struct slab *)base;
	return kmem_cache_alloc(&descriptors);
}

/* A new slab, without any lock held. */
static struct slab *slab_create(struct kmem_cache *cache)
{
	phys_addr_t block = alloc_pages(cache->order, 0);
	char *base = block ? phys_to_virt(block) : NULL;
	struct slab *slab = block ? descriptor_for(cache, base) : NULL;

	if (!slab) {
		if (block)
			free_pages(block, cache->order);
		return NULL;
	}
	*slab = (struct slab){
		.cache = cache,
		.block = block,
		.objects = base + cache->offset,
	};
	/* Objects that do not exist count as used. */
	for (unsigned i = cache->capacity; i < SLAB_OBJECTS_MAX; i++)
		slab->map[i / 64] |= BIT64(i % 64);
	if (slab_is_checked(cache))
		slab_check_new(cache, slab);
	page_set_state(block, PAGE_SLAB, slab);
	return slab;
}

/* The end of a slab that is on no list. */
static void slab_destroy(struct kmem_cache *cache, struct slab *slab)
{
	phys_addr_t block = slab->block;

	page_set_state(block, PAGE_USED, NULL);
	if (!(cache->flags & KMEM_DESCRIPTOR_INSIDE))
		kfree(slab);
	free_pages(block, cache->order);
}

/* Take the first free object of @slab, which has one. */
static char *take_object(struct kmem_cache *cache, struct slab *slab)
{
	unsigned word = 0, index;

	while (slab->map[word] == UINT64_MAX)
		word++;
	index = word * 64 + (unsigned)__builtin_ctzll(~slab->map[word]);
	slab->map[word] |= BIT64(index % 64);
	slab->used++;
	cache->used++;
	if (slab->used == cache->capacity)
		partial_remove(cache, slab);
	return slab->objects + (size_t)index * cache->distance;
}

/* A slab with a free object, on the list; NULL: there is none yet. */
static struct slab *usable_slab(struct kmem_cache *cache)
{
	struct slab *slab = cache->spare;

	if (cache->partial || !slab)
		return cache->partial;
	cache->spare = NULL;
	partial_add(cache, slab);
	return slab;
}

static char *take(struct kmem_cache *cache)
{
	unsigned long irq = spin_lock_irqsave(&cache->lock);
	struct slab *slab = usable_slab(cache);
	char *object;

	if (!slab) {
		/* The descriptor may come from a cache with its own lock. */
		spin_unlock_irqrestore(&cache->lock, irq);
		slab = slab_create(cache);
		if (!slab)
			return NULL;
		irq = spin_lock_irqsave(&cache->lock);
		partial_add(cache, slab);
		cache->slabs++;
	}
	object = take_object(cache, slab);
	spin_unlock_irqrestore(&cache->lock, irq);
	return object;
}

void *slab_alloc(struct kmem_cache *cache, size_t size)
{
	char *object;

	if (fault_inject())
		return NULL;
	/* What was written to while free stays out of use. */
	do {
		object = take(cache);
	} while (object && slab_is_checked(cache) &&
		 !slab_check_alloc(cache, object, size));
	return object;
}

void *kmem_cache_alloc(struct kmem_cache *cache)
{
	return slab_alloc(cache, cache->size);
}

/* The number of the object that begins at @object, or SLAB_OBJECTS_MAX. */
static unsigned index_of(const struct slab *slab, const char *object)
{
	size_t at = (size_t)(object - slab->objects);

	/* One before the first object wraps, and is too far. */
	if (at % slab->cache->distance ||
	    at / slab->cache->distance >= slab->cache->capacity)
		return SLAB_OBJECTS_MAX;
	return (unsigned)(at / slab->cache->distance);
}

/* Mark an object free; a slab that is left over then, or NULL. */
static struct slab *put_object(struct kmem_cache *cache, struct slab *slab,
			       unsigned index)
{
	slab->map[index / 64] &= ~BIT64(index % 64);
	cache->used--;
	if (slab->used-- == cache->capacity)
		partial_add(cache, slab);
	if (slab->used)
		return NULL;
	partial_remove(cache, slab);
	if (!cache->spare) {
		cache->spare = slab;
		return NULL;
	}
	cache->slabs--;
	return slab;
}

static const char *why_not(const struct slab *slab, unsigned index)
{
	if (index == SLAB_OBJECTS_MAX)
		return "no object begins there";
	if (!(slab->map[index / 64] & BIT64(index % 64)))
		return "it is free already";
	return NULL;
}

void slab_free(struct slab *slab, const void *object)
{
	struct kmem_cache *cache = slab->cache;
	unsigned index = index_of(slab, object);
	unsigned long irq = spin_lock_irqsave(&cache->lock);
	const char *problem = why_not(slab, index);
	struct slab *left = NULL;
	bool intact = true;

	if (!problem && slab_is_checked(cache))
		intact = slab_check_free(cache, (char *)(uintptr_t)object);
	if (!problem && intact)
		left = put_object(cache, slab, index);
	spin_unlock_irqrestore(&cache->lock, irq);
	if (left)
		slab_destroy(cache, left);
	if (!problem)
		return;
	kmem_count_refused();
	pr_err("kfree of %p refused: %s (cache %s)", object, problem,
	       cache->name);
}

/* Set the sizes; false when they do not fit. */
static bool lay_out(struct kmem_cache *cache, size_t size, size_t align)
{
	size_t before = slab_is_checked(cache) ? MAX(align, SLAB_RED_BYTES) : 0;
	size_t after = before ? SLAB_RED_BYTES : 0;
	size_t count, inside = 0;

	if (cache->flags & KMEM_DESCRIPTOR_INSIDE)
		inside = ALIGN_UP(sizeof(struct slab), align);
	cache->size = (u32)size;
	cache->distance = (u32)ALIGN_UP(before + size + after, align);
	cache->offset = (u32)(inside + before);
	cache->order = (u8)page_order_for(inside + (u64)cache->distance *
							   SLAB_OBJECTS_MIN);
	count = (((size_t)PAGE_SIZE << cache->order) - inside) /
		cache->distance;
	cache->capacity = (u16)MIN(count, SLAB_OBJECTS_MAX);
	return cache->capacity > 0;
}

int kmem_cache_init(struct kmem_cache *cache, const char *name, size_t size,
		    size_t align, unsigned flags)
{
	unsigned long irq;

	align = MAX(align, (size_t)KMALLOC_ALIGN);
	if (size == 0 || size > KMALLOC_CLASS_MAX || align > PAGE_SIZE ||
	    align & (align - 1))
		return -EINVAL;
	*cache = (struct kmem_cache){ .name = name, .flags = (u8)flags };
	if (!lay_out(cache, size, align))
		return -EINVAL;
	irq = spin_lock_irqsave(&caches_lock);
	cache->next = caches;
	caches = cache;
	spin_unlock_irqrestore(&caches_lock, irq);
	return 0;
}

/* Give back the spare slab. */
static void trim(struct kmem_cache *cache)
{
	unsigned long irq = spin_lock_irqsave(&cache->lock);
	struct slab *slab = cache->spare;

	cache->spare = NULL;
	cache->slabs -= slab != NULL;
	spin_unlock_irqrestore(&cache->lock, irq);
	if (slab)
		slab_destroy(cache, slab);
}

static void unlist(struct kmem_cache *cache)
{
	unsigned long irq = spin_lock_irqsave(&caches_lock);
	struct kmem_cache **link = &caches;

	while (*link != cache)
		link = &(*link)->next;
	*link = cache->next;
	spin_unlock_irqrestore(&caches_lock, irq);
}

int kmem_cache_destroy(struct kmem_cache *cache)
{
	if (cache->used) {
		pr_err("cache %s not destroyed: %lu objects in use",
		       cache->name, cache->used);
		return -EBUSY;
	}
	trim(cache);
	unlist(cache);
	return 0;
}

void kmem_trim(void)
{
	unsigned long irq = spin_lock_irqsave(&caches_lock);

	for (struct kmem_cache *c = caches; c; c = c->next)
		if (c != &descriptors)
			trim(c);
	trim(&descriptors);
	spin_unlock_irqrestore(&caches_lock, irq);
}

bool kmem_cache_get_stats(unsigned n, struct kmem_cache_stats *stats)
{
	unsigned long irq = spin_lock_irqsave(&caches_lock);
	const struct kmem_cache *c = caches;

	while (c && n-- > 0)
		c = c->next;
	if (c)
		*stats = (struct kmem_cache_stats){
			.name = c->name,
			.size = c->size,
			.used = atomic_read(&c->used),
			.slabs = atomic_read(&c->slabs),
			.slab_pages = BIT(c->order),
			.capacity = c->capacity,
		};
	spin_unlock_irqrestore(&caches_lock, irq);
	return c != NULL;
}

void slab_init(void)
{
	caches = NULL;
	kmem_cache_init(&descriptors, "slab", sizeof(struct slab), 0,
			KMEM_UNCHECKED | KMEM_DESCRIPTOR_INSIDE);
}
