/* SPDX-License-Identifier: BSD-2-Clause */
#include "core.h"
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
#define CONTENDERS_NS (2 * NSEC_PER_SEC)

int bench_other_cpu(void)
{
	return cpumask_count(&cpu_online_mask) > 1 ? 0 : -ENODEV;
}

static struct {
	struct spinlock lock __aligned(64);
	bool stop __aligned(64);
	unsigned running;	 /* threads that have begun */
	struct thread **threads; /* one on each other CPU */
} contention;

static void lock_all_the_time(void *arg)
{
	(void)arg;
	atomic_fetch_add(&contention.running, 1U);
	while (!READ_ONCE(contention.stop)) {
		spin_lock(&contention.lock);
		spin_unlock(&contention.lock);
	}
}

void bench_contention_end(void)
{
	unsigned cpu;

	WRITE_ONCE(contention.stop, true);
	for_each_online_cpu(cpu)
		if (contention.threads[cpu])
			thread_join(contention.threads[cpu]);
	kfree(contention.threads);
}

/* Without them it would be another measurement. */
static int wait_for_contenders(unsigned count)
{
	u64 deadline = time_ns() + CONTENDERS_NS;

	while (atomic_read(&contention.running) < count) {
		if (time_ns() > deadline) {
			bench_contention_end();
			return -ETIMEDOUT;
		}
		cpu_relax();
	}
	return 0;
}

int bench_contention_begin(void)
{
	struct thread_attr attr = { .bound = true };
	unsigned self = smp_processor_id(), count = 0, cpu;

	if (bench_other_cpu())
		return -ENODEV;
	contention.threads = kzalloc(cpu_count() * sizeof(struct thread *));
	if (!contention.threads)
		return -ENOMEM;
	WRITE_ONCE(contention.stop, false);
	contention.running = 0;
	for_each_online_cpu(cpu) {
		attr.cpu = cpu;
		if (cpu == self)
			continue;
		contention.threads[cpu] =
			thread_create("contention", lock_all_the_time, NULL,
				      &attr);
		if (contention.threads[cpu]) {
			count++;
			continue;
		}
		bench_contention_end();
		return -ENOMEM;
	}
	return wait_for_contenders(count);
}

void bench_contended_lock(u64 count)
{
	while (count--) {
		spin_lock(&contention.lock);
		spin_unlock(&contention.lock);
	}
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
