/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock. */
#pragma once

#include <kernel/compiler.h>

#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_SEC  1000000000ULL

/**
 * Nanoseconds since the kernel was entered. Monotonic. Any context. Before
 * level TIME it is an estimate from an assumed counter frequency.
 */
u64 time_ns(void);

/** Wait without sleeping for at least @us microseconds. Any context. */
void udelay(u64 us);

/** How the frequency was found ("CPUID 0x15", "measured", "assumed"). */
const char *time_frequency_source(void);

/** Frequency of the CPU's counter in kHz that time_ns() uses. */
u64 time_counter_khz(void);

/**
 * Measure the counter's frequency in kHz against an independent timer of the
 * machine: within 10 ms, or 50 ms where one must first be found missing. 0:
 * this machine has no such timer.
 */
u64 time_measure_khz(void);
