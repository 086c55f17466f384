/* SPDX-License-Identifier: BSD-2-Clause */
/* What KVM's services know of each other. */
#pragma once

#include <kernel/cpumask.h>
#include <kernel/virt/service.h>

/* Features, as kernel/virt/kvm.c lists them. */
#define KVM_CLOCK	 "clocksource2"
#define KVM_CLOCK_OLD	 "clocksource"
#define KVM_STEAL	 "steal-time"
#define KVM_EOI		 "pv-eoi"
#define KVM_UNHALT	 "pv-unhalt"
#define KVM_TLB_FLUSH	 "pv-tlb-flush"
#define KVM_IPI		 "pv-send-ipi"
#define KVM_YIELD	 "pv-sched-yield"
#define KVM_ASYNC_PF	 "async-pf"
#define KVM_ASYNC_PF_INT "async-pf-int"
#define KVM_POLL	 "poll-control"
#define KVM_MIGRATION	 "migration-control"
#define KVM_PTP		 "ptp"

/**
 * True when a hypercall was seen to return. Only then may one be made: there
 * are hosts on which none ever does. Any context.
 */
bool kvm_hypercalls_return(void);

/** The host promises that no vCPU waits for a CPU (KVM_HINTS_REALTIME). */
static inline bool kvm_has_own_cpus(void)
{
	return virt_service_offered(HYPERV_TYPE_KVM, "hint-realtime");
}

#ifdef CONFIG_KVM_CLOCK
/** The counter's frequency in kHz by the clock page, or 0. */
u64 kvm_clock_khz(void);
#else
static inline u64 kvm_clock_khz(void)
{
	return 0;
}
#endif
/**
 * The host's wall clock of a moment during the call, in ns of UTC, and this
 * CPU's counter at that moment: only from hosts whose own clock is the
 * counter. 0 or -ENODEV. A thread's; one call at a time.
 */
int kvm_clock_pair(u64 *wall_ns, u64 *ticks);
/** How often the host says it had the guest stopped. */
u64 kvm_clock_stops(void);

/** True if the host runs something else where @cpu should run. Any context. */
bool kvm_is_preempted(unsigned cpu);
/**
 * If it does, have it flush all of @cpu's TLB before it runs again. False:
 * @cpu runs, and must be told by an interrupt. Any context.
 */
bool kvm_flush_when_it_runs(unsigned cpu);

/* What services did since boot, on all CPUs. */
u64 kvm_eoi_skipped(void);
u64 kvm_ipi_calls(void);
u64 kvm_ipi_yields(void);
u64 kvm_tlb_left_to_host(void);
u64 kvm_apf_waits(void);
u64 kvm_poll_hits(void);
