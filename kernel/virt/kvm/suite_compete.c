/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of what KVM does for guests whose CPUs compete for the host's,
 * beside counting: see suite_compete.h.
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
#include "internal.h"
#include "suite.h"
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
static unsigned change_often(const phys_addr_t *pages, u64 wanted)
{
	u64 until = time_ns() + LIMIT_NS, before = kvm_tlb_left_to_host();
	unsigned n = 0;

	while ((kvm_tlb_left_to_host() - before < wanted ||
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

static void remap_under_load(struct selftest *t, const phys_addr_t *pages)
{
	struct thread_attr attr = { .bound = true };
	u64 before = kvm_tlb_left_to_host();
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
	n = change_often(pages, LEFT_WANTED);
	atomic_write(&remap.end, true);
	thread_join(reader);
	selftest_note(
		t, "%u changes, %u reads, %u faults, %llu flushes by the host",
		n, remap.reads, remap.faults,
		(unsigned long long)(kvm_tlb_left_to_host() - before));
	EXPECT_EQ(t, remap.stale, 0);
	EXPECT(t, remap.reads > 0);
}

static void test_tlb(struct selftest *t)
{
	phys_addr_t pages[2] = { alloc_pages(0, ALLOC_ZERO),
				 alloc_pages(0, ALLOC_ZERO) };
	u64 before = kvm_tlb_left_to_host();
	void *va;

	if (!kvm_test_runs(t, KVM_TLB_FLUSH) ||
	    !EXPECT(t, pages[0] && pages[1]))
		goto err_free_pages;
	if (!kvm_test_competes(t))
		goto err_free_pages;
	va = memremap(pages[0], PAGE_SIZE, MEMORY_WB);
	if (!EXPECT(t, va))
		goto err_free_pages;
	remap.va = va;
	remap_under_load(t, pages);
	memunmap(va);
	if (kvm_tlb_left_to_host() == before)
		selftest_skip(t, "no CPU was found not running");
	else if (!selftest_failed(t))
		virt_service_verified(HYPERV_TYPE_KVM, KVM_TLB_FLUSH);

err_free_pages:
	free_pages(pages[0], 0);
	free_pages(pages[1], 0);
}

static void nothing(void *arg __unused)
{
}

/* Calls to busy CPUs: who is waited for and does not run gets the CPU. */
static void test_yield(struct selftest *t)
{
	u64 before = kvm_ipi_yields(), until = time_ns() + LIMIT_NS;
	unsigned calls = 0;

	if (!kvm_test_runs(t, KVM_YIELD))
		return;
	if (!kvm_hypercalls_return() || !kvm_test_competes(t))
		return;
	kvm_busy_start();
	while (kvm_ipi_yields() == before && time_ns() < until) {
		smp_call_mask(&cpu_online_mask, nothing, NULL);
		calls++;
	}
	kvm_busy_end();
	selftest_note(t, "%u calls, %llu yields", calls,
		      (unsigned long long)(kvm_ipi_yields() - before));
	if (EXPECT(t, kvm_ipi_yields() > before))
		virt_service_verified(HYPERV_TYPE_KVM, KVM_YIELD);
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

static void test_preempted_holder(struct selftest *t)
{
	u64 halts, kicks;

	if (!kvm_test_runs(t, KVM_UNHALT))
		return;
	if (!kvm_hypercalls_return() || !kvm_test_competes(t))
		return;
	fight_for_lock(&halts, &kicks);
	selftest_note(t, "taken %llu times, %llu halts, %llu kicks",
		      (unsigned long long)fought.taken[0],
		      (unsigned long long)halts, (unsigned long long)kicks);
	EXPECT_EQ(t, fought.most_inside, 1);
	EXPECT(t, fought.taken[0] > 0);
	if (EXPECT(t, halts >= HALTS_WANTED) &&
	    EXPECT(t, kicks >= HALTS_WANTED) && !selftest_failed(t))
		virt_service_verified(HYPERV_TYPE_KVM, KVM_UNHALT);
}

static const struct selftest_case compete_cases[] = {
	{ .name = "flush-of-a-CPU-that-does-not-run-is-in-time",
	  .run = test_tlb },
	{ .name = "caller-yields-to-who-does-not-run", .run = test_yield },
	{ .name = "waiters-for-a-lock-whose-holder-does-not-run-halt",
	  .run = test_preempted_holder },
	{},
};
SELFTEST_SUITE(kvm_compete, "kvm-compete", compete_cases, 0);
