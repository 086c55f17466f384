/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounce buffers: slots, mappings, and where pools come from. */
#include <stdlib.h>
#include "fake_ram.h"
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/init.h>
#include <kernel/mm/slab.h>
#include <kernel/mutex.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include "../../kernel/dma/pool.h"
#include "fake_fdt.h"
#include "unit.h"

#define STEPS	   20000
#define RUNS_MAX   400
#define POOL_START (64 * MIB)
#define KIB	   1024UL

struct boot_info boot_info;
struct dma_pool *device_root_dma_pool;

static struct device dev;
static struct dma_pool *pool;
static struct fdt fdt;
static unsigned cpus = 1, works;

const struct fdt *fdt_machine(void)
{
	return fdt.structure ? &fdt : NULL;
}

int fdt_machine_move(const void *blob)
{
	return fdt_open(&fdt, blob, fdt.total_size);
}

phys_addr_t arch_phys_end(void)
{
	return RAM_BYTES;
}

/* All in place of tests/unit/no_smp.c. */
unsigned percpu__cpu_number;
struct cpumask cpu_online_mask = { { 1 } };

void smp_stop_others(void)
{
}

unsigned cpu_count(void)
{
	return cpus;
}

void mutex_lock(struct mutex *mutex)
{
}

void mutex_unlock(struct mutex *mutex)
{
}

bool work_queue(struct work *work)
{
	works++;
	return true;
}

int work_queue_at(struct delayed_work *work, u64 due_ns)
{
	return -ENODEV;
}

bool work_cancel_delayed(struct delayed_work *work)
{
	return false;
}

u64 time_ns(void)
{
	return 0;
}

/* A machine with RAM up to @end, but for what @map says already. */
static void boot(u64 end)
{
	fake_ram(MIB, end - MIB, 4 * MIB);
	fake_ram_ready();
	kmem_init();
	works = 0;
}

static void begin(u64 size)
{
	fake_ram_begin();
	memmap_add(&ram_map, POOL_START, size, MEMMAP_DMA_POOL);
	boot(GIB);
	pool = dma_pool_create("test", POOL_START, size);
	dev = (struct device){ .name = "dev", .dma_pool = pool };
}

static void end(void)
{
	CHECK_EQ(dma_pool_destroy(pool), 0);
	fake_ram_begin();
}

static struct {
	unsigned at, n;
} runs[RUNS_MAX];
static unsigned run_count;
static bool used[4 * DMA_AREA_SLOTS_MAX];

static bool mark(unsigned at, unsigned n, bool value)
{
	bool ok = at + n <= pool->slots &&
		  at >> pool->area_shift == (at + n - 1) >> pool->area_shift;

	for (unsigned i = at; ok && i < at + n; i++) {
		ok = used[i] != value;
		used[i] = value;
	}
	return ok;
}

/* The first place where @n slots fit by the book, or -1. */
static int expected(unsigned n, unsigned align, unsigned from)
{
	for (unsigned i = ALIGN_UP(from, align); i + n <= pool->slots;
	     i += align) {
		unsigned j = i;

		while (j < i + n && !used[j])
			j++;
		if (j == i + n &&
		    i >> pool->area_shift == (j - 1) >> pool->area_shift)
			return (int)i;
	}
	return -1;
}

static bool take_one(void)
{
	unsigned n = 1 + (unsigned)rand() % (rand() % 4 ? 8 : 128);
	unsigned align = 1U << rand() % 2, from = rand() % 8 ? 0 : 128;
	int at = dma_slots_take(pool, n, align, from, 0);

	if (!CHECK_EQ(at, expected(n, align, from)))
		return false;
	if (at < 0 || run_count == RUNS_MAX) {
		if (at >= 0)
			dma_slots_give(pool, (unsigned)at, n, 0);
		return true;
	}
	runs[run_count].at = (unsigned)at;
	runs[run_count++].n = n;
	return CHECK(mark((unsigned)at, n, true));
}

static bool give_one(void)
{
	unsigned i = run_count ? (unsigned)rand() % run_count : 0;

	if (!run_count)
		return true;
	dma_slots_give(pool, runs[i].at, runs[i].n, 0);
	mark(runs[i].at, runs[i].n, false);
	runs[i] = runs[--run_count];
	return true;
}

