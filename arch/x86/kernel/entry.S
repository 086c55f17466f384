/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception and interrupt entry. Each vector's stub pushes an error code
 * where the CPU does not and the vector, so that the stack always holds a
 * struct trap_frame.
 */
#include <asm/layout.h>

/* #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX (SDM 3A table 6-1, APM 2 8.2) */
#define ERROR_CODE_VECTORS 0x60227d00

#define ENTRY_SIZE 16

	.text
	.balign ENTRY_SIZE
	.globl	trap_entries
trap_entries:
	.set	vector, 0
	.rept	256
	.balign ENTRY_SIZE
	.if	vector >= 32
	pushq	$0
	.else
	.if	((ERROR_CODE_VECTORS >> vector) & 1) == 0
	pushq	$0
	.endif
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

	.balign ENTRY_SIZE
trap_common:
	pushq	%rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movq	%rsp, %rdi
	call	trap_dispatch
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rbp
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rbx
	popq	%rax
	addq	$16, %rsp
	iretq
