/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of what a host does for guests whose CPUs compete for its own,
 * beside counting: see suite.h.
 */
#include <kernel/cpu.h>
#include <kernel/io.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/spin_pv.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include "suite_compete.h"

#define LIMIT_NS (5 * NSEC_PER_SEC)

/*
 * One page of addresses, behind which the memory changes. What is read there
 * is never older than what the last flush left behind.
 */
static struct {
	const u8 *va;
	u8 oldest; /* what may still be read */
	bool end;
	unsigned stale, reads, faults;
} remap;

static void read_always(void *arg __unused)
{
	while (!atomic_read(&remap.end)) {
		/* Before the read of what must not be older. */
		u8 oldest = atomic_load_acquire(&remap.oldest), value;

		if (probe_read8(remap.va, &value)) {
			remap.faults++;
			continue;
		}
		atomic_write(&remap.reads, remap.reads + 1);
		remap.stale += (s8)(value - oldest) < 0;
	}
}

static void change(phys_addr_t page, u8 generation)
{
	uintptr_t va = (uintptr_t)remap.va;

	*(u8 *)phys_to_virt(page) = generation;
	arch_unmap(va, PAGE_SIZE);
	tlb_flush_kernel_range(va, va + PAGE_SIZE);
	atomic_store_release(&remap.oldest, generation);
	arch_map(va, page, PAGE_SIZE, MEMORY_WB);
}

#define READS_WANTED 1000
/* Changes after which the reader gets a time with something to read. */
#define CHANGES_AT_ONCE 16
#define READ_NS		(20 * NSEC_PER_MSEC)

static void let_read(void)
{
	u64 until = time_ns() + READ_NS;
	unsigned before = atomic_read(&remap.reads);

	while (atomic_read(&remap.reads) == before && time_ns() < until)
		cpu_relax();
}

/* Until CPUs that did not run were flushed by the host @wanted times. */
static unsigned change_often(const phys_addr_t *pages, u64 wanted,
			     u64 (*by_host)(void))
{
	u64 until = time_ns() + LIMIT_NS, before = by_host();
	unsigned n = 0;

	while ((by_host() - before < wanted ||
		atomic_read(&remap.reads) < READS_WANTED) &&
	       time_ns() < until) {
		n++;
		change(pages[n & 1], (u8)n);
		if (n % CHANGES_AT_ONCE == 0)
			let_read();
	}
	/* The mapping is the one that memremap() made. */
	change(pages[0], (u8)(n + 1));
	return n;
}

#define LEFT_WANTED 20

static void remap_under_load(struct selftest *t, const phys_addr_t *pages,
			     u64 (*by_host)(void))
{
	struct thread_attr attr = { .bound = true };
	u64 before = by_host();
	struct thread *reader;
	unsigned n;

	attr.cpu = cpumask_next_cyclic(&cpu_online_mask, smp_processor_id());
	remap.end = false;
	remap.oldest = 0;
	remap.stale = 0;
	remap.reads = 0;
	reader = thread_create("reads", read_always, NULL, &attr);
	if (!EXPECT(t, reader))
		return;
	n = change_often(pages, LEFT_WANTED, by_host);
	atomic_write(&remap.end, true);
	thread_join(reader);
	selftest_note(
		t, "%u changes, %u reads, %u faults, %llu flushes by the host",
		n, remap.reads, remap.faults,
		(unsigned long long)(by_host() - before));
	EXPECT_EQ(t, remap.stale, 0);
	EXPECT(t, remap.reads > 0);
}

void virt_test_flush(struct selftest *t, enum hypervisor_type type,
		     const char *feature, u64 (*by_host)(void))
{
	phys_addr_t pages[2] = { alloc_pages(0, ALLOC_ZERO),
				 alloc_pages(0, ALLOC_ZERO) };
	u64 before = by_host();
	void *va;

	if (!virt_test_runs(t, type, feature) ||
	    !EXPECT(t, pages[0] && pages[1]))
		goto err_free_pages;
	if (!virt_test_competes(t))
		goto err_free_pages;
	va = memremap(pages[0], PAGE_SIZE, MEMORY_WB);
	if (!EXPECT(t, va))
		goto err_free_pages;
	remap.va = va;
	remap_under_load(t, pages, by_host);
	memunmap(va);
	if (by_host() == before)
		selftest_skip(t, "no CPU was found not running");
	else if (!selftest_failed(t))
		virt_service_verified(type, feature);

err_free_pages:
	free_pages(pages[0], 0);
	free_pages(pages[1], 0);
}

static void nothing(void *arg __unused)
{
}

/* Calls to busy CPUs: who is waited for and does not run gets the CPU. */
void virt_test_yield(struct selftest *t, enum hypervisor_type type,
		     const char *feature, u64 (*yields)(void))
{
	u64 before = yields(), until = time_ns() + LIMIT_NS;
	unsigned calls = 0;

	if (!virt_test_runs(t, type, feature))
		return;
	if (!virt_test_competes(t))
		return;
	virt_busy_start();
	while (yields() == before && time_ns() < until) {
		smp_call_mask(&cpu_online_mask, nothing, NULL);
		calls++;
	}
	virt_busy_end();
	selftest_note(t, "%u calls, %llu yields", calls,
		      (unsigned long long)(yields() - before));
	if (EXPECT(t, yields() > before))
		virt_service_verified(type, feature);
}

