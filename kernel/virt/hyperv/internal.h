/* SPDX-License-Identifier: BSD-2-Clause */
/* What the services for Hyper-V's interface know of each other. */
#pragma once

#include <abi/hyperv/msr.h>
#include <kernel/arch_smp.h>
#include <kernel/virt/hyperv.h>
#include <kernel/virt/service.h>

static inline bool hv_runs(const char *feature)
{
	return virt_service_runs(HYPERV_TYPE_HYPERV, feature);
}

static inline bool hv_offers(const char *feature)
{
	return virt_service_offered(HYPERV_TYPE_HYPERV, feature);
}

/**
 * Write @address and the bit that enables it to @msr, of which the bits in
 * between stay as they are; 0 disables. 0 or -EIO.
 */
int hv_set_page(u32 msr, phys_addr_t address);

/**
 * The page for one CPU at *@page, cleared when it is allocated, by the first
 * call. NULL: no memory.
 */
void *hv_get_page(void **page);

/* Between the idle loop and who wants to know how long CPUs sleep. */
#ifdef CONFIG_HYPERV_STEAL_TIME
void hv_steal_sleep(void);
void hv_steal_wake(void);
#else
static inline void hv_steal_sleep(void)
{
}
static inline void hv_steal_wake(void)
{
}
#endif
/** Have idle CPUs sleep in hv_idle_wait(). 0 or -errno. */
int hv_idle_use(void);

/** What this kernel calls itself for the hypervisor. */
u64 hv_guest_os_id(void);

/** Hypercalls that failed since boot, on all CPUs. */
u64 hv_call_failures(void);

/**
 * The processors of @mask as a sparse set: the number of banks' words that
 * follow @set, or -ERANGE: one of them has no index.
 */
int hv_vp_set_fill(struct hv_vp_set *set, const struct cpumask *mask);

/** The same as bits: false if one has no index below 64. */
bool hv_vp_bits(const struct cpumask *mask, u64 *bits);

/**
 * The reference TSC page's time by @counter, in ns. False: it is not valid
 * now, never holds still, or makes no sense.
 */
bool hv_tsc_page_ns(const struct hv_reference_tsc_page *page,
		    u64 (*counter)(void), u64 *ns);

/** The reference counter's register in ns, or 0. */
u64 hv_counter_ns(void);

/** The reference TSC page's in ns, or 0: it is not valid now. */
u64 hv_tsc_ns(void);

/* How an IPI or a flush is told. */
int hv_ipi_by_bits(const struct cpumask *mask, unsigned vector);
int hv_ipi_by_set(const struct cpumask *mask, unsigned vector);
int hv_flush_by_bits(const struct cpumask *mask, uintptr_t start,
		     uintptr_t end);
int hv_flush_by_set(const struct cpumask *mask, uintptr_t start, uintptr_t end);

/** Set synthetic timer @index of this CPU to reference time @due_ns. */
int hv_stimer_set(unsigned index, bool direct, u64 due_ns);
/* Timers above those that clock events use, for self-tests. */
#define HV_STIMER_TEST_DIRECT  2
#define HV_STIMER_TEST_MESSAGE 3
/** When one of them last interrupted this CPU, by hv_reference_ns(). */
u64 hv_stimer_seen_ns(void);

/* What services did since boot, on all CPUs. */
u64 hv_eoi_skipped(void);
u64 hv_eoi_by_msr(void);
u64 hv_icr_writes(void);
u64 hv_ipi_calls(void);
u64 hv_flush_calls(void);
u64 hv_spin_waits(void);
u64 hv_idle_waits(void);
u64 hv_messages(void);	   /* taken from slots ... */
u64 hv_odd_messages(void); /* ... and of no use */
