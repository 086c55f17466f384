/* SPDX-License-Identifier: BSD-2-Clause */
/* From one thread's stack to another's: AAPCS64, 6.1.1. */

	.text
/*
 * struct thread *arm64_switch(struct thread *prev, void **save, void *load)
 * Returns prev: that of the switch which came back here, in its x0.
 */
	.globl	arm64_switch
	.type	arm64_switch, %function
arm64_switch:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	mov	x9, sp
	str	x9, [x1]
	mov	sp, x2
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
	.size	arm64_switch, . - arm64_switch

/* Where a new thread's first switch returns to: call x19(prev). */
	.globl	arm64_thread_begin
	.type	arm64_thread_begin, %function
arm64_thread_begin:
	blr	x19
	brk	#0x3e8
	.size	arm64_thread_begin, . - arm64_thread_begin
