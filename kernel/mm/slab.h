/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the slab allocator share. */
#pragma once

#include <kernel/mm/slab.h>

/* Bounds the map of used objects: 256 of 16 bytes fill a page. */
#define SLAB_OBJECTS_MAX 256
#define SLAB_MAP_WORDS	 (SLAB_OBJECTS_MAX / 64)

/* A slab's descriptor. Protected by its cache's lock. */
struct slab {
	struct kmem_cache *cache;
	struct slab *next, *prev; /* in cache->partial */
	char *objects;		  /* the first one */
	phys_addr_t block;
	u32 used;
	u64 map[SLAB_MAP_WORDS]; /* a bit is set: the object is used */
};

/*
 * Red zones and poison: functions that are called for caches for which
 * slab_is_checked() only. An object's place has the size it was asked for and
 * a red zone before it, and a red zone from its end to the next place.
 */
#define SLAB_RED_BYTES 16

static inline bool slab_is_checked(const struct kmem_cache *cache)
{
	return IS_ENABLED(CONFIG_DEBUG_MEMORY) &&
	       !(cache->flags & KMEM_UNCHECKED);
}

/** Prepare a new slab's objects: all are free. */
void slab_check_new(const struct kmem_cache *cache, const struct slab *slab);
/** @object is given out for @size bytes; false: it was written to. */
bool slab_check_alloc(const struct kmem_cache *cache, char *object,
		      size_t size);
/** @object comes back; false: something was written outside of it. */
bool slab_check_free(const struct kmem_cache *cache, char *object);

/** kmem_cache_alloc() for @size bytes of the object only. */
void *slab_alloc(struct kmem_cache *cache, size_t size);

/** An object was found damaged, or a free was refused: count it. */
void kmem_count_damaged(void);
void kmem_count_refused(void);

/** Free @object, which lies in @slab. */
void slab_free(struct slab *slab, const void *object);

/** The cache of descriptors. */
void slab_init(void);
