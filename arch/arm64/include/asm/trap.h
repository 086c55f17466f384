/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/* Bytes of a struct trap_frame, and where entry.S finds what in it. */
#define TRAP_FRAME_SIZE 288
#define TRAP_FRAME_SP	248
#define TRAP_FRAME_PC	256
#define TRAP_FRAME_ESR	272

/* ESR_EL1.EC: Arm ARM, D19.2.37. */
#define ESR_EC_SHIFT	26
#define EC_UNKNOWN	0x00
#define EC_ILLEGAL	0x0e
#define EC_SYSREG	0x18
#define EC_FETCH_ABORT	0x21
#define EC_PC_ALIGNMENT 0x22
#define EC_DATA_ABORT	0x25
#define EC_SP_ALIGNMENT 0x26
#define EC_SERROR	0x2f
#define EC_STEP		0x33
#define EC_WATCHPOINT	0x35
#define EC_BREAKPOINT	0x31
#define EC_BRK		0x3c
#define EC_COUNT	0x40

#ifndef __ASSEMBLY__
# include <kernel/compiler.h>

/* The interrupted CPU, as entry.S stores it. */
struct trap_frame {
	u64 x[31];
	u64 sp, pc, pstate;
	u64 esr, far;
};
_Static_assert(sizeof(struct trap_frame) == TRAP_FRAME_SIZE, "entry.S");
_Static_assert(offsetof(struct trap_frame, sp) == TRAP_FRAME_SP, "entry.S");
_Static_assert(offsetof(struct trap_frame, pc) == TRAP_FRAME_PC, "entry.S");
_Static_assert(offsetof(struct trap_frame, esr) == TRAP_FRAME_ESR, "entry.S");

/* Called by entry.S with interrupts masked. */

/** A synchronous exception. */
void trap_sync(struct trap_frame *frame);
/** The same, on a full stack: @frame is on a stack for that. */
void trap_overflow(struct trap_frame *frame);
/** An interrupt. */
void trap_irq(struct trap_frame *frame);
/** FIQ, SError, or anything from where the kernel never is. */
void trap_other(struct trap_frame *frame);

/** Exceptions of class @ec seen since boot. */
u64 trap_count(unsigned ec);

/** "entry.S": the table for VBAR_EL1. */
extern const char trap_vectors[];
#endif
