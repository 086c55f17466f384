/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clock page that KVM and Xen share with a guest, one for each CPU. It is
 * written by the host at any time, and checked at each reading.
 */
#pragma once

#include <abi/kvm/msr.h>
#include <kernel/compiler.h>

/* A shift beyond this would shift everything out: not believed. */
#define PVCLOCK_SHIFT_MAX 31
/* Times that a page may be found changing before a reading is given up. */
#define PVCLOCK_TRIES_MAX 10000

/** Nanoseconds of @ticks, rounded down; @shift in +-PVCLOCK_SHIFT_MAX. */
u64 pvclock_scale(u64 ticks, u32 mul, int shift);

/** The counter's frequency in kHz that @info states; 0: it makes no sense. */
u64 pvclock_khz(const struct pvclock_vcpu_time_info *info);

/**
 * Copy @info as it was at one time, with what @counter read at that time in
 * *@ticks. False: it never held still, or makes no sense. Any context.
 */
bool pvclock_snapshot(const struct pvclock_vcpu_time_info *info,
		      u64 (*counter)(void), struct pvclock_vcpu_time_info *copy,
		      u64 *ticks);

/* The latest that any CPU has read; zeroed memory at first. */
struct pvclock_latest {
	u64 ns;
};

/**
 * @ns, or what any CPU has given with this @latest if that is later: for
 * clocks that do not agree on all CPUs. Any context.
 */
u64 pvclock_not_before(struct pvclock_latest *latest, u64 ns);

/** The time in ns that a snapshot of a page and its ticks make. */
u64 pvclock_ns(const struct pvclock_vcpu_time_info *copy, u64 ticks);

/**
 * UTC in ns since 1970 when system_time was 0. False: @wall never held still,
 * or makes no sense.
 */
bool pvclock_wall_ns(const struct pvclock_wall_clock *wall, u64 *ns);