/* Against a model, through times of plenty and of want. */
static void try_slots(u64 size)
{
	struct dma_pool_stats stats;
	unsigned sum = 0;

	begin(size);
	memset(used, 0, sizeof(used));
	run_count = 0;
	srand(1);
	for (unsigned i = 0; i < STEPS; i++)
		if (!(rand() % 100 < (i / 1000 % 2 ? 40 : 60) ? take_one()
							      : give_one()))
			break;
	for (unsigned i = 0; i < pool->slots; i++)
		sum += used[i];
	dma_pool_get_stats(pool, &stats);
	CHECK_EQ(stats.used, sum);
	CHECK(stats.used_max >= sum && stats.used_max <= pool->slots);
	if (run_count)
		CHECK_EQ(dma_pool_destroy(pool), -EBUSY);
	while (run_count)
		give_one();
	end();
}

TEST(runs_are_the_first_that_fit)
{
	try_slots(MIB);
	try_slots(2 * DMA_AREA_SLOTS_MAX * DMA_SLOT_BYTES + 5 * PAGE);
	try_slots(3 * PAGE);
}

TEST(areas_are_as_many_as_cpus_but_not_too_small)
{
	static const struct {
		unsigned cpus;
		u64 size;
		unsigned areas, slots, stride;
	} cases[] = {
		{ 1, 64 * MIB, 16, 2048, 16 }, { 4, 64 * MIB, 16, 2048, 4 },
		{ 16, 64 * MIB, 16, 2048, 1 }, { 32, 64 * MIB, 32, 1024, 1 },
		{ 255, 64 * MIB, 64, 512, 1 }, { 4, 2 * MIB, 2, 512, 1 },
		{ 4, 100 * PAGE, 1, 512, 1 },  { 3, 9 * MIB, 5, 1024, 1 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		cpus = cases[i].cpus;
		begin(cases[i].size);
		CHECK_EQ(pool->areas, cases[i].areas);
		CHECK_EQ(1U << pool->area_shift, cases[i].slots);
		CHECK_EQ(pool->stride, cases[i].stride);
		end();
	}
	cpus = 1;
}

static bool is_filled(const char *p, size_t n, char c)
{
	while (n && *p == c) {
		p++;
		n--;
	}
	return !n;
}

/* All lengths around slots' ends, both ways. */
TEST(a_device_sees_its_data_and_nothing_else)
{
	char *data = NULL;

	begin(MIB);
	memset(phys_to_virt(POOL_START), 0x5e, MIB);
	for (size_t n = 1; n < 3 * DMA_SLOT_BYTES; n += n % 512 ? 1 : 509) {
		size_t whole = ALIGN_UP(n, (size_t)DMA_SLOT_BYTES);
		dma_addr_t address;
		char *seen;

		/* The address sanitizer watches both ends. */
		free(data);
		data = malloc(n);
		memset(data, 0x11, n);
		CHECK_EQ(dma_map(&dev, data, n, DMA_TO_DEVICE, &address), 0);
		seen = phys_to_virt(address);
		CHECK(is_filled(seen, n, 0x11));
		CHECK(is_filled(seen + n, whole - n, 0));
		memset(seen, 0x5e, whole);
		dma_unmap(&dev, address, n, DMA_TO_DEVICE);
		CHECK(is_filled(data, n, 0x11));
		CHECK_EQ(dma_map(&dev, data, n, DMA_FROM_DEVICE, &address), 0);
		CHECK(is_filled(phys_to_virt(address), whole, 0));
		memset(seen, 0x5e, whole);
		dma_unmap(&dev, address, n, DMA_FROM_DEVICE);
		CHECK(is_filled(data, n, 0x5e));
	}
	free(data);
	CHECK_EQ(times_said, 0);
	end();
}

TEST(lasting_mappings_leave_room_for_requests)
{
	static const u64 sizes[] = { 10 * PAGE, MIB, 9 * MIB };
	const enum dma_direction lasting =
		(enum dma_direction)(DMA_FROM_DEVICE | DMA_LASTING);
	static dma_addr_t at[9 * MIB / DMA_SLOT_BYTES];
	char *data = calloc(1, 9 * MIB);

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned n = 0, m = 0;
		size_t room;

		begin(sizes[i]);
		room = dma_request_max(&dev);
		while (!dma_map(&dev, data, DMA_SLOT_BYTES, lasting, &at[n]))
			n++;
		CHECK_EQ(n, pool->slots - pool->lasting);
		CHECK(dma_share(&dev) < n * DMA_SLOT_BYTES);
		while (m * PAGE < room &&
		       CHECK_EQ(dma_map(&dev, data, PAGE, DMA_BOTH, &at[n + m]),
				0))
			m++;
		while (m--)
			dma_unmap(&dev, at[n + m], PAGE, DMA_BOTH);
		while (n--)
			dma_unmap(&dev, at[n], DMA_SLOT_BYTES, lasting);
		end();
	}
	free(data);
}

