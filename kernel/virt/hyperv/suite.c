/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of what Hyper-V's interface offers: the list, and registers. */
#include <kernel/sched.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/virt/x86.h>
#include "suite.h"

#define SLEEPS	 20
#define SLEEP_NS NSEC_PER_MSEC

static void sleep_often(void)
{
	for (unsigned i = 0; i < SLEEPS; i++)
		thread_sleep_ns(SLEEP_NS);
}

/* Each interrupt of a timer ends by memory, or by a register. */
static void test_eoi(struct selftest *t)
{
	u64 before = hv_eoi_skipped(), skipped;

	if (!hv_test_runs(t, HV_EOI_ASSIST))
		return;
	sleep_often();
	skipped = hv_eoi_skipped() - before;
	selftest_note(t, "%llu interrupts ended by memory",
		      (unsigned long long)skipped);
	if (!skipped)
		selftest_skip(t, "the host's CPUs end interrupts themselves");
	else
		hv_verified(HV_EOI_ASSIST);
}

static int send_to_each(const struct cpumask *mask)
{
	unsigned cpu;

	for_each_cpu(cpu, mask)
		ipi_send(cpu, IPI_CALL);
	return 0;
}

static void test_apic_registers(struct selftest *t)
{
	u64 before = hv_icr_writes();
	unsigned sets;

	if (!hv_test_runs(t, HV_APIC_REGISTERS))
		return;
	if (!virt_apic_in_memory()) {
		selftest_skip(t, "the local APIC has registers of its own");
		return;
	}
	sets = virt_test_ipi_sets(t, send_to_each);
	if (EXPECT(t, hv_icr_writes() - before >= sets) && !selftest_failed(t))
		hv_verified(HV_APIC_REGISTERS);
}

static void test_idle(struct selftest *t)
{
	u64 before = hv_idle_waits();

	if (!hv_test_runs(t, HV_GUEST_IDLE))
		return;
	sleep_often();
	if (EXPECT(t, hv_idle_waits() > before))
		hv_verified(HV_GUEST_IDLE);
}

/* They hold what is written; the control register is left alone. */
static void test_crash(struct selftest *t)
{
	u64 control, value;

	if (!hv_test_runs(t, HV_CRASH))
		return;
	EXPECT_EQ(t, virt_rdmsr(HV_X64_MSR_CRASH_CTL, &control), 0);
	EXPECT(t, control & HV_CRASH_CTL_NOTIFY);
	for (unsigned i = 0; i < HV_CRASH_PARAMETERS; i++) {
		u64 written = 0x1122334455667700 + i;

		value = 0;
		EXPECT_EQ(t, virt_wrmsr(HV_X64_MSR_CRASH_P(i), written), 0);
		EXPECT_EQ(t, virt_rdmsr(HV_X64_MSR_CRASH_P(i), &value), 0);
		EXPECT_EQ(t, value, written);
		virt_wrmsr(HV_X64_MSR_CRASH_P(i), 0);
	}
}

static void test_reenlightenment(struct selftest *t)
{
	u64 control = 0, emulation = 0;

	if (!hv_test_runs(t, HV_REENLIGHTENMENT))
		return;
	EXPECT_EQ(t, virt_rdmsr(HV_X64_MSR_REENLIGHTENMENT_CONTROL, &control),
		  0);
	EXPECT(t, control & HV_REENLIGHTENMENT_ENABLED);
	EXPECT_EQ(t, control >> HV_REENLIGHTENMENT_TARGET, hv_vp_index(0));
	EXPECT_EQ(t, virt_rdmsr(HV_X64_MSR_TSC_EMULATION_CONTROL, &emulation),
		  0);
	EXPECT(t, emulation & HV_TSC_EMULATION_ENABLED);
}

static const struct selftest_case hyperv_cases[] = {
	{ .name = "guest-is-known-and-page-is-set", .run = hv_test_identity },
	{ .name = "hypercalls-have-results", .run = hv_test_calls },
	{ .name = "VP-indices-are-their-CPUs'", .run = hv_test_indices },
	{ .name = "reference-counter-keeps-pace", .run = hv_test_counter },
	{ .name = "reference-counter-never-goes-back",
	  .run = hv_test_counter_monotonic },
	{ .name = "TSC-page-is-the-counter", .run = hv_test_page },
	{ .name = "TSC-page-never-goes-back", .run = hv_test_monotonic },
	{ .name = "direct-timers-are-in-time", .run = hv_test_direct_timers },
	{ .name = "timers'-messages-are-in-time",
	  .run = hv_test_message_timers },
	{ .name = "interrupts-end-by-memory", .run = test_eoi },
	{ .name = "interrupt-commands-by-register",
	  .run = test_apic_registers },
	{ .name = "IPIs-reach-exactly-the-set", .run = hv_test_ipi },
	{ .name = "IPIs-by-sparse-set-do-too", .run = hv_test_ipi_sets },
	{ .name = "flush-of-a-CPU-that-reads-is-in-time",
	  .run = hv_test_flush },
	{ .name = "flush-by-sparse-set-is-too", .run = hv_test_flush_sets },
	{ .name = "host-is-told-of-long-waits", .run = hv_test_spin },
	{ .name = "idle-CPUs-sleep-by-register", .run = test_idle },
	{ .name = "stolen-time-is-the-time-stood-still", .run = hv_test_steal },
	{ .name = "crash-registers-hold-parameters", .run = test_crash },
	{ .name = "migration-notes-are-asked-for",
	  .run = test_reenlightenment },
	{},
};
SELFTEST_SUITE(hyperv, "hyperv", hyperv_cases, 0);
