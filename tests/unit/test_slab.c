/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects: caches with and without red zones, and kmalloc(). */
#include <stdlib.h>
#include "fake_ram.h"
#include <kernel/errno.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/slab.h>
#include "unit.h"

static struct kmem_cache plain, checked;
static u64 free_at_begin;

static void begin(void)
{
	fake_ram_begin();
	fake_ram(MIB, 63 * MIB, 2 * MIB);
	fake_ram_ready();
	kmem_init();
	free_at_begin = page_free_count();
}

/* And two caches, of which one is not checked. */
static void begin_with_caches(size_t size)
{
	begin();
	CHECK_EQ(kmem_cache_init(&plain, "plain", size, 0, KMEM_UNCHECKED), 0);
	CHECK_EQ(kmem_cache_init(&checked, "checked", size, 0, 0), 0);
}

static void check_all_is_back(void)
{
	kmem_trim();
	CHECK_EQ(page_free_count(), free_at_begin);
}

static struct kmem_stats stats_now(void)
{
	struct kmem_stats stats;

	kmem_get_stats(&stats);
	return stats;
}

TEST(objects_of_any_size_are_aligned_and_writable)
{
	begin();
	for (size_t size = 0; size < 3 * KMALLOC_CLASS_MAX; size += 7) {
		char *a = kmalloc(size), *b = kzalloc(size);

		if (!CHECK(a && b))
			return;
		CHECK(((uintptr_t)a | (uintptr_t)b) % KMALLOC_ALIGN == 0);
		CHECK(a + size <= b || b + MAX(size, 1U) <= a);
		memset(a, 0xaa, size);
		for (size_t i = 0; i < size; i++)
			if (!CHECK_EQ(b[i], 0))
				return;
		kfree(a);
		kfree(b);
	}
	CHECK_EQ(stats_now().damaged, 0);
	CHECK_EQ(stats_now().large_pages, 0);
	check_all_is_back();
}

TEST(what_is_too_large_is_refused)
{
	begin();
	CHECK(!kmalloc(SIZE_MAX));
	CHECK(!kzalloc(GIB + 1));
	CHECK(!kmalloc(64 * MIB));
	kfree(NULL);
	CHECK_EQ(stats_now().refused, 0);
	check_all_is_back();
}

static void check_packing(size_t size, unsigned per_block)
{
	struct kmem_cache_stats stats;
	char *first, *object;

	begin_with_caches(size);
	first = kmem_cache_alloc(&plain);
	for (unsigned i = 1; i < per_block; i++) {
		object = kmem_cache_alloc(&plain);
		if (!CHECK(object == first + i * size))
			return;
	}
	CHECK(kmem_cache_get_stats(1, &stats));
	CHECK_EQ(stats.slabs, 1);
	CHECK(kmem_cache_alloc(&plain));
	CHECK(kmem_cache_get_stats(1, &stats));
	CHECK_EQ(stats.slabs, 2);
}

TEST(unchecked_objects_fill_their_pages)
{
	check_packing(16, 256);
	check_packing(1024, 4);
	check_packing(4096, 4);
	check_packing(8192, 4);
}