TEST(the_longest_mapping_is_page_aligned_and_longer_ones_are_refused)
{
	char *data = calloc(1, DMA_MAP_MAX + 1);
	dma_addr_t one, address;

	begin(MIB);
	CHECK_EQ(dma_map(&dev, data, 1, DMA_BOTH, &one), 0);
	CHECK_EQ(dma_map(&dev, data, DMA_MAP_MAX, DMA_BOTH, &address), 0);
	CHECK_EQ(address % PAGE, 0);
	CHECK_EQ(dma_map(&dev, data, DMA_MAP_MAX + 1, DMA_BOTH, &one), -EINVAL);
	CHECK_EQ(dma_map(&dev, data, SIZE_MAX, DMA_BOTH, &one), -EINVAL);
	CHECK_EQ(dma_map(&dev, data, 1, (enum dma_direction)0, &one), -EINVAL);
	dma_unmap(&dev, address, DMA_MAP_MAX, DMA_BOTH);
	dma_unmap(&dev, one, 1, DMA_BOTH);
	end();
	free(data);
}

/* Each is said, and changes nothing. */
TEST(ends_of_what_never_began_are_refused)
{
	dma_addr_t map, ring;
	char data[100] = { 0 };
	void *memory;

	begin(MIB);
	CHECK_EQ(dma_map(&dev, data, 100, DMA_FROM_DEVICE, &map), 0);
	memory = dma_alloc(&dev, 5000, &ring);
	CHECK(memory);
	for (u64 at = POOL_START - PAGE; at <= POOL_START + MIB + PAGE;
	     at += 256)
		if (at != map)
			dma_unmap(&dev, at, 100, DMA_FROM_DEVICE);
	for (size_t n = 0; n < 5000; n++)
		if (n != 100)
			dma_unmap(&dev, map, n, DMA_FROM_DEVICE);
	dma_unmap(&dev, map, 100 + (1UL << 30), DMA_FROM_DEVICE);
	dma_unmap(&dev, map, 100 + (1UL << 62), DMA_FROM_DEVICE);
	dma_unmap(&dev, map, 100, DMA_BOTH);
	dma_unmap(&dev, ring, 5000, (enum dma_direction)DMA_BOTH);
	dma_free(&dev, memory, 4999, ring);
	dma_free(&dev, data, 100, map);
	CHECK_EQ(pool->refused, times_said);
	CHECK_EQ(times_said, (MIB + 2 * PAGE) / 256 + 4999 + 6);
	dma_free(&dev, memory, 5000, ring);
	dma_unmap(&dev, map, 100, DMA_FROM_DEVICE);
	CHECK_EQ(pool->refused, times_said);
	dma_free(&dev, memory, 5000, ring);
	CHECK_EQ(pool->refused, times_said);
	end();
}

TEST(a_ring_of_any_size_is_had_from_an_area)
{
	dma_addr_t address;
	void *memory;

	begin(8 * MIB);
	memory = dma_alloc(&dev, 3 * MIB + 5, &address);
	if (CHECK(memory)) {
		CHECK(is_filled(memory, 3 * MIB + PAGE, 0));
		CHECK(dma_reaches(&dev, address, 3 * MIB + 5));
		dma_free(&dev, memory, 3 * MIB + 5, address);
	}
	CHECK(!dma_alloc(&dev, 4 * MIB + 1, &address));
	CHECK(!dma_alloc(&dev, SIZE_MAX, &address));
	CHECK(!dma_alloc(&dev, 0, &address));
	end();
}

