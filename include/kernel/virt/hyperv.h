/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's interface for those who build on it: time, processors, hypercalls,
 * messages and events. Any context but NMI, unless it says otherwise. It works
 * where the service that it belongs to runs (<kernel/virt/service.h>).
 */
#pragma once

#include <abi/hyperv/hypercall.h>
#include <abi/hyperv/synic.h>
#include <kernel/cpumask.h>

/* Features and the services for them, as kernel/virt/hyperv.c lists them. */
#define HV_HYPERCALLS	     "hypercalls"
#define HV_VP_INDEX	     "vp-index"
#define HV_REFERENCE_COUNTER "reference-counter"
#define HV_REFERENCE_TSC     "reference-tsc"
#define HV_SYNIC	     "synic"
#define HV_STIMERS	     "synthetic-timers"
#define HV_DIRECT_TIMERS     "direct-timers"
#define HV_APIC_REGISTERS    "apic-registers"
#define HV_EOI_ASSIST	     "eoi-assist"
#define HV_CLUSTER_IPI	     "cluster-ipi"
#define HV_REMOTE_FLUSH	     "remote-flush"
#define HV_SPIN_WAIT	     "spin-wait-notification"
#define HV_GUEST_IDLE	     "guest-idle-register"
#define HV_RUN_TIME	     "vp-run-time"
#define HV_REENLIGHTENMENT   "reenlightenment"
#define HV_INVARIANT_TSC     "invariant-tsc"
#define HV_CRASH	     "guest-crash-registers"
#define HV_RESET	     "reset-register"

/* What no VP is called. */
#define HV_VP_NONE UINT32_MAX

/**
 * The virtual processor's index of CPU @cpu, HV_VP_INDEX_MAX at most, which
 * need not be @cpu; HV_VP_NONE: it has none that can be used.
 */
u32 hv_vp_index(unsigned cpu);

/**
 * Hypercall @code with @a and @b as its input, without memory. 0, -ENODEV
 * (hypercalls cannot be made now), -ENOSYS (there is no such call) or -EIO.
 */
int hv_call_fast(u16 code, u64 a, u64 b);

/**
 * This CPU's page for a hypercall's input, HV_HYPERCALL_PAGE_SIZE bytes, or
 * NULL. Interrupts masked from here to the call's return.
 */
void *hv_call_input(void);

/**
 * Hypercall @code with what is in the input page, of which @variable words of
 * 64 bits are its variable header. Returns as hv_call_fast().
 */
int hv_call(u16 code, unsigned variable);

/**
 * The same for a list of @count elements, 1 to HV_HYPERCALL_REP_MASK, until
 * all are done. A host that does not get on with it is given up: -EIO.
 */
int hv_call_list(u16 code, unsigned variable, unsigned count);

/** Time since the partition began, in ns; 0: there is no such clock. */
u64 hv_reference_ns(void);

/* Who listens at a synthetic interrupt source, in interrupt context. */
struct hv_sint_listener {
	/*
	 * A message for this CPU, a copy: payload_size is its, checked. The
	 * slot is free for the next one. May be NULL.
	 */
	void (*message)(const struct hv_message *message);
	/*
	 * At least one of this CPU's event flags is set: take them out with
	 * atomic operations. May be NULL.
	 */
	void (*events)(struct hv_event_flags *flags);
};

/**
 * Have @listener called on every CPU for source @sint, 1 to HV_SINT_COUNT - 1.
 * 0, -ENODEV (no SynIC), -EINVAL, or -EBUSY (somebody listens). At boot until
 * level SMP, or in a thread.
 */
int hv_synic_listen(unsigned sint, const struct hv_sint_listener *listener);