TEST(a_freed_object_is_used_again_and_empty_slabs_go)
{
	static char *objects[1000];
	struct kmem_cache_stats stats;

	begin_with_caches(64);
	for (unsigned i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = kmem_cache_alloc(&plain);
	CHECK(kmem_cache_get_stats(1, &stats));
	CHECK_STR(stats.name, "plain");
	CHECK_EQ(stats.used, 1000);
	CHECK_EQ(stats.slabs, 16);
	CHECK_EQ(stats.capacity, 64);
	kfree(objects[500]);
	CHECK(kmem_cache_alloc(&plain) == objects[500]);
	for (unsigned i = 0; i < ARRAY_SIZE(objects); i++)
		kfree(objects[i]);
	CHECK(kmem_cache_get_stats(1, &stats));
	CHECK_EQ(stats.used, 0);
	CHECK_EQ(stats.slabs, 1);
	CHECK_EQ(times_said, 0);
	CHECK_EQ(kmem_cache_destroy(&plain), 0);
	check_all_is_back();
}

TEST(a_cache_with_objects_is_not_destroyed)
{
	char *object;

	begin_with_caches(64);
	object = kmem_cache_alloc(&plain);
	CHECK_EQ(kmem_cache_destroy(&plain), -EBUSY);
	CHECK(strstr(said, "plain"));
	kfree(object);
	CHECK_EQ(kmem_cache_destroy(&plain), 0);
	CHECK_EQ(kmem_cache_destroy(&checked), 0);
	check_all_is_back();
}

TEST(impossible_caches_are_refused)
{
	begin();
	CHECK_EQ(kmem_cache_init(&plain, "x", 0, 0, 0), -EINVAL);
	CHECK_EQ(kmem_cache_init(&plain, "x", 8193, 0, 0), -EINVAL);
	CHECK_EQ(kmem_cache_init(&plain, "x", 8, 48, 0), -EINVAL);
	CHECK_EQ(kmem_cache_init(&plain, "x", 8, 8192, 0), -EINVAL);
	CHECK_EQ(kmem_cache_init(&plain, "x", 8192, 4096, 0), 0);
	CHECK(((uintptr_t)kmem_cache_alloc(&plain)) % 4096 == 0);
}

static void check_refused(const void *object, const char *why)
{
	u64 refused = stats_now().refused;
	unsigned already = times_said;

	kfree(object);
	CHECK_EQ(stats_now().refused, refused + 1);
	CHECK_EQ(times_said, already + 1);
	CHECK(strstr(said, why));
}

TEST(wrong_frees_are_refused_with_the_reason)
{
	char *object, *large;
	phys_addr_t page;

	begin_with_caches(100);
	page = alloc_pages(0, 0);
	large = kmalloc(5 * PAGE);
	object = kmem_cache_alloc(&plain);
	check_refused(object + 1, "no object begins there");
	check_refused(object + 112, "free already");
	check_refused((char *)ALIGN_UP((uintptr_t)object + 1, PAGE) - 4,
		      "no object begins there");
	check_refused(large + PAGE, "inside");
	check_refused(phys_to_virt(page), "not from kmalloc");
	check_refused(&page, "not from kmalloc");
	kfree(object);
	check_refused(object, "free already");
	kfree(large);
	check_refused(large, "free already");
	object = kmem_cache_alloc(&checked);
	check_refused(object - 16, "no object begins there");
	kfree(object);
	free_pages(page, 0);
	CHECK_EQ(kmem_cache_destroy(&plain), 0);
	CHECK_EQ(kmem_cache_destroy(&checked), 0);
	check_all_is_back();
}

TEST(pages_of_objects_are_not_free_pages_to_give)
{
	char *small, *large;

	begin();
	small = kmalloc(10);
	large = kmalloc(3 * PAGE);
	CHECK(free_pages(ALIGN_DOWN(virt_to_phys(small), PAGE), 0) != 0);
	CHECK(strstr(said, "kmalloc"));
	CHECK(free_pages(virt_to_phys(large), 2) != 0);
	CHECK(strstr(said, "kmalloc"));
	kfree(small);
	kfree(large);
	check_all_is_back();
}

static void check_damage(size_t size, long offset, bool found)
{
	char *object;
	u64 damaged;

	begin();
	damaged = stats_now().damaged;
	object = kmalloc(size);
	object[offset] ^= 0x10;
	kfree(object);
	CHECK_EQ(stats_now().damaged, damaged + found);
	CHECK(found == (times_said == 1));
	/* Nobody gets it again. */
	CHECK((kmalloc(size) == object) == !found);
}

TEST(each_byte_around_an_object_is_watched)
{
	for (long at = -16; at < 0; at++)
		check_damage(50, at, true);
	for (long at = 0; at < 50; at++)
		check_damage(50, at, false);
	for (long at = 50; at < 64 + 16; at++)
		check_damage(50, at, true);
	check_damage(8192, 8191, false);
	check_damage(8192, 8192, true);
	check_damage(1, 1, true);
}

TEST(each_byte_of_a_free_object_is_watched)
{
	for (unsigned at = 0; at < 64; at++) {
		char *object;

		begin_with_caches(64);
		object = kmem_cache_alloc(&checked);
		kfree(object);
		object[at]++;
		CHECK(kmem_cache_alloc(&checked) != object);
		CHECK_EQ(stats_now().damaged, 1);
		CHECK(strstr(said, "after free"));
	}
}

#define MODEL_OBJECTS 300

static struct {
	u8 *at;
	size_t size;
	u8 pattern;
} objects[MODEL_OBJECTS];

static bool step(unsigned n)
{
	if (objects[n].at) {
		for (size_t i = 0; i < objects[n].size; i++)
			if (!CHECK_EQ(objects[n].at[i], objects[n].pattern))
				return false;
		kfree(objects[n].at);
		objects[n].at = NULL;
		return true;
	}
	objects[n].size = (size_t)(rand() % 20000) >> (rand() % 14);
	objects[n].pattern = (u8)rand();
	objects[n].at = kmalloc(objects[n].size);
	if (objects[n].at)
		memset(objects[n].at, objects[n].pattern, objects[n].size);
	return true;
}

TEST(random_load_with_failures_leaves_nothing)
{
	srand(2);
	begin();
	for (unsigned i = 0; i < 50000; i++) {
		if (rand() % 16 == 0)
			fault_inject_set(1 + (u32)rand() % 4);
		if (!step((unsigned)rand() % MODEL_OBJECTS))
			return;
	}
	fault_inject_set(0);
	for (unsigned n = 0; n < MODEL_OBJECTS; n++)
		if (objects[n].at)
			step(n);
	CHECK_EQ(times_said, 0);
	check_all_is_back();
}

TEST(out_of_memory_is_an_error_only)
{
	static const size_t sizes[] = { 10000, 4000 };
	void *chain = NULL, **object;

	begin();
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		while ((object = kmalloc(sizes[i])) != NULL) {
			*object = chain;
			chain = object;
		}
	}
	CHECK(!kmalloc(10000));
	while (chain) {
		object = chain;
		chain = *object;
		kfree(object);
	}
	CHECK_EQ(times_said, 0);
	check_all_is_back();
}
