/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What waiters that halt buy where CPUs compete for the host's: how much is
 * done while all CPUs want one lock, and how much time of the host's CPUs that
 * takes. Both matter: time that waiters burn is work of somebody else's.
 */
#include <kernel/atomic.h>
#include <kernel/bench.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_pv.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include "bench_lock.h"
#include "internal.h"

#define WORK_NS (400 * NSEC_PER_MSEC)
/* A host may take its time to run all CPUs. */
#define GATHER_NS (5 * NSEC_PER_SEC)
/* Loads while the lock is held: about a microsecond of work. */
#define HELD_LOADS 1000U

struct worker {
	struct thread *thread;
	u64 wall_ns, stolen_ns;
};

static struct {
	struct spinlock lock __aligned(64);
	const struct spin_pv_ops *ops;
	u64 operations; /* under the lock */
	bool go __aligned(64);
	bool stop;
	unsigned ready;
} work;

/* Time that a waiter gave to the host; what others took in it not counted. */
static DEFINE_PER_CPU(u64, halted_ns);
static DEFINE_PER_CPU(u64, halts);

static void counted_wait(const u8 *byte, u8 value)
{
	unsigned cpu = smp_processor_id();
	u64 start = time_ns(), stolen = steal_clock(cpu), ns;

	spin_pv->wait(byte, value);
	ns = time_ns() - start;
	stolen = steal_clock(cpu) - stolen;
	this_cpu_add(halted_ns, ns - MIN(stolen, ns));
	this_cpu_add(halts, 1);
}

static void counted_kick(unsigned cpu)
{
	spin_pv->kick(cpu);
}

const struct spin_pv_ops kvm_bench_halting = {
	.wait = counted_wait,
	.kick = counted_kick,
};

static void do_work(void *arg)
{
	struct worker *self = arg;
	unsigned cpu = smp_processor_id();
	u64 start, stolen;

	atomic_fetch_add(&work.ready, 1U);
	while (!atomic_read(&work.go) && !atomic_read(&work.stop))
		thread_yield();
	start = time_ns();
	stolen = steal_clock(cpu);
	while (!atomic_read(&work.stop)) {
		spin_lock_with(&work.lock, work.ops);
		work.operations++;
		for (unsigned i = 0; i < HELD_LOADS; i++)
			READ_ONCE(work.operations);
		spin_unlock_with(&work.lock, work.ops);
	}
	self->stolen_ns = steal_clock(cpu) - stolen;
	self->wall_ns = time_ns() - start;
}

/* A thread on each CPU; how many. */
static unsigned start_workers(struct worker *workers)
{
	struct thread_attr attr = { .bound = true };
	u64 deadline = time_ns() + GATHER_NS;
	unsigned n = 0, cpu;

	work.operations = 0;
	work.ready = 0;
	work.go = work.stop = false;
	for_each_online_cpu(cpu) {
		per_cpu(halted_ns, cpu) = per_cpu(halts, cpu) = 0;
		attr.cpu = cpu;
		workers[n].thread =
			thread_create("works", do_work, &workers[n], &attr);
		n += workers[n].thread != NULL;
	}
	while (atomic_read(&work.ready) < n && time_ns() < deadline)
		thread_sleep_ns(NSEC_PER_MSEC);
	return n;
}

static u64 sum_of_cpus(u64 (*of)(unsigned cpu))
{
	unsigned cpu;
	u64 sum = 0;

	for_each_online_cpu(cpu)
		sum += of(cpu);
	return sum;
}

static u64 halted_on(unsigned cpu)
{
	return per_cpu(halted_ns, cpu);
}

static u64 halts_on(unsigned cpu)
{
	return per_cpu(halts, cpu);
}

/* What all of them used of the host's CPUs. */
static u64 burnt_ns(const struct worker *workers, unsigned n)
{
	u64 halted = sum_of_cpus(halted_on), ns = 0;

	for (unsigned i = 0; i < n; i++)
		ns += workers[i].wall_ns -
		      MIN(workers[i].stolen_ns, workers[i].wall_ns);
	return ns - MIN(halted, ns);
}

static int fill_in(const struct worker *workers, unsigned n, u64 wall,
		   struct bench_value *values)
{
	u64 burnt = burnt_ns(workers, n), done = work.operations;

	if (!done || !wall)
		return -ETIMEDOUT;
	values[0] = (struct bench_value){ "operations_per_s",
					  done * NSEC_PER_SEC / wall };
	values[1] =
		(struct bench_value){ "cpu_ns_per_operation", burnt / done };
	values[2] = (struct bench_value){ "cpu_percent", burnt * 100 / wall };
	values[3] = (struct bench_value){ "halts", sum_of_cpus(halts_on) };
	return 4;
}

int kvm_bench_work(const struct bench_case *c, struct bench_value *values)
{
	struct worker *workers = kzalloc(cpu_count() * sizeof(*workers));
	unsigned n;
	u64 start;
	int ret;

	if (!workers)
		return -ENOMEM;
	work.ops = c->arg;
	n = start_workers(workers);
	start = time_ns();
	atomic_write(&work.go, true);
	thread_sleep_ns(WORK_NS);
	atomic_write(&work.stop, true);
	for (unsigned i = 0; i < n; i++)
		thread_join(workers[i].thread);
	ret = fill_in(workers, n, time_ns() - start, values);
	kfree(workers);
	return ret;
}

/* Without stolen time nobody knows what the host's CPUs did. */
int kvm_bench_find_work(void)
{
	return virt_service_runs(HYPERV_TYPE_KVM, KVM_UNHALT) &&
			       virt_service_runs(HYPERV_TYPE_KVM, KVM_STEAL) &&
			       kvm_hypercalls_return() &&
			       cpumask_count(&cpu_online_mask) > 1
		       ? 0
		       : -ENODEV;
}
