/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM's CPUID leaves: Linux, Documentation/virt/kvm/x86/cpuid.rst. Leaves are
 * offsets from the base, features are bit numbers.
 */
#pragma once

#define KVM_SIGNATURE "KVMKVMKVM\0\0\0"
/* A KVM that is itself a Hyper-V guest used to offer this one. */
#define KVM_SIGNATURE_LINUX "Linux KVM Hv"

#define KVM_CPUID_FEATURES 0x1

/* EAX */
#define KVM_FEATURE_CLOCKSOURCE		   0
#define KVM_FEATURE_NOP_IO_DELAY	   1
#define KVM_FEATURE_MMU_OP		   2
#define KVM_FEATURE_CLOCKSOURCE2	   3
#define KVM_FEATURE_ASYNC_PF		   4
#define KVM_FEATURE_STEAL_TIME		   5
#define KVM_FEATURE_PV_EOI		   6
#define KVM_FEATURE_PV_UNHALT		   7
#define KVM_FEATURE_PV_TLB_FLUSH	   9
#define KVM_FEATURE_ASYNC_PF_VMEXIT	   10
#define KVM_FEATURE_PV_SEND_IPI		   11
#define KVM_FEATURE_POLL_CONTROL	   12
#define KVM_FEATURE_PV_SCHED_YIELD	   13
#define KVM_FEATURE_ASYNC_PF_INT	   14
#define KVM_FEATURE_MSI_EXT_DEST_ID	   15
#define KVM_FEATURE_HC_MAP_GPA_RANGE	   16
#define KVM_FEATURE_MIGRATION_CONTROL	   17
#define KVM_FEATURE_CLOCKSOURCE_STABLE_BIT 24

/* EDX */
#define KVM_HINTS_REALTIME 0

_Static_assert(sizeof(KVM_SIGNATURE) == 12 + 1, "EBX, ECX, EDX");
_Static_assert(sizeof(KVM_SIGNATURE_LINUX) == 12 + 1, "EBX, ECX, EDX");