/* However much is taken for good, and however it is cut. */
static void try_request(u64 size, size_t segment)
{
	size_t left, n = 0, small = 0;
	dma_addr_t address;

	begin(size);
	while (dma_alloc(&dev, PAGE, &address))
		;
	left = dma_request_max(&dev);
	CHECK(left >= MIN(size / 8, (u64)DMA_MAP_MAX));
	while (small < 2 && !dma_map(&dev, ram, 1, DMA_BOTH, &address))
		small++;
	while (left) {
		size_t length = MIN(segment, left);

		if (!CHECK_EQ(dma_map(&dev, ram, length, DMA_BOTH, &address),
			      0))
			break;
		left -= length;
		n++;
	}
	CHECK_EQ(small, 2);
	CHECK(n);
	fake_ram_begin();
}

TEST(a_request_finds_room_when_nothing_else_is_mapped)
{
	static const u64 sizes[] = { MIB, 2 * MIB, 9 * MIB, 64 * MIB };

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		try_request(sizes[i], PAGE);
		try_request(sizes[i], 60 * KIB);
		try_request(sizes[i], DMA_MAP_MAX);
	}
	dev.dma_pool = NULL;
	CHECK_EQ(dma_request_max(&dev), SIZE_MAX);
}

TEST(what_is_reached_has_ends)
{
	begin(MIB);
	CHECK(dma_reaches(&dev, POOL_START, MIB));
	CHECK(!dma_reaches(&dev, POOL_START - 1, 2));
	CHECK(!dma_reaches(&dev, POOL_START + MIB - 1, 2));
	CHECK(!dma_reaches(&dev, POOL_START, SIZE_MAX));
	CHECK(!dma_reaches(&dev, POOL_START, 0));
	dev.dma_pool = NULL;
	CHECK(dma_reaches(&dev, MIB, GIB - MIB));
	CHECK(!dma_reaches(&dev, MIB, GIB));
	CHECK(!dma_reaches(&dev, 0, PAGE));
	dev.dma_pool = pool;
	end();
}

/* Whatever has no memory has no pool, and loses none. */
TEST(no_pool_without_memory)
{
	u64 before;

	begin(64 * MIB);
	end();
	boot(GIB);
	before = page_free_count();
	CHECK(!dma_pool_create("none", POOL_START, 0));
	CHECK(!dma_pool_create("none", POOL_START, PAGE - 1));
	CHECK(!dma_pool_create("none", POOL_START + 1, PAGE));
	kmem_trim();
	CHECK_EQ(page_free_count(), before);
}

static void parameter(const char *text)
{
	static char words[128];

	strscpy(words, text, sizeof(words));
	param_parse(words);
}

static void run_initcall(const char *name)
{
	table_for_each(const struct initcall, init, call) {
		if (!strcmp((*call)->name, name))
			CHECK_EQ((*call)->fn(), 0);
	}
}

/* In this order: what is on the command line stays. */
TEST(the_default_pool_is_made_when_it_is_needed)
{
	struct device plain = { .name = "plain" };

	fake_ram_begin();
	boot(300 * MIB);
	parameter("swiotlb=force swiotlb=noforce");
	run_initcall("swiotlb_init");
	CHECK(!device_root_dma_pool);
	CHECK_EQ(dma_limit_to_platform(&plain), 0);
	CHECK(!plain.dma_pool);
	parameter("swiotlb=1024,access-platform,noforce");
	CHECK_EQ(dma_limit_to_platform(&plain), 0);
	CHECK(!plain.dma_pool);
	CHECK_EQ(times_said, 0);
	parameter("swiotlb=65536,force");
	run_initcall("swiotlb_init");
	if (!CHECK(device_root_dma_pool))
		return;
	CHECK_EQ(device_root_dma_pool->size, 128 * MIB);
	CHECK_EQ(times_said, 1);
	CHECK_EQ(dma_limit_to_platform(&plain), 0);
	CHECK(plain.dma_pool == device_root_dma_pool);
}

