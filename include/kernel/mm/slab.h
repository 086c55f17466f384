/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for objects. Any context but NMI, from the end of level MEMORY on.
 *
 * What is known about an object is kept apart from it, so a wrong free is
 * found and refused in every configuration: one message, and nothing changes.
 * CONFIG_DEBUG_MEMORY also finds writes outside of objects and after free.
 */
#pragma once

#include <kernel/atomic.h>
#include <kernel/spinlock.h>

/* The largest object of a cache, and of kmalloc() before it takes pages. */
#define KMALLOC_CLASS_MAX 8192

/* All objects are aligned to this. */
#define KMALLOC_ALIGN 16

/**
 * @size bytes, not cleared; for more than KMALLOC_CLASS_MAX, whole pages, up
 * to 1 GiB. NULL when there is no memory. 0 is taken for 1. The memory is
 * physically contiguous, in the direct map.
 */
void *kmalloc(size_t size);

/** The same, cleared. */
void *kzalloc(size_t size);

/**
 * Give back what kmalloc(), kzalloc() or kmem_cache_alloc() returned; NULL is
 * ignored. Anything else is refused with a message.
 */
void kfree(const void *object);

enum kmem_cache_flags {
	/* Never with red zones and poison: the distance of objects matters. */
	KMEM_UNCHECKED = BIT(0),
	/* Each slab's descriptor lies in the slab. Private to the allocator. */
	KMEM_DESCRIPTOR_INSIDE = BIT(1),
};

struct slab; /* a block of pages cut into objects; the allocator's */

/* One size of objects. The fields are the allocator's. */
struct kmem_cache {
	const char *name;
	u32 size;     /* of an object, as asked for */
	u32 distance; /* from one object to the next */
	u32 offset;   /* of the first object in its slab */
	u16 capacity; /* objects in a slab */
	u8 order;     /* of a slab's block */
	u8 flags;     /* enum kmem_cache_flags */
	/*
	 * Protects what follows, and the cache's slabs. Another cache's lock
	 * is never taken under it.
	 */
	struct spinlock lock;
	struct slab *partial; /* slabs with objects used and free */
	struct slab *spare;   /* at most one slab without used objects */
	u64 slabs;	      /* in all */
	u64 used;	      /* objects given out */
	struct kmem_cache *next;
};

/**
 * Prepare @cache, which is the caller's, for objects of @size bytes (1 to
 * KMALLOC_CLASS_MAX) aligned to the power of two @align (0: KMALLOC_ALIGN; at
 * most 4096). @name must live as long as it. Returns 0 or -EINVAL.
 */
int kmem_cache_init(struct kmem_cache *cache, const char *name, size_t size,
		    size_t align, unsigned flags);

/** An object, not cleared, or NULL. kfree() takes it back. */
void *kmem_cache_alloc(struct kmem_cache *cache);

/**
 * End @cache and free its memory. -EBUSY, with a message and without effect,
 * when objects are still in use.
 */
int kmem_cache_destroy(struct kmem_cache *cache);

/** Give the slabs that caches keep without need to the page allocator. */
void kmem_trim(void);

struct kmem_stats {
	u64 refused;	 /* wrong calls of kfree() */
	u64 damaged;	 /* objects found overwritten (CONFIG_DEBUG_MEMORY) */
	u64 large_pages; /* in use by kmalloc() above KMALLOC_CLASS_MAX */
};

void kmem_get_stats(struct kmem_stats *out);

struct kmem_cache_stats {
	const char *name;
	u32 size; /* of an object, in bytes */
	u64 used; /* objects */
	u64 slabs;
	u32 slab_pages; /* in one slab */
	u32 capacity;	/* objects in one slab */
};

/** About the @n-th cache, newest first; false when there are fewer. */
bool kmem_cache_get_stats(unsigned n, struct kmem_cache_stats *stats);

/** Called once, after page_init(). */
void kmem_init(void);
