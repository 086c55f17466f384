/* SPDX-License-Identifier: BSD-2-Clause */
/* What Xen's services know of each other. */
#pragma once

/* What the layout depends on. */
#include <kernel/compiler.h>

#include <abi/xen/shared_info.h>
#include <kernel/percpu.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include <kernel/virt/xen.h>
#include <kernel/virt/xen_upcall.h>

/* Features, as kernel/virt/xen.c lists them. */
#define XEN_HYPERCALLS "hypercalls"
#define XEN_EVENTS     "event-channels"
#define XEN_UPCALL     "upcall-vector"
#define XEN_CLOCK      "clock"
#define XEN_TIMER      "singleshot-timer"
#define XEN_STEAL      "steal-time"
#define XEN_POLL       "poll"
#define XEN_FLUSH      "flush-tlbs"
#define XEN_YIELD      "yield"

/* The page shared with Xen, and what each vCPU shares: shared.c. */

/** Map the page, on the boot CPU; 0 or -errno. */
int xen_shared_start(void);
/** Register this CPU's vcpu_info. 0 or -errno. */
int xen_shared_start_cpu(void);
/** Give the page back. On the boot CPU, last. */
void xen_shared_stop(void);

/** The page, or NULL. */
struct shared_info *xen_shared(void);
/** The vcpu_info of @cpu, or NULL before it has one. */
struct vcpu_info *xen_vcpu_info(unsigned cpu);

/* The clock. */

/** Xen's system time in ns. Any context. */
u64 xen_system_time(void);
#ifdef CONFIG_XEN_CLOCK
/** The counter's frequency in kHz by the clock's page, or 0. */
u64 xen_clock_khz(void);
#else
static inline u64 xen_clock_khz(void)
{
	return 0;
}
#endif

/* Who runs, where XEN_STEAL does. Any context. */

/** True if @cpu wants to run and does not. */
bool xen_is_preempted(unsigned cpu);
/** True if @cpu does not run, for whatever reason. */
bool xen_does_not_run(unsigned cpu);

/* Should a kick get lost, nobody waits for longer. */
#define XEN_POLL_MAX_NS (20 * NSEC_PER_MSEC)

/** Wait until @port is pending, for a bounded time. False: Xen refuses. */
bool xen_poll(unsigned port);

/* What services did since boot, on all CPUs. */
u64 xen_tlb_flushes(void);
u64 xen_yields(void);
u64 xen_timer_events(unsigned cpu); /* of this one */

/*
 * The two ABIs of event channels. Ports given here are below `ports`, and
 * prepared.
 */
struct xen_event_abi {
	const char *name;
	unsigned ports;
	/* On the boot CPU; on each CPU after it. 0 or -errno. */
	int (*start)(void);
	int (*start_cpu)(void);
	/* Make room for @port, which is then masked. 0 or -errno. */
	int (*prepare)(unsigned port);
	void (*mask)(unsigned port);
	bool (*is_masked)(unsigned port);
	/* False: it is pending, and Xen must unmask it. */
	bool (*unmask)(unsigned port);
	bool (*pending)(unsigned port);
	/* What it was. */
	bool (*clear)(unsigned port);
	/*
	 * Call xen_event_deliver() for what is pending on this CPU, whose
	 * vcpu_info is @v. Interrupts masked. How many calls.
	 */
	unsigned (*scan)(struct xen_vcpu_events *v);
};

extern const struct xen_event_abi xen_events_2l, xen_events_fifo;

/** The CPU that takes @port's events. */
unsigned xen_event_cpu(unsigned port);

/** For ABIs: @port has an event, which was cleared. Interrupts masked. */
void xen_event_deliver(unsigned port);

/** For ABIs: Xen wrote something that cannot be. Any context. */
void xen_event_broken(void);

/** What the upcall calls; interrupts masked. */
void xen_event_upcall(void);
