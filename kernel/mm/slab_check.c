/* SPDX-License-Identifier: BSD-2-Clause */
/* Red zones around objects, and poison in free ones. */
#define pr_fmt(fmt) "memory: " fmt

#include "slab.h"
#include <kernel/printk.h>
#include <kernel/string.h>

/* Bytes that are rarely written by accident. */
#define RED_BYTE   0xbb
#define FRESH_BYTE 0x5a /* an object that its owner has not written to */
#define FREE_BYTE  0x6b

/* Before each object; what is left of SLAB_RED_BYTES is RED_BYTEs. */
struct red_head {
	u32 size;	   /* as asked for: the second red zone begins there */
	u32 size_inverted; /* ~size, so that an overwritten size is noticed */
};

_Static_assert(sizeof(struct red_head) <= SLAB_RED_BYTES, "red zone");

static struct red_head *head_of(char *object)
{
	return (struct red_head *)(object - SLAB_RED_BYTES);
}

/* The bytes between the head and the object. */
static char *red_before(char *object)
{
	return object - SLAB_RED_BYTES + sizeof(struct red_head);
}

/* Where the red zone after the largest object ends. */
static char *red_end(const struct kmem_cache *cache, char *object)
{
	return object + cache->size + SLAB_RED_BYTES;
}

/* The first byte in [@from, @to) that is not @byte, or NULL. */
static const char *find_other(const char *from, const char *to, u8 byte)
{
	for (; from < to; from++)
		if ((u8)*from != byte)
			return from;
	return NULL;
}

static void fill(char *from, const char *to, u8 byte)
{
	memset(from, byte, (size_t)(to - from));
}

static bool report(const struct kmem_cache *cache, const char *object,
		   const char *what, long offset, u8 found)
{
	kmem_count_damaged();
	pr_err("%s: object %p of cache %s: byte %ld is %#x: not used again",
	       what, (const void *)object, cache->name, offset, found);
	return false;
}

static void poison(const struct kmem_cache *cache, char *object)
{
	fill((char *)head_of(object), object, RED_BYTE);
	fill(object, object + cache->size, FREE_BYTE);
	fill(object + cache->size, red_end(cache, object), RED_BYTE);
}

void slab_check_new(const struct kmem_cache *cache, const struct slab *slab)
{
	for (unsigned i = 0; i < cache->capacity; i++)
		poison(cache, slab->objects + (size_t)i * cache->distance);
}

bool slab_check_alloc(const struct kmem_cache *cache, char *object, size_t size)
{
	const char *bad = find_other(object, object + cache->size, FREE_BYTE);

	if (bad)
		return report(cache, object, "written to after free",
			      bad - object, (u8)*bad);
	*head_of(object) = (struct red_head){ (u32)size, ~(u32)size };
	fill(object, object + size, FRESH_BYTE);
	fill(object + size, red_end(cache, object), RED_BYTE);
	return true;
}

bool slab_check_free(const struct kmem_cache *cache, char *object)
{
	const struct red_head *head = head_of(object);
	const char *bad = find_other(red_before(object), object, RED_BYTE);

	if (bad || head->size != ~head->size_inverted ||
	    head->size > cache->size) {
		bad = bad ? bad : (const char *)head;
		return report(cache, object, "written to before its begin",
			      bad - object, (u8)*bad);
	}
	bad = find_other(object + head->size, red_end(cache, object), RED_BYTE);
	if (bad)
		return report(cache, object, "written to after its end",
			      bad - object, (u8)*bad);
	poison(cache, object);
	return true;
}
