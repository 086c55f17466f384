/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Polling before a CPU halts. What wakes it often comes within microseconds,
 * less than a halt costs. The host polls for a while before it takes a halted
 * CPU's time away; the guest, which knows how long its waits were, does it
 * better, without leaving the guest at all, and tells the host to stop.
 *
 * Policy: a CPU polls as long as its last sleeps were short, at most
 * kvm-poll-us; after a long one, or when the host took time from it, it does
 * not poll until its sleeps are short again.
 */
#include <abi/kvm/msr.h>
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/param.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "internal.h"

#define POLL_FIRST_NS (25 * NSEC_PER_USEC)
/* More than this many ns stolen in a sleep is a host that is short of CPUs. */
#define STOLEN_MAX_NS (50 * NSEC_PER_USEC)

static bool no_poll;
param_bool("no-kvm-poll-control", no_poll,
	   "let the host poll before a CPU halts, not the guest");

static unsigned poll_max_us = 200;
param_uint("kvm-poll-us", poll_max_us,
	   "an idle CPU polls at most this long before it halts");

static DEFINE_PER_CPU(u64, poll_ns); /* how long to poll next time */
static DEFINE_PER_CPU(u64, stolen_ns);
static DEFINE_PER_CPU(u64, hits);

static bool wanted(void)
{
	return READ_ONCE(current_thread()->need_resched);
}

bool kvm_idle_poll(void);
bool kvm_idle_poll(void)
{
	u64 limit = this_cpu_read(poll_ns), until;

	if (!limit)
		return false;
	until = time_ns() + limit;
	/* What comes is for the caller to see, not for an interrupt's end. */
	preempt_disable();
	local_irq_enable();
	while (!wanted() && time_ns() < until)
		cpu_relax();
	local_irq_disable();
	preempt_enable_no_resched();
	if (!wanted())
		return false;
	++*this_cpu_ptr(hits);
	return true;
}

static void adapt(u64 slept_ns)
{
	u64 limit = this_cpu_read(poll_ns);
	u64 stolen = steal_clock(smp_processor_id());
	bool taken = stolen - this_cpu_read(stolen_ns) > STOLEN_MAX_NS;
	u64 max = poll_max_us * NSEC_PER_USEC;

	this_cpu_write(stolen_ns, stolen);
	if (slept_ns > max || taken)
		limit = 0;
	else if (slept_ns > limit)
		limit = MIN(limit ? 2 * limit : POLL_FIRST_NS, max);
	this_cpu_write(poll_ns, limit);
}

void kvm_idle_wait(void);
void kvm_idle_wait(void)
{
	u64 start = time_ns();

	native_idle_wait();
	adapt(time_ns() - start);
}

u64 kvm_poll_hits(void)
{
	unsigned cpu;
	u64 sum = 0;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(per_cpu(hits, cpu));
	return sum;
}

static int start(void)
{
	int err = static_call_update(idle_poll, kvm_idle_poll);

	return err ?: static_call_update(idle_wait, kvm_idle_wait);
}

static int start_cpu(void)
{
	return virt_wrmsr(MSR_KVM_POLL_CONTROL, 0);
}

static void stop_cpu(void)
{
	virt_wrmsr(MSR_KVM_POLL_CONTROL, KVM_POLL_CONTROL_HOST);
}

static const struct virt_service poll_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_POLL,
	.role = VIRT_ROLE_IDLE,
	.requires = KVM_STEAL,
	.off = &no_poll,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(3, poll_service);
