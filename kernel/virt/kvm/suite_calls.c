/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of what KVM does for interrupts, halts and idle CPUs. */
#include <abi/kvm/hypercall.h>
#include <abi/kvm/msr.h>
#include <kernel/arch_smp.h>
#include <kernel/completion.h>
#include <kernel/cpu.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/timer.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "../suite_compete.h"
#include "internal.h"
#include "suite.h"

#define SLEEPS	 20
#define SLEEP_NS NSEC_PER_MSEC

/* Each interrupt of a timer ends by memory, or by the local APIC. */
static void test_eoi(struct selftest *t)
{
	u64 before, skipped;

	if (!kvm_test_runs(t, KVM_EOI))
		return;
	before = kvm_eoi_skipped();
	for (unsigned i = 0; i < SLEEPS; i++)
		thread_sleep_ns(SLEEP_NS);
	skipped = kvm_eoi_skipped() - before;
	selftest_note(t, "%llu interrupts ended by memory",
		      (unsigned long long)skipped);
	if (!skipped)
		selftest_skip(t, "the host's CPUs end interrupts themselves");
	else
		virt_service_verified(HYPERV_TYPE_KVM, KVM_EOI);
}

static bool may_call(struct selftest *t)
{
	if (!kvm_hypercalls_return())
		selftest_skip(t, "no hypercalls");
	return kvm_hypercalls_return();
}

static void timer_fired(struct timer *timer __unused)
{
}

/* A kick that comes before the halt must end it; else a timer does. */
static u64 kicked_halt_ns(void)
{
	struct timer timer = { .handler = timer_fired };
	u64 start;

	preempt_disable();
	timer_start(&timer, time_ns() + 200 * NSEC_PER_MSEC);
	start = time_ns();
	kvm_hypercall(KVM_HC_KICK_CPU, 0, arch_cpu_id(smp_processor_id()), 0,
		      0);
	cpu_halt();
	start = time_ns() - start;
	preempt_enable();
	timer_cancel(&timer);
	return start;
}

static void test_kick(struct selftest *t)
{
	u64 ns;

	if (!kvm_test_runs(t, KVM_UNHALT) || !may_call(t))
		return;
	ns = kicked_halt_ns();
	selftest_note(t, "halted for %llu us",
		      (unsigned long long)(ns / NSEC_PER_USEC));
	EXPECT(t, ns < 150 * NSEC_PER_MSEC);
}

static void test_unhalt(struct selftest *t)
{
	if (may_call(t))
		virt_test_halting_locks(t, HYPERV_TYPE_KVM, KVM_UNHALT);
}

static int send_by_service(const struct cpumask *mask)
{
	ipi_send_mask(mask, IPI_CALL);
	return 0;
}

static void test_ipi(struct selftest *t)
{
	u64 calls = kvm_ipi_calls();
	unsigned sets;

	if (!kvm_test_runs(t, KVM_IPI) || !may_call(t))
		return;
	sets = virt_test_ipi_sets(t, send_by_service);
	selftest_note(t, "%u sets of CPUs", sets);
	if (EXPECT(t, kvm_ipi_calls() - calls >= sets) && !selftest_failed(t))
		virt_service_verified(HYPERV_TYPE_KVM, KVM_IPI);
}

#define PONGS 200

static struct {
	struct completion ping, pong;
} match;

static void player(void *arg __unused)
{
	for (unsigned i = 0; i < PONGS; i++) {
		completion_wait(&match.ping);
		complete(&match.pong);
	}
}

/* Two threads that wake each other: sleeps are short, so idle CPUs poll. */
static void test_poll(struct selftest *t)
{
	struct thread_attr attr = { .bound = true };
	u64 control = 1, before = kvm_poll_hits();
	struct thread *other;

	if (!kvm_test_runs(t, KVM_POLL))
		return;
	EXPECT_EQ(t, virt_rdmsr(MSR_KVM_POLL_CONTROL, &control), 0);
	EXPECT_EQ(t, control & KVM_POLL_CONTROL_HOST, 0);
	if (cpumask_count(&cpu_online_mask) < 2) {
		selftest_skip(t, "one CPU");
		return;
	}
	attr.cpu = cpumask_next_cyclic(&cpu_online_mask, smp_processor_id());
	other = thread_create("pong", player, NULL, &attr);
	if (!EXPECT(t, other))
		return;
	for (unsigned i = 0; i < PONGS; i++) {
		complete(&match.ping);
		completion_wait(&match.pong);
	}
	thread_join(other);
	selftest_note(t, "%llu sleeps saved",
		      (unsigned long long)(kvm_poll_hits() - before));
	if (!selftest_failed(t) && kvm_poll_hits() > before)
		virt_service_verified(HYPERV_TYPE_KVM, KVM_POLL);
}

static const struct selftest_case calls_cases[] = {
	{ .name = "interrupts-end-by-memory", .run = test_eoi },
	{ .name = "kick-before-halt-is-not-lost", .run = test_kick },
	{ .name = "waiters-for-a-lock-halt-and-are-kicked",
	  .run = test_unhalt },
	{ .name = "IPIs-reach-exactly-the-set", .run = test_ipi },
	{ .name = "idle-CPUs-poll-before-they-halt", .run = test_poll },
	{},
};
SELFTEST_SUITE(kvm_calls, "kvm-calls", calls_cases, 0);