#define HALT_LIMIT_NS (20 * NSEC_PER_SEC)

static struct {
	struct spinlock lock;
	bool held; /* by who waits for the waiter to halt */
} halting;

static void take_and_give(void *arg __unused)
{
	while (!atomic_read(&halting.held))
		thread_yield();
	spin_lock(&halting.lock);
	spin_unlock(&halting.lock);
}

/* The waiter halts while this thread holds the lock, and is kicked. */
void virt_test_halting_locks(struct selftest *t, enum hypervisor_type type,
			     const char *feature)
{
	struct thread_attr attr = { .bound = true };
	u64 halts, kicks, halts_before, kicks_before;
	u64 until = time_ns() + HALT_LIMIT_NS;
	struct thread *waiter;

	if (!virt_test_runs(t, type, feature))
		return;
	if (cpumask_count(&cpu_online_mask) < 2) {
		selftest_skip(t, "one CPU");
		return;
	}
	spin_pv_counts(&halts_before, &kicks_before);
	preempt_disable();
	attr.cpu = cpumask_next_cyclic(&cpu_online_mask, smp_processor_id());
	preempt_enable();
	waiter = thread_create("halts", take_and_give, NULL, &attr);
	if (!EXPECT(t, waiter))
		return;
	spin_lock(&halting.lock);
	atomic_write(&halting.held, true);
	do
		spin_pv_counts(&halts, &kicks);
	while (halts == halts_before && time_ns() < until);
	spin_unlock(&halting.lock);
	thread_join(waiter);
	atomic_write(&halting.held, false);
	spin_pv_counts(&halts, &kicks);
	if (EXPECT(t, halts > halts_before) && EXPECT(t, kicks > kicks_before))
		virt_service_verified(type, feature);
}

/*
 * All CPUs want one lock. Who holds it is taken off the host's CPU now and
 * then, and others want that CPU for nothing but to wait: they have to halt.
 */
#define LOCKERS_MAX  4
#define LOCK_NS	     (300 * NSEC_PER_MSEC)
#define HELD_ROUNDS  2000
#define HALTS_WANTED 3

static struct {
	struct spinlock lock;
	bool stop;
	unsigned inside, most_inside;
	u64 taken[LOCKERS_MAX];
} fought;

static void fight(void *arg)
{
	u64 *taken = arg;

	while (!atomic_read(&fought.stop)) {
		spin_lock(&fought.lock);
		fought.inside++;
		fought.most_inside = MAX(fought.most_inside, fought.inside);
		for (unsigned i = 0; i < HELD_ROUNDS; i++)
			cpu_relax();
		fought.inside--;
		++*taken;
		spin_unlock(&fought.lock);
	}
}

/* Until waiters have halted and were kicked often enough, or long enough. */
static void fight_for_lock(u64 *halts, u64 *kicks)
{
	struct thread *threads[LOCKERS_MAX];
	u64 start = time_ns(), halts_before, kicks_before;
	unsigned cpu, n = 0;

	memset(&fought, 0, sizeof(fought));
	spin_pv_counts(&halts_before, &kicks_before);
	for_each_online_cpu(cpu) {
		struct thread_attr attr = { .bound = true, .cpu = cpu };

		if (n < LOCKERS_MAX)
			threads[n] = thread_create("fights", fight,
						   &fought.taken[n], &attr);
		if (n < LOCKERS_MAX && threads[n])
			n++;
	}
	do {
		thread_sleep_ns(LOCK_NS);
		spin_pv_counts(halts, kicks);
		*halts -= halts_before;
		*kicks -= kicks_before;
	} while ((*halts < HALTS_WANTED || *kicks < HALTS_WANTED) &&
		 time_ns() - start < LIMIT_NS);
	atomic_write(&fought.stop, true);
	for (unsigned i = 0; i < n; i++) {
		thread_join(threads[i]);
		fought.taken[0] += i ? fought.taken[i] : 0;
	}
}

void virt_test_preempted_holder(struct selftest *t, enum hypervisor_type type,
				const char *feature)
{
	u64 halts, kicks;

	if (!virt_test_runs(t, type, feature) || !virt_test_competes(t))
		return;
	fight_for_lock(&halts, &kicks);
	selftest_note(t, "taken %llu times, %llu halts, %llu kicks",
		      (unsigned long long)fought.taken[0],
		      (unsigned long long)halts, (unsigned long long)kicks);
	EXPECT_EQ(t, fought.most_inside, 1);
	EXPECT(t, fought.taken[0] > 0);
	if (EXPECT(t, halts >= HALTS_WANTED) &&
	    EXPECT(t, kicks >= HALTS_WANTED) && !selftest_failed(t))
		virt_service_verified(type, feature);
}
