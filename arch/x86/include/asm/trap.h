/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions: Intel SDM volume 3A, chapter 6. */
#pragma once

#include <kernel/compiler.h>

#define TRAP_DB	   1
#define TRAP_NMI   2
#define TRAP_BP	   3
#define TRAP_UD	   6
#define TRAP_DF	   8
#define TRAP_GP	   13
#define TRAP_PF	   14
#define TRAP_MC	   18
#define TRAP_COUNT 32

/* The interrupted CPU, in the order entry.S pushes it. */
struct trap_frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rbp, rdi, rsi, rdx, rcx, rbx, rax;
	u64 vector;
	u64 error;
	u64 rip, cs, rflags, rsp, ss;
};
_Static_assert(sizeof(struct trap_frame) == 22 * 8, "entry.S relies on it");

/* "entry.S": one entry point for each of the 256 vectors, 16 bytes apart. */
extern const char trap_entries[];

/** Called by entry.S with interrupts masked. */
void trap_dispatch(struct trap_frame *frame);

/** Exceptions and interrupts seen with this vector since boot, by all CPUs. */
u64 trap_count(unsigned vector);
/** By CPU @cpu, below cpu_count(). */
u64 trap_count_cpu(unsigned vector, unsigned cpu);
