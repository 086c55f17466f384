/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of what KVM does for guests whose CPUs compete for the host's.
 * They need a host that has less CPUs for this guest than it has threads; on
 * others they are skipped.
 */
#include <kernel/cpu.h>
#include <kernel/io.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include "internal.h"
#include "suite.h"

#define BUSY_CPUS_MAX 4
/* How long CPUs are made to compete, and what shows that they do. */
#define COMPETE_NS    (300 * NSEC_PER_MSEC)
#define STOLEN_MIN_NS (20 * NSEC_PER_MSEC)
#define LIMIT_NS      (5 * NSEC_PER_SEC)
/*
 * A loop that reads the clock stands still for longer than this only when its
 * CPU does not run: the host's time slices are milliseconds, its interrupts
 * take less.
 */
#define GAP_NS		(500 * NSEC_PER_USEC)
#define STEAL_TOLERANCE 20U /* 5 % of the time on the clock */
/* Below the host there may be another one, which takes time as well. */
#define MEASUREMENTS 5

static struct {
	unsigned ready;
	bool end;
	u64 gaps_ns[BUSY_CPUS_MAX], stolen_ns[BUSY_CPUS_MAX];
} busy;

struct runner {
	struct thread *thread;
	unsigned index;
};

/*
 * Time in which this CPU stood still, and what was stolen meanwhile. Other
 * threads of the CPU, of which there are hardly any, run for less than a gap.
 * A gap in which nothing was stolen is not this host's doing, but that of
 * another one below it.
 */
static void measure(struct runner *self)
{
	unsigned cpu = smp_processor_id();
	u64 first = steal_clock(cpu), stolen = first;
	u64 before = first, earlier = first;
	u64 start = time_ns(), last = start, gaps = 0;

	while (!atomic_read(&busy.end) && last - start < LIMIT_NS) {
		u64 now = time_ns();

		stolen = steal_clock(cpu);
		/* It may have stood still between the two readings. */
		if (now - last > GAP_NS && stolen > earlier)
			gaps += now - last;
		earlier = before;
		before = stolen;
		last = now;
	}
	busy.stolen_ns[self->index] = stolen - first;
	busy.gaps_ns[self->index] = gaps;
}

static void run_busy(void *arg)
{
	u64 until = time_ns() + LIMIT_NS;

	atomic_fetch_add(&busy.ready, 1U);
	while (!atomic_read(&busy.end) &&
	       atomic_read(&busy.ready) <= BUSY_CPUS_MAX && time_ns() < until)
		thread_yield();
	measure(arg);
}

static unsigned start_runners(struct runner *runners)
{
	unsigned cpu, n = 0;

	atomic_write(&busy.ready, 0U);
	atomic_write(&busy.end, false);
	for_each_online_cpu(cpu) {
		struct thread_attr attr = { .bound = true, .cpu = cpu };

		if (n == BUSY_CPUS_MAX)
			break;
		runners[n].index = n;
		runners[n].thread =
			thread_create("competes", run_busy, &runners[n], &attr);
		n += runners[n].thread != NULL;
	}
	return n;
}

/* Keep some CPUs busy; how many. What they saw is in `busy`. */
static unsigned compete(u64 ns)
{
	struct runner runners[BUSY_CPUS_MAX];
	unsigned n = start_runners(runners);

	while (atomic_read(&busy.ready) < n)
		thread_sleep_ns(NSEC_PER_MSEC);
	/* All are there: go. */
	atomic_write(&busy.ready, BUSY_CPUS_MAX + 1U);
	thread_sleep_ns(ns);
	atomic_write(&busy.end, true);
	for (unsigned i = 0; i < n; i++)
		thread_join(runners[i].thread);
	return n;
}

static u64 sum(const u64 *values, unsigned n)
{
	u64 total = 0;

	for (unsigned i = 0; i < n; i++)
		total += values[i];
	return total;
}

/* True if the host has not enough CPUs; else @t is skipped. */
static bool competes(struct selftest *t, u64 stolen)
{
	if (stolen < STOLEN_MIN_NS)
		selftest_skip(t, "the host has a CPU for each of this guest's");
	return stolen >= STOLEN_MIN_NS;
}

static void test_steal(struct selftest *t)
{
	u64 gaps, stolen, wall = 0, off = UINT64_MAX;

	if (!kvm_test_runs(t, KVM_STEAL))
		return;
	for (unsigned i = 0; i < MEASUREMENTS; i++) {
		unsigned n = compete(COMPETE_NS);

		gaps = sum(busy.gaps_ns, n);
		stolen = sum(busy.stolen_ns, n);
		selftest_note(t, "%u CPUs: stolen %llu us, stood still %llu us",
			      n, (unsigned long long)(stolen / NSEC_PER_USEC),
			      (unsigned long long)(gaps / NSEC_PER_USEC));
		if (!competes(t, stolen))
			return;
		off = gaps > stolen ? gaps - stolen : stolen - gaps;
		wall = n * COMPETE_NS;
		if (off <= wall / STEAL_TOLERANCE)
			break;
	}
	if (off <= wall / STEAL_TOLERANCE)
		virt_service_verified(HYPERV_TYPE_KVM, KVM_STEAL);
	else if (EXPECT(t, stolen < gaps) && EXPECT(t, stolen > gaps / 2))
		selftest_skip(t, "something below the host takes time too");
}

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
	if (!competes(t, sum(busy.stolen_ns, compete(COMPETE_NS))))
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
	struct runner runners[BUSY_CPUS_MAX];
	unsigned n, calls = 0;

	if (!kvm_test_runs(t, KVM_YIELD))
		return;
	if (!kvm_hypercalls_return() ||
	    !competes(t, sum(busy.stolen_ns, compete(COMPETE_NS))))
		return;
	n = start_runners(runners);
	while (kvm_ipi_yields() == before && time_ns() < until) {
		smp_call_mask(&cpu_online_mask, nothing, NULL);
		calls++;
	}
	atomic_write(&busy.end, true);
	for (unsigned i = 0; i < n; i++)
		thread_join(runners[i].thread);
	selftest_note(t, "%u calls, %llu yields", calls,
		      (unsigned long long)(kvm_ipi_yields() - before));
	if (EXPECT(t, kvm_ipi_yields() > before))
		virt_service_verified(HYPERV_TYPE_KVM, KVM_YIELD);
}

static const struct selftest_case steal_cases[] = {
	{ .name = "stolen-time-is-the-time-stood-still", .run = test_steal },
	{ .name = "flush-of-a-CPU-that-does-not-run-is-in-time",
	  .run = test_tlb },
	{ .name = "caller-yields-to-who-does-not-run", .run = test_yield },
	{},
};
SELFTEST_SUITE(kvm_steal, "kvm-steal", steal_cases, 0);
