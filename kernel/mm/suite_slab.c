/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of the slab allocator. */
#include <kernel/errno.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include "suite.h"

#define LOAD_OBJECTS  256
#define LOAD_STEPS    6000
#define LOAD_SIZE_MAX 20000 /* bytes: some are whole pages */

static u64 free_pages_now(void)
{
	kmem_trim();
	return page_free_count();
}

static u64 refused_now(void)
{
	struct kmem_stats stats;

	kmem_get_stats(&stats);
	return stats.refused;
}

static u64 damaged_now(void)
{
	struct kmem_stats stats;

	kmem_get_stats(&stats);
	return stats.damaged;
}

/* The same object, and no analyser's idea of whether it may be used. */
static char *forget(const void *object)
{
	uintptr_t address = (uintptr_t)object;

	__asm__ __volatile__("" : "+r"(address));
	return (char *)address;
}

static void test_sizes(struct selftest *t)
{
	u64 before = free_pages_now();

	for (size_t size = 0; size <= 4 * KMALLOC_CLASS_MAX;
	     size = size ? size * 2 : 1) {
		u8 *object = kzalloc(size);

		if (!EXPECT(t, object))
			return;
		EXPECT(t, IS_ALIGNED((uintptr_t)object, KMALLOC_ALIGN));
		for (size_t i = 0; i < size; i++)
			if (!EXPECT_EQ(t, object[i], 0))
				break;
		memset(object, 0xff, size);
		kfree(object);
	}
	kfree(NULL);
	EXPECT(t, !kmalloc(SIZE_MAX));
	EXPECT(t, !kmalloc((2ULL << 30) + 1));
	EXPECT_EQ(t, free_pages_now(), before);
}

struct load_object {
	u8 *bytes;
	u32 size;
	u8 pattern;
};

static bool all_bytes_are(const struct load_object *o)
{
	for (u32 i = 0; i < o->size; i++)
		if (o->bytes[i] != o->pattern)
			return false;
	return true;
}

static bool swap_object(struct load_object *o)
{
	bool intact = true;

	if (o->bytes) {
		intact = all_bytes_are(o);
		kfree(o->bytes);
		o->bytes = NULL;
		return intact;
	}
	/* Mostly small ones, as in life. */
	o->size = suite_random() % LOAD_SIZE_MAX >> suite_random() % 12;
	o->pattern = (u8)suite_random();
	o->bytes = kmalloc(o->size);
	if (o->bytes)
		memset(o->bytes, o->pattern, o->size);
	return true;
}

static void test_load(struct selftest *t)
{
	static struct load_object objects[LOAD_OBJECTS];
	u64 before = free_pages_now();

	for (unsigned i = 0; i < LOAD_STEPS; i++)
		if (!EXPECT(t,
			    swap_object(
				    &objects[suite_random() % LOAD_OBJECTS])))
			break;
	for (unsigned i = 0; i < LOAD_OBJECTS; i++)
		if (objects[i].bytes)
			EXPECT(t, swap_object(&objects[i]));
	EXPECT_EQ(t, free_pages_now(), before);
}

static void test_cache(struct selftest *t)
{
	static struct kmem_cache cache;
	u64 before = free_pages_now();
	char *a, *b;

	EXPECT_EQ(t, kmem_cache_init(&cache, "selftest", 0, 0, 0), -EINVAL);
	EXPECT_EQ(t, kmem_cache_init(&cache, "selftest", 8193, 0, 0), -EINVAL);
	EXPECT_EQ(t, kmem_cache_init(&cache, "selftest", 8, 24, 0), -EINVAL);
	if (!EXPECT_EQ(t, kmem_cache_init(&cache, "selftest", 100, 64, 0), 0))
		return;
	a = kmem_cache_alloc(&cache);
	b = kmem_cache_alloc(&cache);
	EXPECT(t, a && b && a != b);
	EXPECT(t, IS_ALIGNED((uintptr_t)a | (uintptr_t)b, 64));
	kfree(a);
	selftest_note(t, "one refusal follows");
	EXPECT_EQ(t, kmem_cache_destroy(&cache), -EBUSY);
	kfree(b);
	EXPECT_EQ(t, kmem_cache_destroy(&cache), 0);
	EXPECT_EQ(t, free_pages_now(), before);
}

