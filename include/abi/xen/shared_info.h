/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page that a domain shares with Xen, as x86-64 has it: Xen,
 * xen/include/public/xen.h and arch-x86/xen.h.
 */
#pragma once

#include <abi/kvm/msr.h>

/* The beginning of struct vcpu_info, the same on all architectures. */
struct xen_vcpu_events {
	u8 evtchn_upcall_pending; /* set by Xen, cleared before looking */
	u8 evtchn_upcall_mask;	  /* of PV guests only */
	u8 pad[6];
	u64 evtchn_pending_sel; /* bit n: look at evtchn_pending[n] */
};
_Static_assert(sizeof(struct xen_vcpu_events) == 16, "xen.h");

struct vcpu_info {
	struct xen_vcpu_events events;
	u64 cr2, pad; /* struct arch_vcpu_info */
	/* struct vcpu_time_info, which KVM took over */
	struct pvclock_vcpu_time_info time;
};
_Static_assert(sizeof(struct vcpu_info) == 64, "xen.h");
_Static_assert(offsetof(struct vcpu_info, time) == 32, "xen.h");

/* vCPUs from here on have no vcpu_info before they register one. */
#define XEN_LEGACY_MAX_VCPUS 32

#define XEN_EVTCHN_WORDS 64

struct shared_info {
	struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
	u64 evtchn_pending[XEN_EVTCHN_WORDS];
	u64 evtchn_mask[XEN_EVTCHN_WORDS];
	/* UTC when system time was 0. */
	struct pvclock_wall_clock wc;
	u32 wc_sec_hi;
	u64 arch[6]; /* struct arch_shared_info: of PV guests */
};
_Static_assert(offsetof(struct shared_info, evtchn_pending) == 2048, "xen.h");
_Static_assert(offsetof(struct shared_info, evtchn_mask) == 2560, "xen.h");
_Static_assert(offsetof(struct shared_info, wc) == 3072, "xen.h");
_Static_assert(offsetof(struct shared_info, wc_sec_hi) == 3084, "xen.h");
_Static_assert(sizeof(struct shared_info) <= 4096, "xen.h");