TEST(wrong_words_are_refused)
{
	static const char *const wrong[] = {
		"swiotlb",
		"swiotlb=",
		"swiotlb=0",
		"swiotlb=1,",
		"swiotlb=,1",
		"swiotlb=forces",
		"swiotlb=524289",
		"swiotlb=-1",
		"swiotlb=access-platform-and-more",
		"swiotlb=99999999999999999",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		times_said = 0;
		parameter(wrong[i]);
		CHECK_EQ(times_said, 1);
	}
}

static void region(const char *name, u64 start, u64 size, u32 phandle,
		   const char *compatible)
{
	tree_begin(name);
	tree_string("compatible", compatible);
	TREE_CELLS("reg", (u32)(start >> 32), (u32)start, (u32)(size >> 32),
		   (u32)size);
	TREE_CELLS("phandle", phandle);
	tree_end();
}

static int user(const char *name)
{
	return fdt_find(&fdt, name);
}

static void add_user(const char *name, u32 phandle)
{
	tree_begin(name);
	TREE_CELLS("memory-region", phandle);
	tree_end();
}

/* A tree with two pools, of which one overlaps with what is used. */
static void make_tree(void)
{
	tree_start();
	TREE_CELLS("#address-cells", 2);
	TREE_CELLS("#size-cells", 2);
	tree_begin("reserved-memory");
	TREE_CELLS("#address-cells", 2);
	TREE_CELLS("#size-cells", 2);
	tree_property("ranges", NULL, 0);
	region("good@4000000", POOL_START, MIB, 1, "restricted-dma-pool");
	region("used@6000000", 96 * MIB, MIB, 2, "restricted-dma-pool");
	region("other@7000000", 112 * MIB, MIB, 3, "shared-dma-pool");
	region("wraps", UINT64_MAX - PAGE + 1, 2 * PAGE, 4,
	       "restricted-dma-pool");
	region("twice", POOL_START + PAGE, PAGE, 5, "restricted-dma-pool");
	tree_end();
	add_user("a", 1);
	add_user("b", 1);
	add_user("c", 2);
	add_user("d", 3);
	add_user("e", 77);
	add_user("f", 4);
	add_user("g", 5);
	tree_finish();
}

TEST(restricted_pools_are_those_of_the_tree)
{
	fake_ram_begin();
	memmap_add(&ram_map, POOL_START, MIB, MEMMAP_DMA_POOL);
	memmap_add(&ram_map, 96 * MIB, MIB, MEMMAP_DMA_POOL);
	memmap_add(&ram_map, 97 * MIB - PAGE, PAGE, MEMMAP_KERNEL);
	/* The loader has put these into the pool. */
	boot_info.fdt = POOL_START + 2 * PAGE;
	boot_info.initrd = POOL_START + MIB - 100;
	boot_info.initrd_size = 100;
	boot(GIB);
	make_tree();
	memcpy(phys_to_virt(boot_info.fdt), tree.blob, tree.size);
	memset(phys_to_virt(boot_info.initrd), 0x33, 100);
	CHECK_EQ(fdt_open(&fdt, phys_to_virt(boot_info.fdt), tree.size), 0);
	run_initcall("dma_clear_pools");
	memset(phys_to_virt(POOL_START), 0xff, MIB);
	CHECK(is_filled(phys_to_virt(boot_info.initrd), 100, 0x33));

	pool = dma_pool_for_node(user("/a"));
	if (!CHECK(pool && pool != &dma_no_pool))
		return;
	CHECK_EQ(pool->start, POOL_START);
	CHECK_EQ(pool->size, MIB);
	CHECK_STR(pool->name, "good@4000000");
	CHECK_EQ(times_said, 1);
	CHECK(dma_pool_for_node(user("/b")) == pool);
	CHECK_EQ(times_said, 1);
	CHECK(dma_pool_for_node(user("/c")) == &dma_no_pool);
	CHECK_EQ(times_said, 2);
	CHECK(!dma_pool_for_node(user("/d")));
	CHECK(!dma_pool_for_node(user("/e")));
	CHECK(!dma_pool_for_node(FDT_NONE));
	CHECK_EQ(times_said, 2);
	CHECK(dma_pool_for_node(user("/f")) == &dma_no_pool);
	CHECK(dma_pool_for_node(user("/g")) == &dma_no_pool);
	CHECK_EQ(times_said, 4);
	end();
}
