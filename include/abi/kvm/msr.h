/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM's model-specific registers, and the memory that guest and host share
 * through them: Linux, Documentation/virt/kvm/x86/msr.rst.
 */
#pragma once

#include <kernel/types.h>

#define MSR_KVM_WALL_CLOCK_OLD	  0x11
#define MSR_KVM_SYSTEM_TIME_OLD	  0x12
#define MSR_KVM_WALL_CLOCK	  0x4b564d00
#define MSR_KVM_SYSTEM_TIME	  0x4b564d01
#define MSR_KVM_ASYNC_PF_EN	  0x4b564d02
#define MSR_KVM_STEAL_TIME	  0x4b564d03
#define MSR_KVM_PV_EOI_EN	  0x4b564d04
#define MSR_KVM_POLL_CONTROL	  0x4b564d05
#define MSR_KVM_ASYNC_PF_INT	  0x4b564d06
#define MSR_KVM_ASYNC_PF_ACK	  0x4b564d07
#define MSR_KVM_MIGRATION_CONTROL 0x4b564d08

/* Bit 0 of the registers that hold an address: the memory is in use. */
#define KVM_MSR_ENABLED 0x1

/* Of each CPU, by MSR_KVM_SYSTEM_TIME; also Xen's, in its vcpu_info. */
struct pvclock_vcpu_time_info {
	u32 version; /* odd while it changes */
	u32 pad0;
	u64 tsc_timestamp;     /* the counter, when it was ... */
	u64 system_time;       /* ... this many ns since the guest's boot */
	u32 tsc_to_system_mul; /* ns a tick, times 2^32, ... */
	s8 tsc_shift;	       /* ... of ticks shifted left by this */
	u8 flags;
	u8 pad[2];
};
_Static_assert(sizeof(struct pvclock_vcpu_time_info) == 32, "msr.rst");

#define PVCLOCK_TSC_STABLE    0x1 /* all CPUs' clocks agree */
#define PVCLOCK_GUEST_STOPPED 0x2 /* the host had the guest stopped */

/* By MSR_KVM_WALL_CLOCK: UTC when system_time was 0. Written on request. */
struct pvclock_wall_clock {
	u32 version;
	u32 sec;
	u32 nsec;
};
_Static_assert(sizeof(struct pvclock_wall_clock) == 12, "msr.rst");

/* Of each CPU, by MSR_KVM_STEAL_TIME; aligned to its size. */
struct kvm_steal_time {
	u64 steal; /* ns that it did not run, though it wanted to */
	u32 version;
	u32 flags;
	u8 preempted; /* KVM_VCPU_... */
	u8 u8_pad[3];
	u32 pad[11];
};
_Static_assert(sizeof(struct kvm_steal_time) == 64, "msr.rst");

#define KVM_VCPU_PREEMPTED 0x1 /* the host runs something else there */
#define KVM_VCPU_FLUSH_TLB 0x2 /* flush its TLB before it runs again */

/* Of each CPU, by MSR_KVM_ASYNC_PF_EN; aligned to its size. */
struct kvm_vcpu_pv_apf_data {
	u32 flags; /* at a page fault: KVM_PV_REASON_..., or 0: it is real */
	u32 token; /* at an interrupt: the page that is there now */
	u8 pad[56];
};
_Static_assert(sizeof(struct kvm_vcpu_pv_apf_data) == 64, "msr.rst");

#define KVM_PV_REASON_PAGE_NOT_PRESENT 1
/* The token that stands for all. */
#define KVM_APF_TOKEN_ALL UINT32_MAX

#define KVM_ASYNC_PF_SEND_ALWAYS     0x2 /* also to the guest's kernel */
#define KVM_ASYNC_PF_DELIVERY_AS_INT 0x8

/* MSR_KVM_PV_EOI_EN's memory: bit 0 set, the next EOI need not be written. */
#define KVM_PV_EOI_BIT 0

/* MSR_KVM_POLL_CONTROL: bit 0, the host polls before a CPU halts. */
#define KVM_POLL_CONTROL_HOST 0x1

#define KVM_MIGRATION_READY 0x1
