/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bounce buffers, in a pool of the suite's own, whose device is the test: what
 * it would read and write is at the addresses that it is given.
 */
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/selftest.h>
#include <kernel/semaphore.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include "pool.h"

#define POOL_ORDER  6 /* 128 slots: the longest mapping has 64 */
#define POOL_SLOTS  (PAGE_SIZE << POOL_ORDER >> DMA_SLOT_SHIFT)
#define DATA_BYTES  (3 * DMA_SLOT_BYTES)
#define WAIT_MS	    10000 /* what takes longer was lost */
#define ROUNDS	    200
#define THREADS_MAX 4

/* Of the running case. */
static struct {
	struct dma_pool *pool;
	phys_addr_t block;
	struct device dev;
	u8 *data;
} here;

static bool begin(struct selftest *t)
{
	memset(&here, 0, sizeof(here));
	strscpy(here.dev.name, "dma-test", sizeof(here.dev.name));
	here.block = alloc_pages(POOL_ORDER, 0);
	here.data = kmalloc(DATA_BYTES);
	if (here.block) {
		/* Somebody's secrets. */
		memset(phys_to_virt(here.block), 0x5e, PAGE_SIZE << POOL_ORDER);
		here.pool = dma_pool_create("test", here.block,
					    PAGE_SIZE << POOL_ORDER);
	}
	here.dev.dma_pool = here.pool;
	return EXPECT(t, here.pool && here.data);
}

/* All was given back. */
static void end(struct selftest *t)
{
	if (here.pool && EXPECT_EQ(t, dma_pool_destroy(here.pool), 0))
		free_pages(here.block, POOL_ORDER);
	kfree(here.data);
}

static u8 *seen_at(dma_addr_t address)
{
	return phys_to_virt(address);
}

static bool all_are(const u8 *bytes, size_t n, u8 value)
{
	while (n && *bytes == value) {
		bytes++;
		n--;
	}
	return !n;
}

static void test_direct(struct selftest *t)
{
	struct device dev = { 0 };
	u8 *data = kmalloc(DATA_BYTES);
	dma_addr_t address = 0;

	if (!EXPECT(t, data))
		return;
	EXPECT_EQ(t, dma_map(&dev, data, DATA_BYTES, DMA_BOTH, &address), 0);
	EXPECT_EQ(t, address, virt_to_phys(data));
	EXPECT(t, dma_reaches(&dev, address, DATA_BYTES));
	EXPECT(t, !dma_reaches(&dev, address, SIZE_MAX));
	EXPECT(t, !dma_reaches(&dev, arch_phys_end() - 1, 2));
	dma_unmap(&dev, address, DATA_BYTES, DMA_BOTH);
	kfree(data);
}

/* What the device reads is a copy, and nothing else is there. */
static void test_to_device(struct selftest *t)
{
	size_t length = DMA_SLOT_BYTES + 5;
	dma_addr_t address = 0;

	if (begin(t)) {
		memset(here.data, 0x11, length);
		EXPECT_EQ(t,
			  dma_map(&here.dev, here.data, length, DMA_TO_DEVICE,
				  &address),
			  0);
		EXPECT(t, dma_reaches(&here.dev, address, length));
		EXPECT(t, !dma_reaches(&here.dev, virt_to_phys(here.data), 1));
		EXPECT(t, all_are(seen_at(address), length, 0x11));
		EXPECT(t, all_are(seen_at(address) + length,
				  2 * DMA_SLOT_BYTES - length, 0));
		/* It only reads: what it writes does not come back. */
		memset(seen_at(address), 0x22, length);
		dma_unmap(&here.dev, address, length, DMA_TO_DEVICE);
		EXPECT(t, all_are(here.data, length, 0x11));
	}
	end(t);
}

static void test_from_device(struct selftest *t)
{
	size_t length = DATA_BYTES - 1;
	dma_addr_t address = 0;

	if (begin(t)) {
		memset(here.data, 0x11, DATA_BYTES);
		EXPECT_EQ(t,
			  dma_map(&here.dev, here.data, length, DMA_FROM_DEVICE,
				  &address),
			  0);
		EXPECT(t, all_are(seen_at(address), DATA_BYTES, 0));
		memset(seen_at(address), 0x22, DATA_BYTES);
		EXPECT(t, all_are(here.data, DATA_BYTES, 0x11));
		dma_unmap(&here.dev, address, length, DMA_FROM_DEVICE);
		EXPECT(t, all_are(here.data, length, 0x22));
		EXPECT_EQ(t, here.data[length], 0x11);
	}
	end(t);
}

