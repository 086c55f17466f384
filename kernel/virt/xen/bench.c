/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Xen's services cost and buy: `bench xen` measures each beside what
 * would be done without it, in the same boot where both can be.
 */
#include <kernel/arch_smp.h>
#include <kernel/atomic.h>
#include <kernel/bench.h>
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_pv.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static int find_hypercalls(void)
{
	return virt_service_runs(HYPERV_TYPE_XEN, XEN_HYPERCALLS) ? 0 : -ENODEV;
}

static void make_hypercall(u64 count)
{
	while (count--)
		xen_version_op(XENVER_version, NULL);
}

static int find_clock(void)
{
	return virt_service_runs(HYPERV_TYPE_XEN, XEN_CLOCK) ? 0 : -ENODEV;
}

static void read_clock(u64 count)
{
	while (count--)
		xen_system_time();
}

static void read_counter(u64 count)
{
	while (count--)
		virt_counter();
}

/* The timer in use is set to a time that does not come, and then set right. */
#define FAR_NS (100 * NSEC_PER_SEC)

static int find_timer(void)
{
	return clockevent_current() && clockevent_current()->per_cpu ? 0
								     : -ENODEV;
}

static void set_timer(u64 count)
{
	const struct clockevent *e = clockevent_current();
	unsigned long irq = local_irq_save();

	while (count--)
		e->set(MIN(FAR_NS, e->max_ns));
	e->set(0);
	local_irq_restore(irq);
}

/* An event that this CPU sends itself, until its handler has run. */

static struct {
	unsigned port;
	u64 seen;
} self;

static void note_self(unsigned port, void *context)
{
	(void)port;
	(void)context;
	self.seen++;
}

static int begin_self(void)
{
	int port, err;

	if (!virt_service_runs(HYPERV_TYPE_XEN, XEN_EVENTS))
		return -ENODEV;
	port = xen_event_bind_ipi(smp_processor_id());
	if (port < 0)
		return port;
	self.port = (unsigned)port;
	err = xen_event_handle(self.port, note_self, NULL);
	if (err)
		xen_event_close(self.port);
	return err;
}

static void notify_self(u64 count)
{
	while (count--) {
		u64 before = READ_ONCE(self.seen);

		xen_event_notify(self.port);
		while (READ_ONCE(self.seen) == before)
			cpu_relax();
	}
}

static void end_self(void)
{
	xen_event_close(self.port);
}

/* One thread that keeps the next CPU busy, or wants a lock there. */

static struct {
	struct spinlock lock __aligned(64);
	const struct spin_pv_ops *ops;
	struct thread *thread;
	struct cpumask cpu;
	bool locking;
	bool runs, stop __aligned(64);
} other;

static void keep_busy(void *arg __unused)
{
	atomic_write(&other.runs, true);
	while (!atomic_read(&other.stop)) {
		if (!other.locking) {
			cpu_relax();
			continue;
		}
		spin_lock_with(&other.lock, other.ops);
		spin_unlock_with(&other.lock, other.ops);
	}
}

static int begin_other(bool locking, const struct spin_pv_ops *ops)
{
	unsigned here = smp_processor_id();
	struct thread_attr attr = { .bound = true };

	attr.cpu = cpumask_next_cyclic(&cpu_online_mask, here);
	if (attr.cpu == here ||
	    !virt_service_runs(HYPERV_TYPE_XEN, XEN_HYPERCALLS))
		return -ENODEV;
	other.cpu = (struct cpumask){ 0 };
	cpumask_set(&other.cpu, attr.cpu);
	other.locking = locking;
	other.ops = ops;
	other.runs = other.stop = false;
	other.thread = thread_create("busy", keep_busy, NULL, &attr);
	if (!other.thread)
		return -ENOMEM;
	while (!atomic_read(&other.runs))
		thread_yield();
	return 0;
}

static void end_other(void)
{
	atomic_write(&other.stop, true);
	thread_join(other.thread);
}

static int begin_busy(void)
{
	return begin_other(false, NULL);
}

static int begin_spinning(void)
{
	return begin_other(true, NULL);
}

static int begin_polling(void)
{
	if (!virt_service_runs(HYPERV_TYPE_XEN, XEN_POLL))
		return -ENODEV;
	return begin_other(true, spin_pv);
}

static void lock_and_unlock(u64 count)
{
	while (count--) {
		spin_lock_with(&other.lock, other.ops);
		spin_unlock_with(&other.lock, other.ops);
	}
}

static void flush_by_ipi(u64 count)
{
	uintptr_t va = (uintptr_t)&other;

	preempt_disable();
	while (count--)
		native_flush_tlb_mask(&other.cpu, va, va + 1);
	preempt_enable();
}

static void flush_by_host(u64 count)
{
	while (count--)
		xen_hvm_op(HVMOP_flush_tlbs, NULL);
}

static void flush_by_choice(u64 count)
{
	uintptr_t va = (uintptr_t)&other;

	preempt_disable();
	while (count--)
		flush_tlb_others(va, va + 1);
	preempt_enable();
}

static void nothing(void *arg __unused)
{
}

static void call_other(u64 count)
{
	while (count--)
		smp_call_mask(&other.cpu, nothing, NULL);
}

static const struct bench_case xen_cases[] = {
	{ .name = "hypercall",
	  .setup = find_hypercalls,
	  .run = make_hypercall },
	{ .name = "clock_xen", .setup = find_clock, .run = read_clock },
	{ .name = "clock_tsc", .setup = find_clock, .run = read_counter },
	{ .name = "timer_set", .setup = find_timer, .run = set_timer },
	{ .name = "event_to_itself",
	  .setup = begin_self,
	  .run = notify_self,
	  .teardown = end_self },
	{ .name = "call_busy_cpu",
	  .setup = begin_busy,
	  .run = call_other,
	  .teardown = end_other },
	{ .name = "tlb_flush_by_ipi",
	  .setup = begin_busy,
	  .run = flush_by_ipi,
	  .teardown = end_other },
	{ .name = "tlb_flush_by_host",
	  .setup = begin_busy,
	  .run = flush_by_host,
	  .teardown = end_other },
	{ .name = "tlb_flush_by_choice",
	  .setup = begin_busy,
	  .run = flush_by_choice,
	  .teardown = end_other },
	{ .name = "lock_spinning",
	  .setup = begin_spinning,
	  .run = lock_and_unlock,
	  .teardown = end_other },
	{ .name = "lock_polling",
	  .setup = begin_polling,
	  .run = lock_and_unlock,
	  .teardown = end_other },
	{},
};
BENCH_SUITE(xen, "xen", xen_cases);
