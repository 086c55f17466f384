/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's synthetic registers on x64, and the pages that guest and
 * hypervisor share through them: Microsoft, Hypervisor Top Level Functional
 * Specification (TLFS), in the sections named below.
 */
#pragma once

#include <kernel/types.h>

/* "Hypercall Interface" */
#define HV_X64_MSR_GUEST_OS_ID 0x40000000U
#define HV_X64_MSR_HYPERCALL   0x40000001U
/* "Virtual Processors" */
#define HV_X64_MSR_VP_INDEX   0x40000002U
#define HV_X64_MSR_VP_RUNTIME 0x40000010U /* 100 ns */
#define HV_X64_MSR_GUEST_IDLE 0x400000f0U
/* "Partitions": writing 1 resets the machine. */
#define HV_X64_MSR_RESET 0x40000003U

/* "Timers"; frequencies in Hz need HV_ACCESS_FREQUENCY_REGS. */
#define HV_X64_MSR_TIME_REF_COUNT	 0x40000020U /* 100 ns */
#define HV_X64_MSR_REFERENCE_TSC	 0x40000021U
#define HV_X64_MSR_TSC_FREQUENCY	 0x40000022U
#define HV_X64_MSR_APIC_FREQUENCY	 0x40000023U
#define HV_X64_MSR_TSC_INVARIANT_CONTROL 0x40000118U
/* Of timer @n, below HV_STIMER_COUNT. */
#define HV_X64_MSR_STIMER_CONFIG(n) (0x400000b0U + 2 * (n))
#define HV_X64_MSR_STIMER_COUNT(n)  (0x400000b1U + 2 * (n))

/* "Virtual Interrupt Controller" */
#define HV_X64_MSR_EOI		  0x40000070U
#define HV_X64_MSR_ICR		  0x40000071U
#define HV_X64_MSR_TPR		  0x40000072U
#define HV_X64_MSR_VP_ASSIST_PAGE 0x40000073U

/* "Inter-Partition Communication" */
#define HV_X64_MSR_SCONTROL 0x40000080U
#define HV_X64_MSR_SVERSION 0x40000081U
#define HV_X64_MSR_SIEFP    0x40000082U
#define HV_X64_MSR_SIMP	    0x40000083U
#define HV_X64_MSR_EOM	    0x40000084U
/* Of source @n, below HV_SINT_COUNT. */
#define HV_X64_MSR_SINT(n) (0x40000090U + (n))

/* "Partition Crash Enlightenment": parameter @n, 0 to 4 */
#define HV_X64_MSR_CRASH_P(n) (0x40000100U + (n))
#define HV_X64_MSR_CRASH_CTL  0x40000105U
#define HV_CRASH_PARAMETERS   5
#define HV_CRASH_MESSAGE_MAX  4096 /* bytes */

/* HV_CRASH_CTL_REG_CONTENTS */
#define HV_CRASH_CTL_MESSAGE (1ULL << 62) /* P3 is its GPA, P4 its length */
#define HV_CRASH_CTL_NOTIFY  (1ULL << 63)

/* "Nested Virtualization": live migration */
#define HV_X64_MSR_REENLIGHTENMENT_CONTROL 0x40000106U
#define HV_X64_MSR_TSC_EMULATION_CONTROL   0x40000107U
#define HV_X64_MSR_TSC_EMULATION_STATUS	   0x40000108U
#define HV_REENLIGHTENMENT_ENABLED	   (1ULL << 16)
#define HV_REENLIGHTENMENT_TARGET	   32 /* shift of a VP index */
#define HV_TSC_EMULATION_ENABLED	   (1ULL << 0)
#define HV_TSC_EMULATION_IN_PROGRESS	   (1ULL << 0)

/* Registers with a page's address: bits 11 to 1 are to be preserved. */
#define HV_MSR_PAGE_ENABLED   (1ULL << 0)
#define HV_MSR_PAGE_PRESERVED 0xffeULL

/* HV_X64_MSR_TSC_INVARIANT_CONTROL: CPUID says that the TSC is invariant. */
#define HV_TSC_INVARIANT_EXPOSED (1ULL << 0)

/* "Reporting the Guest OS Identity": of an open source one */
#define HV_GUEST_OS_OPEN_SOURCE	  (1ULL << 63)
#define HV_GUEST_OS_TYPE_SHIFT	  56
#define HV_GUEST_OS_VERSION_SHIFT 16

/* HV_REFERENCE_TSC_PAGE: 100 ns = (TSC * scale >> 64) + offset */
struct hv_reference_tsc_page {
	u32 tsc_sequence; /* 0: not valid now */
	u32 reserved1;
	u64 tsc_scale;
	s64 tsc_offset;
	u64 reserved2[509];
};
_Static_assert(sizeof(struct hv_reference_tsc_page) == 4096, "TLFS, Timers");
_Static_assert(offsetof(struct hv_reference_tsc_page, tsc_scale) == 8, "");
_Static_assert(offsetof(struct hv_reference_tsc_page, tsc_offset) == 16, "");

/* HV_VP_ASSIST_PAGE: its first word is the "EOI assist" */
#define HV_EOI_ASSIST_NO_EOI_BIT 0

/* Synthetic timers */
#define HV_STIMER_COUNT	       4
#define HV_STIMER_ENABLE       (1ULL << 0)
#define HV_STIMER_PERIODIC     (1ULL << 1)
#define HV_STIMER_LAZY	       (1ULL << 2)
#define HV_STIMER_AUTO_ENABLE  (1ULL << 3)
#define HV_STIMER_VECTOR_SHIFT 4
#define HV_STIMER_DIRECT       (1ULL << 12)
#define HV_STIMER_SINT_SHIFT   16