static void refused_ends(struct selftest *t, dma_addr_t address)
{
	struct device *dev = &here.dev;

	dma_unmap(dev, address, 101, DMA_FROM_DEVICE);
	dma_unmap(dev, address, 100, DMA_TO_DEVICE);
	dma_unmap(dev, address + 1, 100, DMA_FROM_DEVICE);
	dma_unmap(dev, address + DMA_SLOT_BYTES, 100, DMA_FROM_DEVICE);
	dma_unmap(dev, here.pool->start + here.pool->size, 100,
		  DMA_FROM_DEVICE);
	dma_unmap(dev, virt_to_phys(here.data), 100, DMA_FROM_DEVICE);
	dma_unmap(dev, address, 100 + (1UL << 30), DMA_FROM_DEVICE);
	dma_free(dev, seen_at(address), 100, address);
	EXPECT_EQ(t, here.pool->refused, 8);
	EXPECT(t, all_are(here.data, 100, 0x11));
}

static void test_wrong_ends(struct selftest *t)
{
	dma_addr_t address = 0;

	if (begin(t)) {
		memset(here.data, 0x11, 100);
		EXPECT_EQ(t,
			  dma_map(&here.dev, here.data, 100, DMA_FROM_DEVICE,
				  &address),
			  0);
		refused_ends(t, address);
		dma_unmap(&here.dev, address, 100, DMA_FROM_DEVICE);
		EXPECT(t, all_are(here.data, 100, 0));
		/* And not twice. */
		memset(here.data, 0x11, 100);
		dma_unmap(&here.dev, address, 100, DMA_FROM_DEVICE);
		EXPECT(t, all_are(here.data, 100, 0x11));
		EXPECT_EQ(t, here.pool->refused, 9);
	}
	end(t);
}

/* However much lasts, the longest mapping finds room. */
static void test_lasting(struct selftest *t)
{
	struct device *dev = &here.dev;
	dma_addr_t address[POOL_SLOTS / 2] = { 0 }, longest = 0;
	void *memory[POOL_SLOTS / 2] = { 0 };
	unsigned n = 0;

	if (begin(t)) {
		while (n < POOL_SLOTS / 2 &&
		       (memory[n] = dma_alloc(dev, 100, &address[n]))) {
			EXPECT_EQ(t, virt_to_phys(memory[n]), address[n]);
			EXPECT(t, dma_reaches(dev, address[n], PAGE_SIZE));
			EXPECT(t, IS_ALIGNED(address[n], PAGE_SIZE));
			EXPECT(t, all_are(memory[n++], PAGE_SIZE, 0));
		}
		EXPECT_EQ(t, n, (POOL_SLOTS - here.pool->lasting) / 2);
		EXPECT(t, n > 0);
		EXPECT_EQ(t,
			  dma_map(dev, seen_at(here.block),
				  POOL_SLOTS / 2 * DMA_SLOT_BYTES,
				  DMA_FROM_DEVICE, &longest),
			  0);
		EXPECT_EQ(t, longest, here.pool->start);
		EXPECT(t, !dma_alloc(dev, 0, &address[n]));
		dma_unmap(dev, longest, POOL_SLOTS / 2 * DMA_SLOT_BYTES,
			  DMA_FROM_DEVICE);
		while (n-- > 0)
			dma_free(dev, memory[n], 100, address[n]);
	}
	end(t);
}

struct caller {
	struct dma_waiter waiter;
	struct semaphore calls;
};

static void call(struct dma_waiter *waiter)
{
	semaphore_up(&container_of(waiter, struct caller, waiter)->calls);
}

static bool was_called(struct caller *caller, u64 ms)
{
	return semaphore_down_until(&caller->calls,
				    time_ns() + ms * NSEC_PER_MSEC);
}

/* Take all that there is, and wait for some of it. */
static void fill_and_wait(struct selftest *t, dma_addr_t *address)
{
	struct caller caller = { .waiter.fn = call };
	struct device *dev = &here.dev;
	dma_addr_t none;
	unsigned n = 0;

	while (n < POOL_SLOTS &&
	       !dma_map(dev, here.data, 1, DMA_TO_DEVICE, &address[n]))
		n++;
	EXPECT_EQ(t, n, POOL_SLOTS);
	EXPECT_EQ(t, dma_map(dev, here.data, 1, DMA_TO_DEVICE, &none), -EAGAIN);
	EXPECT_EQ(t, here.pool->failed, 1);
	dma_wait(dev, &caller.waiter);
	EXPECT(t, !was_called(&caller, 1));
	dma_unmap(dev, address[--n], 1, DMA_TO_DEVICE);
	EXPECT(t, was_called(&caller, WAIT_MS));
	/* Between the attempt and the waiting. */
	dma_unmap(dev, address[--n], 1, DMA_TO_DEVICE);
	dma_wait(dev, &caller.waiter);
	EXPECT(t, was_called(&caller, WAIT_MS));
	dma_wait(dev, &caller.waiter);
	dma_wait_cancel(dev, &caller.waiter);
	while (n-- > 0)
		dma_unmap(dev, address[n], 1, DMA_TO_DEVICE);
	EXPECT(t, !was_called(&caller, 1));
}

