/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's synthetic registers: Microsoft, Hypervisor Top Level Functional
 * Specification, "Timers".
 */
#pragma once

/* Frequency of the TSC in Hz; needs HV_ACCESS_FREQUENCY_REGS. */
#define HV_X64_MSR_TSC_FREQUENCY 0x40000022U
