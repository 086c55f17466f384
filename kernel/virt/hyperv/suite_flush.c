/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of remote flushes: another CPU reads at one address, behind which
 * the memory changes, and finds nothing older than the last flush left there.
 */
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/preempt.h>
#include <kernel/smp.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include "suite.h"

#define CHANGES	 200
#define LIMIT_NS (20 * NSEC_PER_SEC)

static struct {
	const u8 *va;
	u8 oldest; /* what may still be read */
	bool end;
	unsigned stale, reads;
} remap;

static void read_always(void *arg __unused)
{
	while (!atomic_read(&remap.end)) {
		/* Before the read of what must not be older. */
		u8 oldest = atomic_load_acquire(&remap.oldest), value;

		if (probe_read8(remap.va, &value))
			continue;
		atomic_write(&remap.reads, remap.reads + 1);
		remap.stale += (s8)(value - oldest) < 0;
	}
}

static int flush_by_service(uintptr_t start, uintptr_t end)
{
	tlb_flush_kernel_range(start, end);
	return 0;
}

/* This CPU does not read there. */
static int flush_by_set(uintptr_t start, uintptr_t end)
{
	struct cpumask others;
	int err;

	preempt_disable();
	others = hv_test_others();
	err = hv_flush_by_set(&others, start, end);
	preempt_enable();
	return err;
}

/* The reader has translated the address in between, if it can. */
static void let_read(void)
{
	u64 until = time_ns() + LIMIT_NS;
	unsigned before = atomic_read(&remap.reads);

	while (atomic_read(&remap.reads) == before && time_ns() < until)
		cpu_relax();
}

static int change(phys_addr_t page, u8 generation,
		  int (*flush)(uintptr_t start, uintptr_t end))
{
	uintptr_t va = (uintptr_t)remap.va;
	int err;

	*(u8 *)phys_to_virt(page) = generation;
	arch_unmap(va, PAGE_SIZE);
	err = flush(va, va + PAGE_SIZE);
	atomic_store_release(&remap.oldest, generation);
	arch_map(va, page, PAGE_SIZE, MEMORY_WB);
	return err;
}

static void change_often(struct selftest *t, const phys_addr_t *pages,
			 int (*flush)(uintptr_t start, uintptr_t end))
{
	unsigned failures = 0;

	for (unsigned n = 1; n <= CHANGES; n++) {
		failures += change(pages[n & 1], (u8)n, flush) != 0;
		let_read();
	}
	/* The mapping is the one that memremap() made. */
	change(pages[0], (u8)(CHANGES + 1), flush_by_service);
	EXPECT_EQ(t, failures, 0);
}

static void run(struct selftest *t, const phys_addr_t *pages,
		int (*flush)(uintptr_t start, uintptr_t end))
{
	struct thread_attr attr = { .bound = true };
	struct thread *reader;

	preempt_disable();
	attr.cpu = cpumask_next_cyclic(&cpu_online_mask, smp_processor_id());
	preempt_enable();
	remap.end = false;
	remap.oldest = 0;
	remap.stale = 0;
	remap.reads = 0;
	reader = thread_create("reads", read_always, NULL, &attr);
	if (!EXPECT(t, reader))
		return;
	change_often(t, pages, flush);
	atomic_write(&remap.end, true);
	thread_join(reader);
	selftest_note(t, "%u changes, %u reads", CHANGES, remap.reads);
	EXPECT_EQ(t, remap.stale, 0);
	EXPECT(t, remap.reads >= CHANGES);
}

static void remap_by(struct selftest *t,
		     int (*flush)(uintptr_t start, uintptr_t end))
{
	phys_addr_t pages[2] = { alloc_pages(0, ALLOC_ZERO),
				 alloc_pages(0, ALLOC_ZERO) };
	void *va = pages[0] && pages[1]
			   ? memremap(pages[0], PAGE_SIZE, MEMORY_WB)
			   : NULL;

	if (EXPECT(t, va)) {
		remap.va = va;
		run(t, pages, flush);
		memunmap(va);
	}
	if (pages[0])
		free_pages(pages[0], 0);
	if (pages[1])
		free_pages(pages[1], 0);
}

void hv_test_flush(struct selftest *t)
{
	u64 before = hv_flush_calls();

	if (!hv_test_runs(t, HV_REMOTE_FLUSH) || !hv_test_has_others(t))
		return;
	remap_by(t, flush_by_service);
	if (EXPECT(t, hv_flush_calls() - before >= CHANGES) &&
	    !selftest_failed(t))
		hv_verified(HV_REMOTE_FLUSH);
}

void hv_test_flush_sets(struct selftest *t)
{
	if (!hv_test_runs(t, HV_REMOTE_FLUSH) || !hv_test_has_others(t))
		return;
	if (!hv_offers("ex-processor-masks"))
		selftest_skip(t, "the host knows no sparse sets");
	else
		remap_by(t, flush_by_set);
}
