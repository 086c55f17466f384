/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels: Xen, xen/include/public/event_channel.h. A channel's end is
 * a port, a number of the domain's own.
 */
#pragma once

#include <abi/xen/xen.h>

#define EVTCHNOP_bind_interdomain 0
#define EVTCHNOP_bind_virq	  1
#define EVTCHNOP_close		  3
#define EVTCHNOP_send		  4
#define EVTCHNOP_status		  5
#define EVTCHNOP_alloc_unbound	  6
#define EVTCHNOP_bind_ipi	  7
#define EVTCHNOP_bind_vcpu	  8
#define EVTCHNOP_unmask		  9
#define EVTCHNOP_reset		  10
#define EVTCHNOP_init_control	  11
#define EVTCHNOP_expand_array	  12
#define EVTCHNOP_set_priority	  13

struct evtchn_alloc_unbound {
	xen_domid_t dom;	/* whose port it is: DOMID_SELF */
	xen_domid_t remote_dom; /* who may bind to it */
	u32 port;		/* out */
};
_Static_assert(sizeof(struct evtchn_alloc_unbound) == 8, "event_channel.h");

struct evtchn_bind_interdomain {
	xen_domid_t remote_dom;
	u16 pad;
	u32 remote_port;
	u32 local_port; /* out */
};
_Static_assert(sizeof(struct evtchn_bind_interdomain) == 12, "event_channel.h");

struct evtchn_bind_virq {
	u32 virq;
	u32 vcpu;
	u32 port; /* out */
};
_Static_assert(sizeof(struct evtchn_bind_virq) == 12, "event_channel.h");

struct evtchn_bind_ipi {
	u32 vcpu;
	u32 port; /* out */
};
_Static_assert(sizeof(struct evtchn_bind_ipi) == 8, "event_channel.h");

/* EVTCHNOP_close, _send and _unmask. */
struct evtchn_port {
	u32 port;
};
_Static_assert(sizeof(struct evtchn_port) == 4, "event_channel.h");

struct evtchn_status {
	xen_domid_t dom;
	u16 pad;
	u32 port;
	u32 status; /* out, as what follows */
	u32 vcpu;
	u32 u[2];
};
_Static_assert(sizeof(struct evtchn_status) == 24, "event_channel.h");

#define EVTCHNSTAT_closed      0
#define EVTCHNSTAT_unbound     1
#define EVTCHNSTAT_interdomain 2
#define EVTCHNSTAT_virq	       4
#define EVTCHNSTAT_ipi	       5

struct evtchn_bind_vcpu {
	u32 port;
	u32 vcpu;
};
_Static_assert(sizeof(struct evtchn_bind_vcpu) == 8, "event_channel.h");

struct evtchn_reset {
	xen_domid_t dom;
};
_Static_assert(sizeof(struct evtchn_reset) == 2, "event_channel.h");

/* Two levels: bits in the shared info page, and words of them. */
#define EVTCHN_2L_NR_CHANNELS 4096

/* FIFO: 32-bit words in pages, linked into a queue for each priority. */
struct evtchn_init_control {
	u64 control_gfn; /* of the control block, which is in one page */
	u32 offset;
	u32 vcpu;
	u8 link_bits; /* out */
	u8 _pad[7];
};
_Static_assert(sizeof(struct evtchn_init_control) == 24, "event_channel.h");

struct evtchn_expand_array {
	u64 array_gfn;
};
_Static_assert(sizeof(struct evtchn_expand_array) == 8, "event_channel.h");

struct evtchn_set_priority {
	u32 port;
	u32 priority;
};
_Static_assert(sizeof(struct evtchn_set_priority) == 8, "event_channel.h");

#define EVTCHN_FIFO_PRIORITY_MAX     0
#define EVTCHN_FIFO_PRIORITY_DEFAULT 7
#define EVTCHN_FIFO_PRIORITY_MIN     15
#define EVTCHN_FIFO_MAX_QUEUES	     16

/* Bits of an event word; the rest is the next port of the queue, or 0. */
#define EVTCHN_FIFO_PENDING	(1U << 31)
#define EVTCHN_FIFO_MASKED	(1U << 30)
#define EVTCHN_FIFO_LINKED	(1U << 29)
#define EVTCHN_FIFO_BUSY	(1U << 28)
#define EVTCHN_FIFO_LINK_BITS	17
#define EVTCHN_FIFO_LINK_MASK	((1U << EVTCHN_FIFO_LINK_BITS) - 1)
#define EVTCHN_FIFO_NR_CHANNELS (1U << EVTCHN_FIFO_LINK_BITS)

struct evtchn_fifo_control_block {
	u32 ready; /* bit n: queue n is not empty */
	u32 _rsvd;
	u32 head[EVTCHN_FIFO_MAX_QUEUES];
};
_Static_assert(sizeof(struct evtchn_fifo_control_block) == 72,
	       "event_channel.h");