static void test_full(struct selftest *t)
{
	dma_addr_t *address = kmalloc(POOL_SLOTS * sizeof(*address));

	if (begin(t) && EXPECT(t, address))
		fill_and_wait(t, address);
	end(t);
	kfree(address);
}

static void test_never_fits(struct selftest *t)
{
	struct device dev = { .dma_pool = &dma_no_pool };
	dma_addr_t address;

	if (begin(t)) {
		size_t longest = here.pool->map_max * DMA_SLOT_BYTES;

		EXPECT_EQ(t,
			  dma_map(&here.dev, here.data, longest + 1,
				  DMA_TO_DEVICE, &address),
			  -EINVAL);
		EXPECT_EQ(t,
			  dma_map(&here.dev, here.data, 0, DMA_TO_DEVICE,
				  &address),
			  -EINVAL);
		EXPECT_EQ(t,
			  dma_map(&dev, here.data, 1, DMA_TO_DEVICE, &address),
			  -EINVAL);
		EXPECT(t, !dma_alloc(&dev, 1, &address));
		EXPECT(t, !dma_reaches(&dev, 0, 1));
	}
	end(t);
}

static void test_inherited(struct selftest *t)
{
	struct device above = { .name = "dma-test-above" };
	struct device below = { .name = "dma-test-below", .parent = &above };

	if (begin(t)) {
		above.dma_pool = here.pool;
		EXPECT_EQ(t, device_register(&above), 0);
		EXPECT_EQ(t, device_register(&below), 0);
		EXPECT(t, below.dma_pool == here.pool);
		EXPECT_EQ(t, device_unregister(&below), 0);
		EXPECT_EQ(t, device_unregister(&above), 0);
	}
	end(t);
}

static unsigned wrong, full, lost;

/* As a driver would do it. */
static bool map_or_wait(struct caller *caller, u8 *data, size_t length,
			dma_addr_t *address)
{
	while (dma_map(&here.dev, data, length, DMA_BOTH, address)) {
		atomic_fetch_add(&full, 1U);
		dma_wait(&here.dev, &caller->waiter);
		if (!was_called(caller, WAIT_MS)) {
			atomic_fetch_add(&lost, 1U);
			dma_wait_cancel(&here.dev, &caller->waiter);
			return false;
		}
	}
	return true;
}

static void bounce(void *arg)
{
	struct caller caller = { .waiter.fn = call };
	u8 byte = (u8)(uintptr_t)arg, *data = kmalloc(DMA_MAP_MAX);
	dma_addr_t address;

	for (unsigned i = 0; data && i < ROUNDS; i++) {
		size_t length =
			1 + (i * 7919 + byte * 104729) %
				    (here.pool->map_max * DMA_SLOT_BYTES / 2);

		memset(data, byte, length);
		if (!map_or_wait(&caller, data, length, &address))
			break;
		atomic_fetch_add(&wrong,
				 !all_are(seen_at(address), length, byte));
		/* Others come in between. */
		thread_yield();
		memset(seen_at(address), (u8)~byte, length);
		dma_unmap(&here.dev, address, length, DMA_BOTH);
		atomic_fetch_add(&wrong, !all_are(data, length, (u8)~byte));
	}
	kfree(data);
}

static void test_many(struct selftest *t)
{
	struct thread *threads[2 * THREADS_MAX];
	unsigned count =
		2 * MIN(cpumask_count(&cpu_online_mask), (unsigned)THREADS_MAX);

	wrong = full = lost = 0;
	if (begin(t)) {
		for (uintptr_t i = 0; i < count; i++)
			threads[i] = thread_create("dma-test", bounce,
						   (void *)i, NULL);
		for (unsigned i = 0; i < count; i++)
			if (EXPECT(t, threads[i]))
				thread_join(threads[i]);
		EXPECT_EQ(t, wrong, 0);
		EXPECT_EQ(t, lost, 0);
		EXPECT_EQ(t, here.pool->refused, 0);
		selftest_note(t, "%u mappings by %u threads, %u found it full",
			      count * ROUNDS, count, full);
	}
	end(t);
}

static const struct selftest_case dma_cases[] = {
	{ .name = "without-pool-memory-itself", .run = test_direct },
	{ .name = "device-reads-a-copy", .run = test_to_device },
	{ .name = "what-device-wrote-comes-back", .run = test_from_device },
	{ .name = "wrong-ends-are-refused", .run = test_wrong_ends },
	{ .name = "lasting-memory-leaves-room", .run = test_lasting },
	{ .name = "full-pool-calls-who-waits", .run = test_full },
	{ .name = "what-never-fits-is-an-error", .run = test_never_fits },
	{ .name = "children-have-the-parents-pool", .run = test_inherited },
	{ .name = "many-threads-lose-nothing", .run = test_many },
	{},
};
SELFTEST_SUITE(dma, "dma", dma_cases, 0);
