/* SPDX-License-Identifier: BSD-2-Clause */
/* What self-tests of several hypervisors' services have in common. */
#pragma once

#include <kernel/cpumask.h>
#include <kernel/selftest.h>
#include <kernel/virt/hypervisor.h>

/** True if a service for @feature runs; else @t is skipped, with a reason. */
bool virt_test_runs(struct selftest *t, enum hypervisor_type type,
		    const char *feature);

/**
 * Interrupt many sets of CPUs by @send, which sends IPI_CALL with preemption
 * disabled and returns 0 or -errno: each CPU alone, and every second, third,
 * ... How many sets it were; @t fails if others or not all were reached.
 */
unsigned virt_test_ipi_sets(struct selftest *t,
			    int (*send)(const struct cpumask *mask));

/**
 * The time of day is one that can be. Returns where it is from, for the caller
 * to compare; NULL: @t is skipped without a service for @feature, or failed.
 */
const char *virt_test_wall_clock(struct selftest *t, enum hypervisor_type type,
				 const char *feature);
