/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM's hypercalls: Linux, Documentation/virt/kvm/x86/hypercalls.rst. Number
 * in RAX, arguments in RBX, RCX, RDX, RSI, result in RAX.
 */
#pragma once

#include <kernel/types.h>

#define KVM_HC_VAPIC_POLL_IRQ 1
#define KVM_HC_KICK_CPU	      5	 /* flags (0), APIC ID */
#define KVM_HC_CLOCK_PAIRING  9	 /* address, type */
#define KVM_HC_SEND_IPI	      10 /* bits 0-63, 64-127, first APIC ID, ICR */
#define KVM_HC_SCHED_YIELD    11 /* APIC ID */

/* Errors, negated. */
#define KVM_EPERM      1
#define KVM_EOPNOTSUPP 95
#define KVM_ENOSYS     1000

/* APIC IDs that one KVM_HC_SEND_IPI reaches. */
#define KVM_SEND_IPI_TARGETS 128

#define KVM_CLOCK_PAIRING_WALLCLOCK 0

/* What the host's wall clock was when this guest's counter was `tsc`. */
struct kvm_clock_pairing {
	s64 sec;
	s64 nsec;
	u64 tsc;
	u32 flags;
	u32 pad[9];
};
_Static_assert(sizeof(struct kvm_clock_pairing) == 64, "hypercalls.rst");
