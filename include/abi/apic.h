/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC: Intel SDM volume 3A, chapter 10 "Advanced programmable
 * interrupt controller". Offsets are those of xAPIC mode; the MSR of the same
 * register in x2APIC mode is APIC_X2_MSR(offset).
 */
#pragma once

#include <kernel/types.h>

/* 10.4.4: IA32_APIC_BASE */
#define MSR_APIC_BASE	      0x1b
#define APIC_BASE_X2	      (1ULL << 10)
#define APIC_BASE_ENABLE      (1ULL << 11)
#define APIC_BASE_ADDRESS     0x000ffffffffff000ULL
#define APIC_REGISTERS_SIZE   0x1000
#define APIC_X2_MSR(register) (0x800U + ((register) >> 4))

/* 10.5.4.1 */
#define MSR_TSC_DEADLINE 0x6e0

/* Table 10-1 */
enum apic_register {
	APIC_ID = 0x20,
	APIC_VERSION = 0x30,
	APIC_TPR = 0x80,
	APIC_EOI = 0xb0,
	APIC_SPURIOUS = 0xf0,
	APIC_ISR = 0x100, /* 8 registers of 32 bits, 16 bytes apart */
	APIC_ESR = 0x280,
	APIC_LVT_CMCI = 0x2f0,
	APIC_ICR = 0x300,
	APIC_ICR_HIGH = 0x310, /* in x2APIC mode the upper half of the MSR */
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_THERMAL = 0x330,
	APIC_LVT_PERF = 0x340,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
};
#define APIC_REGISTER_STEP 0x10

/* 10.4.8: version */
#define APIC_VERSION_MASK	0xffU
#define APIC_VERSION_INTEGRATED 0x10U /* and above: in the CPU */
#define APIC_VERSION_MAX_LVT(v) ((v) >> 16 & 0xffU)

/* 10.9: spurious-interrupt vector register */
#define APIC_SPURIOUS_ENABLE (1U << 8)

/* 10.5.1: local vector table */
#define APIC_LVT_MASKED	      (1U << 16)
#define APIC_LVT_NMI	      (4U << 8)
#define APIC_TIMER_ONE_SHOT   (0U << 17)
#define APIC_TIMER_DEADLINE   (2U << 17)
#define APIC_TIMER_DIVIDER_16 0x3U

/* 10.6.1: interrupt command */
#define APIC_ICR_FIXED	   (0U << 8)
#define APIC_ICR_NMI	   (4U << 8)
#define APIC_ICR_INIT	   (5U << 8)
#define APIC_ICR_STARTUP   (6U << 8) /* the vector is a page below 1 MiB */
#define APIC_ICR_PENDING   (1U << 12)
#define APIC_ICR_ASSERT	   (1U << 14)
#define APIC_ICR_SELF	   (1U << 18)
#define APIC_ICR_OTHERS	   (3U << 18)
#define APIC_ICR_HIGH_DEST 24 /* shift of an ID in xAPIC mode */
