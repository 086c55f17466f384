/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's CPUID leaves: Microsoft, Hypervisor Top Level Functional
 * Specification, "Feature and Interface Discovery"; the privilege mask is
 * HV_PARTITION_PRIVILEGE_MASK in "Partition Properties". Leaves are offsets
 * from the base, features are bit numbers.
 */
#pragma once

#define HV_SIGNATURE "Microsoft Hv"

/* The FADT's hypervisor vendor identity, on any architecture. */
#define HV_ACPI_VENDOR "MsHyperV"

/* EAX is the interface's signature; the rest is valid only with it. */
#define HV_CPUID_INTERFACE 0x1
#define HV_INTERFACE_HV_1  0x31237648U /* "Hv#1" */
/* EAX build; EBX major in 31..16, minor in 15..0 */
#define HV_CPUID_VERSION	 0x2
#define HV_CPUID_FEATURES	 0x3
#define HV_CPUID_RECOMMENDATIONS 0x4
#define HV_CPUID_LIMITS		 0x5
#define HV_CPUID_HARDWARE	 0x6

/* Leaf 3, EAX: privileges 31..0, access to registers */
#define HV_ACCESS_VP_RUN_TIME_REG	      0
#define HV_ACCESS_PARTITION_REFERENCE_COUNTER 1
#define HV_ACCESS_SYNIC_REGS		      2
#define HV_ACCESS_SYNTHETIC_TIMER_REGS	      3
#define HV_ACCESS_INTR_CTRL_REGS	      4
#define HV_ACCESS_HYPERCALL_REGS	      5
#define HV_ACCESS_VP_INDEX		      6
#define HV_ACCESS_RESET_REG		      7
#define HV_ACCESS_STATS_REG		      8
#define HV_ACCESS_PARTITION_REFERENCE_TSC     9
#define HV_ACCESS_GUEST_IDLE_REG	      10
#define HV_ACCESS_FREQUENCY_REGS	      11
#define HV_ACCESS_DEBUG_REGS		      12
#define HV_ACCESS_REENLIGHTENMENT_CONTROLS    13
#define HV_ACCESS_TSC_INVARIANT_CONTROLS      15

/* Leaf 3, EBX: privileges 63..32, access to hypercalls */
#define HV_CREATE_PARTITIONS	      0
#define HV_ACCESS_PARTITION_ID	      1
#define HV_ACCESS_MEMORY_POOL	      2
#define HV_POST_MESSAGES	      4
#define HV_SIGNAL_EVENTS	      5
#define HV_CREATE_PORT		      6
#define HV_CONNECT_PORT		      7
#define HV_ACCESS_STATS		      8
#define HV_DEBUGGING		      11
#define HV_CPU_MANAGEMENT	      12
#define HV_ACCESS_VSM		      16
#define HV_ACCESS_VP_REGISTERS	      17
#define HV_ENABLE_EXTENDED_HYPERCALLS 20
#define HV_START_VIRTUAL_PROCESSOR    21

/* Leaf 3, EDX */
#define HV_FEATURE_GUEST_DEBUGGING	   1
#define HV_FEATURE_PERFORMANCE_MONITOR	   2
#define HV_FEATURE_CPU_PARTITIONING	   3
#define HV_FEATURE_XMM_HYPERCALL_INPUT	   4
#define HV_FEATURE_GUEST_IDLE		   5
#define HV_FEATURE_SLEEP_STATE		   6
#define HV_FEATURE_NUMA_DISTANCES	   7
#define HV_FEATURE_TIMER_FREQUENCIES	   8
#define HV_FEATURE_SYNTHETIC_MACHINE_CHECK 9
#define HV_FEATURE_GUEST_CRASH_REGS	   10
#define HV_FEATURE_DEBUG_REGS		   11
#define HV_FEATURE_NPIEP		   12
#define HV_FEATURE_DISABLE_HYPERVISOR	   13
#define HV_FEATURE_EXTENDED_GVA_FLUSH	   14
#define HV_FEATURE_XMM_HYPERCALL_OUTPUT	   15
#define HV_FEATURE_SINT_POLLING		   17
#define HV_FEATURE_HYPERCALL_LOCK	   18
#define HV_FEATURE_DIRECT_TIMERS	   19

/* Leaf 4, EAX */
#define HV_RECOMMEND_HYPERCALL_SWITCH	 0
#define HV_RECOMMEND_LOCAL_FLUSH	 1
#define HV_RECOMMEND_REMOTE_FLUSH	 2
#define HV_RECOMMEND_APIC_REGS		 3
#define HV_RECOMMEND_RESET_REG		 4
#define HV_RECOMMEND_RELAXED_TIMING	 5
#define HV_RECOMMEND_DMA_REMAPPING	 6
#define HV_RECOMMEND_INTERRUPT_REMAPPING 7
#define HV_RECOMMEND_X2APIC		 8
#define HV_RECOMMEND_NO_AUTO_EOI	 9
#define HV_RECOMMEND_CLUSTER_IPI	 10
#define HV_RECOMMEND_EX_PROCESSOR_MASKS	 11
#define HV_NESTED			 12
#define HV_RECOMMEND_INT_FOR_MBEC	 13
#define HV_RECOMMEND_ENLIGHTENED_VMCS	 14
#define HV_RECOMMEND_SYNCED_TIMELINE	 15
#define HV_RECOMMEND_DIRECT_LOCAL_FLUSH	 17
#define HV_NO_NONARCH_CORE_SHARING	 18

/* Leaf 4, EBX: tries before a long wait is notified; these mean never. */
#define HV_SPIN_NEVER	  0x00000000U
#define HV_SPIN_NEVER_KVM 0xffffffffU /* QEMU's default */

/* Leaf 6, EAX: hardware features that the hypervisor uses */
#define HV_HARDWARE_APIC_OVERLAY	 0
#define HV_HARDWARE_MSR_BITMAPS		 1
#define HV_HARDWARE_PERFORMANCE_COUNTERS 2
#define HV_HARDWARE_SLAT		 3
#define HV_HARDWARE_DMA_REMAPPING	 4
#define HV_HARDWARE_INTERRUPT_REMAPPING	 5
#define HV_HARDWARE_MEMORY_PATROL	 6
#define HV_HARDWARE_DMA_PROTECTION	 7
#define HV_HARDWARE_HPET_REQUESTED	 8
#define HV_HARDWARE_VOLATILE_TIMERS	 9

_Static_assert(sizeof(HV_SIGNATURE) == 12 + 1, "EBX, ECX, EDX");
