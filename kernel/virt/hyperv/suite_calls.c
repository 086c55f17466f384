/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of hypercalls, and of what they do for CPUs. */
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/virt/x86.h>
#include "suite.h"

#define NO_SUCH_CALL 0x7ffe
#define LIMIT_MS     20000

bool hv_test_has_others(struct selftest *t)
{
	if (cpumask_count(&cpu_online_mask) > 1)
		return true;
	selftest_skip(t, "one CPU");
	return false;
}

struct cpumask hv_test_others(void)
{
	struct cpumask others = cpu_online_mask;

	cpumask_clear(&others, smp_processor_id());
	return others;
}

void hv_test_identity(struct selftest *t)
{
	u64 id = 0, page = 0;

	if (!hv_test_runs(t, HV_HYPERCALLS))
		return;
	EXPECT_EQ(t, virt_rdmsr(HV_X64_MSR_GUEST_OS_ID, &id), 0);
	EXPECT_EQ(t, id, hv_guest_os_id());
	EXPECT_EQ(t, virt_rdmsr(HV_X64_MSR_HYPERCALL, &page), 0);
	EXPECT_EQ(t, page & ~HV_MSR_PAGE_PRESERVED,
		  hyperv_call_page() | HV_MSR_PAGE_ENABLED);
}

void hv_test_calls(struct selftest *t)
{
	u64 failures = hv_call_failures();

	if (!hv_test_runs(t, HV_HYPERCALLS))
		return;
	EXPECT_EQ(t, failures, 0);
	if (hv_call_fast(HV_CALL_NOTIFY_LONG_SPIN_WAIT, 0, 0)) {
		selftest_skip(t, "the host knows no call without effect");
		return;
	}
	EXPECT_EQ(t, hv_call_fast(NO_SUCH_CALL, 0, 0), -ENOSYS);
	EXPECT_EQ(t, hv_call_failures(), failures + 1);
	if (!selftest_failed(t))
		hv_verified(HV_HYPERCALLS);
}

static DEFINE_PER_CPU(u64, index_here);

static void read_index(void *arg __unused)
{
	u64 index = UINT64_MAX;

	(void)virt_rdmsr(HV_X64_MSR_VP_INDEX, &index);
	this_cpu_write(index_here, index);
}

void hv_test_indices(struct selftest *t)
{
	unsigned cpu, other;

	if (!hv_test_runs(t, HV_VP_INDEX))
		return;
	smp_call_mask(&cpu_online_mask, read_index, NULL);
	for_each_online_cpu(cpu) {
		EXPECT_EQ(t, hv_vp_index(cpu), per_cpu(index_here, cpu));
		for_each_online_cpu(other)
			if (other != cpu)
				EXPECT(t,
				       hv_vp_index(cpu) != hv_vp_index(other));
	}
	if (!selftest_failed(t))
		hv_verified(HV_VP_INDEX);
}

static int send_by_service(const struct cpumask *mask)
{
	ipi_send_mask(mask, IPI_CALL);
	return 0;
}

void hv_test_ipi(struct selftest *t)
{
	u64 calls = hv_ipi_calls();
	unsigned sets;

	if (!hv_test_runs(t, HV_CLUSTER_IPI))
		return;
	sets = virt_test_ipi_sets(t, send_by_service);
	selftest_note(t, "%u sets of CPUs", sets);
	if (EXPECT(t, hv_ipi_calls() - calls >= sets) && !selftest_failed(t))
		hv_verified(HV_CLUSTER_IPI);
}

static int send_by_set(const struct cpumask *mask)
{
	return hv_ipi_by_set(mask, arch_ipi_command(IPI_CALL) & 0xff);
}

void hv_test_ipi_sets(struct selftest *t)
{
	if (!hv_test_runs(t, HV_CLUSTER_IPI))
		return;
	if (!hv_offers("ex-processor-masks"))
		selftest_skip(t, "the host knows no sparse sets");
	else
		virt_test_ipi_sets(t, send_by_set);
}

static struct {
	struct spinlock lock;
	bool held;
} contended;

static void take_and_give(void *arg __unused)
{
	while (!atomic_read(&contended.held))
		thread_yield();
	spin_lock(&contended.lock);
	spin_unlock(&contended.lock);
}

/* The host is told while this thread holds the lock. */
void hv_test_spin(struct selftest *t)
{
	struct thread_attr attr = { .bound = true };
	u64 until = time_ns() + LIMIT_MS * NSEC_PER_MSEC;
	u64 before = hv_spin_waits(), failures = hv_call_failures();
	struct thread *waiter;

	if (!hv_test_runs(t, HV_SPIN_WAIT) || !hv_test_has_others(t))
		return;
	preempt_disable();
	attr.cpu = cpumask_next_cyclic(&cpu_online_mask, smp_processor_id());
	preempt_enable();
	waiter = thread_create("waits", take_and_give, NULL, &attr);
	if (!EXPECT(t, waiter))
		return;
	spin_lock(&contended.lock);
	atomic_write(&contended.held, true);
	while (hv_spin_waits() == before && time_ns() < until)
		cpu_relax();
	spin_unlock(&contended.lock);
	thread_join(waiter);
	atomic_write(&contended.held, false);
	EXPECT_EQ(t, hv_call_failures(), failures);
	if (EXPECT(t, hv_spin_waits() > before) && !selftest_failed(t))
		hv_verified(HV_SPIN_WAIT);
}
