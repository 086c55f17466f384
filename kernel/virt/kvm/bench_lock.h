/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <kernel/bench.h>
#include <kernel/spin_pv.h>

/** setup() and report() of a case whose arg is how a lock's waiters wait. */
int kvm_bench_find_work(void);
int kvm_bench_work(const struct bench_case *c, struct bench_value *values);

/** They halt, and that is counted. */
extern const struct spin_pv_ops kvm_bench_halting;
