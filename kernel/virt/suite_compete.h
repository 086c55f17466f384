/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of what hosts do for guests whose CPUs compete for their own.
 * Each marks its feature as verified when it saw it do its job.
 */
#pragma once

#include "suite.h"

/** True if the host has less CPUs than the guest wants; else @t is skipped. */
bool virt_test_competes(struct selftest *t);

/** Keep some CPUs busy, each by a thread of its own, for seconds at most. */
void virt_busy_start(void);
void virt_busy_end(void);

/** Stolen time is the time that busy loops stand still. */
void virt_test_steal(struct selftest *t, enum hypervisor_type type,
		     const char *feature);

/** For a comparison with what the host counts: `cpus` before and after. */
void virt_test_all_want_to_run(struct selftest *t, enum hypervisor_type type,
			       const char *feature);

/**
 * Memory changes behind an address while its reader may not be running:
 * nothing older is read after the flush. @by_host: flushes that the host made.
 */
void virt_test_flush(struct selftest *t, enum hypervisor_type type,
		     const char *feature, u64 (*by_host)(void));

/** Who calls a CPU that does not run gives up its own: @yields counts it. */
void virt_test_yield(struct selftest *t, enum hypervisor_type type,
		     const char *feature, u64 (*yields)(void));

/** A waiter for a lock halts, and is kicked. */
void virt_test_halting_locks(struct selftest *t, enum hypervisor_type type,
			     const char *feature);

/** Who waits for a lock whose holder does not run halts, and is kicked. */
void virt_test_preempted_holder(struct selftest *t, enum hypervisor_type type,
				const char *feature);
