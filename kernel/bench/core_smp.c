/* SPDX-License-Identifier: BSD-2-Clause */
#include "core.h"
#include <kernel/bench.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/thread.h>
#include <kernel/time.h>

/* A host may take its time to run all CPUs. */
#define OTHERS_NS (2 * NSEC_PER_SEC)

int bench_other_cpu(void)
{
	return cpumask_count(&cpu_online_mask) > 1 ? 0 : -ENODEV;
}

static struct {
	bool stop __aligned(64);
	void (*fn)(void);
	unsigned running;	 /* threads that have begun */
	struct thread **threads; /* one on each other CPU */
} others;

static void run_all_the_time(void *arg)
{
	(void)arg;
	atomic_fetch_add(&others.running, 1U);
	while (!READ_ONCE(others.stop))
		others.fn();
}

void bench_others_end(void)
{
	unsigned cpu;

	WRITE_ONCE(others.stop, true);
	for_each_online_cpu(cpu)
		if (others.threads[cpu])
			thread_join(others.threads[cpu]);
	kfree(others.threads);
}

/* Without them it would be another measurement. */
static int wait_for_others(unsigned count)
{
	u64 deadline = time_ns() + OTHERS_NS;

	while (atomic_read(&others.running) < count) {
		if (time_ns() > deadline) {
			bench_others_end();
			return -ETIMEDOUT;
		}
		cpu_relax();
	}
	return 0;
}

int bench_others_begin(void (*fn)(void))
{
	struct thread_attr attr = { .bound = true };
	unsigned self = smp_processor_id(), count = 0, cpu;

	if (bench_other_cpu())
		return -ENODEV;
	others.threads = kzalloc(cpu_count() * sizeof(struct thread *));
	if (!others.threads)
		return -ENOMEM;
	WRITE_ONCE(others.stop, false);
	others.fn = fn;
	others.running = 0;
	for_each_online_cpu(cpu) {
		attr.cpu = cpu;
		if (cpu == self)
			continue;
		others.threads[cpu] =
			thread_create("bench", run_all_the_time, NULL, &attr);
		if (others.threads[cpu]) {
			count++;
			continue;
		}
		bench_others_end();
		return -ENOMEM;
	}
	return wait_for_others(count);
}

static struct spinlock contended __aligned(64);

static void lock_once(void)
{
	spin_lock(&contended);
	spin_unlock(&contended);
}

int bench_contention_begin(void)
{
	return bench_others_begin(lock_once);
}

void bench_contended_lock(u64 count)
{
	while (count--)
		lock_once();
}

static void do_nothing(void *arg)
{
	(void)arg;
}

void bench_ipi(u64 count)
{
	unsigned cpu =
		cpumask_next_cyclic(&cpu_online_mask, smp_processor_id());

	while (count--)
		smp_call(cpu, do_nothing, NULL);
}

void bench_ipi_all(u64 count)
{
	while (count--)
		smp_call_mask(&cpu_online_mask, do_nothing, NULL);
}

static void *page;

int bench_tlb_begin(void)
{
	page = vmalloc(PAGE_SIZE);
	return page ? 0 : -ENOMEM;
}

void bench_tlb(u64 count)
{
	uintptr_t va = (uintptr_t)page;

	while (count--)
		tlb_flush_kernel_range(va, va + PAGE_SIZE);
}

void bench_tlb_end(void)
{
	vfree(page);
}
