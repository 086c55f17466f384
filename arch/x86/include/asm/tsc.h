/* SPDX-License-Identifier: BSD-2-Clause */
/* The frequency of the time-stamp counter (tsc_khz.c). */
#pragma once

#include <kernel/types.h>

/* Frequencies outside of this are not believed, whoever states them. */
#define TSC_MIN_KHZ 100000ULL
#define TSC_MAX_KHZ 10000000ULL
/* What is measured may be an emulator's, and slow. */
#define TSC_MIN_MEASURED_KHZ 1000ULL

/**
 * The frequency in kHz as the hypervisor or the CPU states it exactly, else
 * measured, else as the CPU is called. *@source becomes a constant text that
 * says which. 0, with *@source untouched: unknown. What is absurd is reported
 * and passed over. At level TIME.
 */
u64 tsc_find_khz(const char **source);
