/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hvm_op: Xen, xen/include/public/hvm/hvm_op.h and hvm/params.h.
 */
#pragma once

#include <abi/xen/xen.h>

#define HVMOP_set_param		       0
#define HVMOP_get_param		       1
#define HVMOP_flush_tlbs	       5 /* of all vCPUs; no argument */
#define HVMOP_get_time		       10
#define HVMOP_set_evtchn_upcall_vector 23

struct xen_hvm_param {
	xen_domid_t domid;
	u16 pad;
	u32 index;
	u64 value;
};
_Static_assert(sizeof(struct xen_hvm_param) == 16, "hvm_op.h");

/* x86: through the local APIC of this vCPU. */
struct xen_hvm_evtchn_upcall_vector {
	u32 vcpu;
	u8 vector;
	u8 pad[3];
};
_Static_assert(sizeof(struct xen_hvm_evtchn_upcall_vector) == 8, "hvm_op.h");

#define HVM_PARAM_CALLBACK_IRQ	 0 /* 0: no upcalls */
#define HVM_PARAM_STORE_PFN	 1
#define HVM_PARAM_STORE_EVTCHN	 2
#define HVM_PARAM_CONSOLE_PFN	 17
#define HVM_PARAM_CONSOLE_EVTCHN 18

/* HVM_PARAM_CALLBACK_IRQ: bits 63..56 */
#define HVM_PARAM_CALLBACK_TYPE_SHIFT  56
#define HVM_PARAM_CALLBACK_TYPE_VECTOR 2ULL /* x86: past the local APIC */
#define HVM_PARAM_CALLBACK_TYPE_PPI    2ULL /* Arm */

/* arch-x86/xen.h: what is written there goes to Xen's log, by lines. */
#define XEN_HVM_DEBUGCONS_IOPORT 0xe9