static void test_refused(struct selftest *t)
{
	static int not_an_object;
	u64 refused = refused_now();
	phys_addr_t page = alloc_pages(0, 0);
	char *small = kmalloc(48), *large = kmalloc(3 * PAGE_SIZE);
	char *stale_small = forget(small), *stale_large = forget(large);

	if (!EXPECT(t, page && small && large))
		return;
	selftest_note(t, "seven wrong frees follow");
	kfree(forget(small + 1));
	kfree(forget(large + PAGE_SIZE));
	kfree(forget(&not_an_object));
	kfree(forget(phys_to_virt(page)));
	kfree(forget((void *)0x1000));
	EXPECT_EQ(t, refused_now(), refused + 5);
	kfree(small);
	kfree(large);
	EXPECT_EQ(t, refused_now(), refused + 5);
	kfree(stale_small);
	kfree(stale_large);
	EXPECT_EQ(t, refused_now(), refused + 7);
	free_pages(page, 0);
}

/* What is damaged stays out of use: these tests lose an object each time. */
static bool skip_unchecked(struct selftest *t)
{
	if (!IS_ENABLED(CONFIG_DEBUG_MEMORY))
		selftest_skip(t, "built without DEBUG_MEMORY");
	return !IS_ENABLED(CONFIG_DEBUG_MEMORY);
}

static void test_overrun(struct selftest *t)
{
	static const int offsets[] = { -1, -16, 40, 47, 63 };
	u64 damaged = damaged_now();

	if (skip_unchecked(t))
		return;
	selftest_note(t, "writes outside of objects follow");
	for (unsigned i = 0; i < ARRAY_SIZE(offsets); i++) {
		volatile char *object = kmalloc(40);

		if (!EXPECT(t, object))
			return;
		object[offsets[i]] ^= 1;
		kfree((char *)object);
		EXPECT_EQ(t, damaged_now(), damaged + i + 1);
	}
}

static void test_use_after_free(struct selftest *t)
{
	u64 damaged = damaged_now();
	char *object = kmalloc(40), *stale = forget(object), *next;

	if (skip_unchecked(t)) {
		kfree(object);
		return;
	}
	if (!EXPECT(t, object))
		return;
	selftest_note(t, "a write to a free object follows");
	kfree(object);
	stale[7] = 1;
	/* The lowest free object of the slab is given out first. */
	next = kmalloc(40);
	EXPECT(t, next && next != stale);
	EXPECT_EQ(t, damaged_now(), damaged + 1);
	kfree(next);
}

static void test_exhaustion(struct selftest *t)
{
	static struct kmem_cache fresh;
	u64 before = free_pages_now();
	phys_addr_t hoard = suite_hoard(0);

	/* In one that others use some objects may still be free. */
	EXPECT_EQ(t, kmem_cache_init(&fresh, "selftest", 1, 0, 0), 0);
	EXPECT(t, !kmem_cache_alloc(&fresh) && !kmalloc(KMALLOC_CLASS_MAX + 1));
	EXPECT_EQ(t, kmem_cache_destroy(&fresh), 0);
	suite_give_back(hoard);
	EXPECT_EQ(t, free_pages_now(), before);
}

static void test_injected(struct selftest *t)
{
	void *object = NULL;
	u64 before;
	u32 n;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION)) {
		selftest_skip(t, "built without FAULT_INJECTION");
		return;
	}
	before = free_pages_now();
	/* The object, its slab's pages, the slab's descriptor, and its page. */
	for (n = 1; n < 10 && !object; n++) {
		kmem_trim();
		fault_inject_set(n);
		object = kmalloc(KMALLOC_CLASS_MAX);
	}
	fault_inject_set(0);
	EXPECT(t, object && n > 2);
	kfree(object);
	EXPECT_EQ(t, free_pages_now(), before);
}

static const struct selftest_case slab_cases[] = {
	{ .name = "sizes", .run = test_sizes },
	{ .name = "random-load-without-leak", .run = test_load },
	{ .name = "named-cache", .run = test_cache },
	{ .name = "wrong-frees-refused", .run = test_refused },
	{ .name = "overrun-found", .run = test_overrun },
	{ .name = "write-after-free-found", .run = test_use_after_free },
	{ .name = "out-of-memory", .run = test_exhaustion },
	{ .name = "injected-failures", .run = test_injected },
	{},
};
SELFTEST_SUITE(slab, "slab", slab_cases, 0);
