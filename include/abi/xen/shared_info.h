/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page that a domain shares with Xen: Xen, xen/include/public/xen.h, with
 * what arch-x86/xen.h and arch-arm.h have in it.
 */
#pragma once

#include <abi/kvm/msr.h>

/* struct arch_vcpu_info: of x86 cr2 and a pad, of Arm nothing. */
#define XEN_ARCH_VCPU_WORDS (IS_ENABLED(CONFIG_HAS_XEN_X86) ? 2 : 0)
/* struct arch_shared_info, of x86's PV guests. */
#define XEN_ARCH_SHARED_WORDS (IS_ENABLED(CONFIG_HAS_XEN_X86) ? 6 : 0)
/* vCPUs from here on have no vcpu_info before they register one. */
#define XEN_LEGACY_MAX_VCPUS (IS_ENABLED(CONFIG_HAS_XEN_X86) ? 32 : 1)

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
	u64 arch[XEN_ARCH_VCPU_WORDS];
	/* struct vcpu_time_info, which KVM took over */
	struct pvclock_vcpu_time_info time;
};
_Static_assert(sizeof(struct vcpu_info) == 48 + 8 * XEN_ARCH_VCPU_WORDS,
	       "xen.h");
_Static_assert(offsetof(struct vcpu_info, time) == 16 + 8 * XEN_ARCH_VCPU_WORDS,
	       "xen.h");

#define XEN_EVTCHN_WORDS 64

struct shared_info {
	struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
	u64 evtchn_pending[XEN_EVTCHN_WORDS];
	u64 evtchn_mask[XEN_EVTCHN_WORDS];
	/* UTC when system time was 0. */
	struct pvclock_wall_clock wc;
	u32 wc_sec_hi;
	u64 arch[XEN_ARCH_SHARED_WORDS];
};

#define XEN_SHARED_BITS (XEN_LEGACY_MAX_VCPUS * (48 + 8 * XEN_ARCH_VCPU_WORDS))
_Static_assert(offsetof(struct shared_info, evtchn_pending) == XEN_SHARED_BITS,
	       "xen.h");
_Static_assert(offsetof(struct shared_info, evtchn_mask) ==
		       XEN_SHARED_BITS + 512,
	       "xen.h");
_Static_assert(offsetof(struct shared_info, wc) == XEN_SHARED_BITS + 1024,
	       "xen.h");
_Static_assert(offsetof(struct shared_info, wc_sec_hi) ==
		       XEN_SHARED_BITS + 1036,
	       "xen.h");
_Static_assert(sizeof(struct shared_info) <= 4096, "xen.h");
