/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What KVM's services buy: `bench pv` measures each beside what would be done
 * without it, in the same boot. The kernel's own locks and flushes use the
 * services all the time; only what is measured goes both ways.
 */
#include <kernel/arch_smp.h>
#include <kernel/bench.h>
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/smp.h>
#include <kernel/spin_pv.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "bench_lock.h"
#include "internal.h"

/* A host may take its time to run all CPUs. */
#define BURNERS_NS (5 * NSEC_PER_SEC)

/* Clocks. */

static u64 (*clock_read)(void);

static int find_clock(const char *name)
{
	const struct clocksource *cs;

	for (unsigned n = 0; (cs = clocksource_nth(n)); n++) {
		if (strcmp(cs->name, name))
			continue;
		clock_read = cs->read;
		return 0;
	}
	return -ENODEV;
}

static int find_kvm_clock(void)
{
	return find_clock("kvm-clock");
}

static int find_tsc(void)
{
	return find_clock("tsc");
}

static int find_hpet(void)
{
	return find_clock("hpet");
}

static int find_acpi_pm(void)
{
	return find_clock("acpi_pm");
}

static void read_clock(u64 count)
{
	while (count--)
		clock_read();
}

/* Interrupts to all other CPUs, until each has taken its own. */

static struct cpumask others;
static unsigned call_counter;

static u64 taken(unsigned cpu)
{
	const char *name;
	u64 count = 0;

	arch_irq_counter(call_counter, cpu, &name, &count);
	return count;
}

static int find_call_counter(void)
{
	const char *name;
	u64 count;

	for (call_counter = 0; arch_irq_counter(call_counter, 0, &name, &count);
	     call_counter++)
		if (!strcmp(name, "call"))
			return 0;
	return -ENODEV;
}

static int find_others(void)
{
	others = cpu_online_mask;
	cpumask_clear(&others, smp_processor_id());
	return cpumask_empty(&others) ? -ENODEV : find_call_counter();
}

static int find_others_by_hypercall(void)
{
	if (!virt_service_runs(HYPERV_TYPE_KVM, KVM_IPI) ||
	    !kvm_hypercalls_return())
		return -ENODEV;
	return find_others();
}

static void send_and_wait(void (*send)(const struct cpumask *, enum ipi_kind))
{
	unsigned last = 0, cpu;
	u64 before;

	for_each_cpu(cpu, &others)
		last = cpu;
	before = taken(last);
	send(&others, IPI_CALL);
	while (taken(last) == before)
		cpu_relax();
}

static void ipi_by_apic(u64 count)
{
	while (count--)
		send_and_wait(native_ipi_send_mask);
}

static void ipi_by_hypercall(u64 count)
{
	while (count--)
		send_and_wait(ipi_send_mask);
}

/* Threads that keep all other CPUs busy, or wait for a lock there. */

static struct {
	struct spinlock lock __aligned(64);
	const struct spin_pv_ops *ops;
	bool stop __aligned(64);
	bool locking;
	unsigned running;
	unsigned count;
	struct thread **threads;
} burn;

static void burn_cpu(void *arg __unused)
{
	atomic_fetch_add(&burn.running, 1U);
	while (!atomic_read(&burn.stop)) {
		if (!burn.locking) {
			cpu_relax();
			continue;
		}
		spin_lock_with(&burn.lock, burn.ops);
		spin_unlock_with(&burn.lock, burn.ops);
	}
}

static void end_burning(void)
{
	atomic_write(&burn.stop, true);
	for (unsigned i = 0; i < burn.count; i++)
		thread_join(burn.threads[i]);
	kfree(burn.threads);
}

static int start_burning(bool locking, const struct spin_pv_ops *ops)
{
	struct thread_attr attr = { .bound = true };
	u64 deadline = time_ns() + BURNERS_NS;
	unsigned cpu;

	burn.threads = kzalloc(cpu_count() * sizeof(struct thread *));
	if (!burn.threads)
		return -ENOMEM;
	burn.stop = false;
	burn.locking = locking;
	burn.ops = ops;
	burn.running = burn.count = 0;
	for_each_cpu(cpu, &others) {
		attr.cpu = cpu;
		burn.threads[burn.count] =
			thread_create("burns", burn_cpu, NULL, &attr);
		burn.count += burn.threads[burn.count] != NULL;
	}
	while (atomic_read(&burn.running) < burn.count && time_ns() < deadline)
		thread_yield();
	if (burn.count == cpumask_count(&others) &&
	    atomic_read(&burn.running) == burn.count)
		return 0;
	end_burning();
	return -ETIMEDOUT;
}

/* Flushing one page on all other CPUs, which are busy. */

static int begin_flush(void)
{
	if (!virt_service_runs(HYPERV_TYPE_KVM, KVM_TLB_FLUSH) || find_others())
		return -ENODEV;
	return start_burning(false, NULL);
}

static void flush_by_ipi(u64 count)
{
	uintptr_t va = (uintptr_t)&burn;

	preempt_disable();
	while (count--)
		native_flush_tlb_mask(&others, va, va + 1);
	preempt_enable();
}

static void flush_by_host(u64 count)
{
	uintptr_t va = (uintptr_t)&burn;

	preempt_disable();
	while (count--)
		flush_tlb_others(va, va + 1);
	preempt_enable();
}

/* A lock that all CPUs want all the time. */

static int begin_plain_lock(void)
{
	if (!virt_service_runs(HYPERV_TYPE_KVM, KVM_UNHALT) || find_others())
		return -ENODEV;
	return start_burning(true, NULL);
}

static int begin_halting_lock(void)
{
	if (!virt_service_runs(HYPERV_TYPE_KVM, KVM_UNHALT) ||
	    !kvm_hypercalls_return() || find_others())
		return -ENODEV;
	return start_burning(true, spin_pv);
}

static void lock_and_unlock(u64 count)
{
	while (count--) {
		spin_lock_with(&burn.lock, burn.ops);
		spin_unlock_with(&burn.lock, burn.ops);
	}
}

static const struct bench_case pv_cases[] = {
	{ .name = "clock_kvm", .setup = find_kvm_clock, .run = read_clock },
	{ .name = "clock_tsc", .setup = find_tsc, .run = read_clock },
	{ .name = "clock_hpet", .setup = find_hpet, .run = read_clock },
	{ .name = "clock_acpi_pm", .setup = find_acpi_pm, .run = read_clock },
	{ .name = "ipi_by_hypercall",
	  .setup = find_others_by_hypercall,
	  .run = ipi_by_hypercall },
	{ .name = "ipi_by_apic", .setup = find_others, .run = ipi_by_apic },
	{ .name = "tlb_flush_by_host",
	  .setup = begin_flush,
	  .run = flush_by_host,
	  .teardown = end_burning },
	{ .name = "tlb_flush_by_ipi",
	  .setup = begin_flush,
	  .run = flush_by_ipi,
	  .teardown = end_burning },
	{ .name = "lock_halting",
	  .setup = begin_halting_lock,
	  .run = lock_and_unlock,
	  .teardown = end_burning },
	{ .name = "lock_spinning",
	  .setup = begin_plain_lock,
	  .run = lock_and_unlock,
	  .teardown = end_burning },
	{ .name = "work_halting",
	  .setup = kvm_bench_find_work,
	  .report = kvm_bench_work,
	  .arg = &kvm_bench_halting },
	{ .name = "work_spinning",
	  .setup = kvm_bench_find_work,
	  .report = kvm_bench_work },
	{},
};
BENCH_SUITE(pv, "pv", pv_cases);
