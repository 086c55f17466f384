/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the self-tests of Hyper-V's services. */
#pragma once

#include "../suite.h"
#include "internal.h"

static inline bool hv_test_runs(struct selftest *t, const char *feature)
{
	return virt_test_runs(t, HYPERV_TYPE_HYPERV, feature);
}

static inline void hv_verified(const char *feature)
{
	virt_service_verified(HYPERV_TYPE_HYPERV, feature);
}

/** True if there is a second CPU; else @t is skipped. */
bool hv_test_has_others(struct selftest *t);

/** The online CPUs without this one; preemption disabled. */
struct cpumask hv_test_others(void);

/* suite_calls.c */
void hv_test_identity(struct selftest *t);
void hv_test_calls(struct selftest *t);
void hv_test_indices(struct selftest *t);
void hv_test_ipi(struct selftest *t);
void hv_test_ipi_sets(struct selftest *t);
void hv_test_spin(struct selftest *t);

/* suite_flush.c */
void hv_test_flush(struct selftest *t);
void hv_test_flush_sets(struct selftest *t);

/* suite_steal.c */
void hv_test_steal(struct selftest *t);

/* suite_time.c */
void hv_test_counter(struct selftest *t);
void hv_test_page(struct selftest *t);
void hv_test_monotonic(struct selftest *t);
void hv_test_counter_monotonic(struct selftest *t);
void hv_test_direct_timers(struct selftest *t);
void hv_test_message_timers(struct selftest *t);
