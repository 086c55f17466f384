/* SPDX-License-Identifier: BSD-2-Clause */
/* Cases of the core suite that take more than one CPU. */
#pragma once

#include <kernel/types.h>

/** -ENODEV unless there is a second CPU. */
int bench_other_cpu(void);

/* One lock, which all CPUs want all the time. */
int bench_contention_begin(void);
void bench_contended_lock(u64 count);

/* Two threads of one CPU, each of which lets the other one run. */
int bench_switch_begin(void);
void bench_switch(u64 count);
void bench_switch_end(void);
/* A thread on another CPU, which is woken and wakes the caller. */
int bench_wake_begin(void);
void bench_wake(u64 count);
void bench_wake_end(void);
/* A thread that does nothing, to its end. */
void bench_thread(u64 count);

/* smp_call() of nothing: to one other CPU, to all. */
void bench_ipi(u64 count);
void bench_ipi_all(u64 count);

/* Make all CPUs forget one page. */
int bench_tlb_begin(void);
void bench_tlb(u64 count);
void bench_tlb_end(void);
