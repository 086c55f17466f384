/* SPDX-License-Identifier: BSD-2-Clause */
/* From one thread's stack to another's: System V ABI, AMD64, figure 3.4. */

	.text
/*
 * struct thread *x86_switch(struct thread *prev, void **save, void *load)
 * Returns prev: that of the switch which came back here, in its rdi.
 */
	.globl	x86_switch
	.type	x86_switch, @function
x86_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rsi)
	movq	%rdx, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	movq	%rdi, %rax
	ret
	.size	x86_switch, . - x86_switch

/* Where a new thread's first switch returns to: call rbx(prev). */
	.globl	x86_thread_begin
	.type	x86_thread_begin, @function
x86_thread_begin:
	call	*%rbx
	ud2
	.size	x86_thread_begin, . - x86_thread_begin
