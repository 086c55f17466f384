/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception entry. The kernel stays at EL1 on its own stack pointer, so of the
 * sixteen vectors four are expected. Each stores a struct trap_frame.
 */
#include <asm/stack.h>
#include <asm/trap.h>

	/* x0 to x29, with the frame at SP. */
	.macro	store_low
	stp	x0, x1, [sp, #16 * 0]
	stp	x2, x3, [sp, #16 * 1]
	stp	x4, x5, [sp, #16 * 2]
	stp	x6, x7, [sp, #16 * 3]
	stp	x8, x9, [sp, #16 * 4]
	stp	x10, x11, [sp, #16 * 5]
	stp	x12, x13, [sp, #16 * 6]
	stp	x14, x15, [sp, #16 * 7]
	stp	x16, x17, [sp, #16 * 8]
	stp	x18, x19, [sp, #16 * 9]
	stp	x20, x21, [sp, #16 * 10]
	stp	x22, x23, [sp, #16 * 11]
	stp	x24, x25, [sp, #16 * 12]
	stp	x26, x27, [sp, #16 * 13]
	stp	x28, x29, [sp, #16 * 14]
	.endm

	/* The rest; x21 is the interrupted stack pointer. */
	.macro	store_high
	mrs	x22, elr_el1
	mrs	x23, spsr_el1
	mrs	x24, esr_el1
	mrs	x25, far_el1
	stp	x30, x21, [sp, #TRAP_FRAME_SP - 8]
	stp	x22, x23, [sp, #TRAP_FRAME_PC]
	stp	x24, x25, [sp, #TRAP_FRAME_ESR]
	.endm

	.macro	enter handler
	sub	sp, sp, #TRAP_FRAME_SIZE
	store_low
	add	x21, sp, #TRAP_FRAME_SIZE
	store_high
	mov	x0, sp
	bl	\handler
	b	trap_return
	.endm

	.macro	vector target
	.balign	128
	b	\target
	.endm

	.text
	.balign	2048
	.globl	trap_vectors
trap_vectors:
	.rept	4		/* on SP_EL0: never */
	vector	other
	.endr
	vector	sync
	vector	irq
	vector	other		/* FIQ */
	vector	other		/* SError */
	.rept	8		/* from EL0: never */
	vector	other
	.endr

/*
 * The MMU is asked whether the frame has room on the stack: without it the
 * entry would fault for ever. The registers of EL0 that hold x0 and x1
 * meanwhile are of no other use here.
 */
sync:
	msr	tpidr_el0, x0
	msr	tpidrro_el0, x1
	sub	x0, sp, #TRAP_FRAME_SIZE
	at	s1e1w, x0
	isb
	mrs	x1, par_el1
	tbnz	x1, #0, overflow
	mrs	x0, tpidr_el0
	mrs	x1, tpidrro_el0
	enter	trap_sync

overflow:
	mov	x0, sp
	mrs	x1, tpidr_el1
	msr	tpidr_el0, x0	/* x0 itself is lost: the stack pointer counts */
	ldr	x0, =percpu__overflow_stack + OVERFLOW_STACK_SIZE
	add	sp, x0, x1	/* each CPU has one, as a per-CPU variable */
	mrs	x0, tpidr_el0
	mrs	x1, tpidrro_el0
	sub	sp, sp, #TRAP_FRAME_SIZE
	store_low
	mrs	x21, tpidr_el0
	store_high
	mov	x0, sp
	bl	trap_overflow
	brk	#0x3e8

irq:
	enter	trap_irq

other:
	enter	trap_other

trap_return:
	ldp	x22, x23, [sp, #TRAP_FRAME_PC]
	msr	elr_el1, x22
	msr	spsr_el1, x23
	ldr	x30, [sp, #TRAP_FRAME_SP - 8]
	ldp	x0, x1, [sp, #16 * 0]
	ldp	x2, x3, [sp, #16 * 1]
	ldp	x4, x5, [sp, #16 * 2]
	ldp	x6, x7, [sp, #16 * 3]
	ldp	x8, x9, [sp, #16 * 4]
	ldp	x10, x11, [sp, #16 * 5]
	ldp	x12, x13, [sp, #16 * 6]
	ldp	x14, x15, [sp, #16 * 7]
	ldp	x16, x17, [sp, #16 * 8]
	ldp	x18, x19, [sp, #16 * 9]
	ldp	x20, x21, [sp, #16 * 10]
	ldp	x22, x23, [sp, #16 * 11]
	ldp	x24, x25, [sp, #16 * 12]
	ldp	x26, x27, [sp, #16 * 13]
	ldp	x28, x29, [sp, #16 * 14]
	add	sp, sp, #TRAP_FRAME_SIZE
	eret
