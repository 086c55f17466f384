/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a CPU comes from its reset to C. The first part is copied to a page
 * below 1 MiB and runs there, wherever that is; it is mapped where it lies, to
 * be executed, in page tables that only starting CPUs use. It does not write
 * to itself: what it needs to know is put into the copy (trampoline.c).
 *
 * Entries:
 *   trampoline    real mode, by INIT and SIPI: CS:IP = page:0
 *   trampoline64  long mode with firmware's page tables, by the mailbox
 */
#include <asm/desc.h>
#include <asm/page.h>

#define OFFSET(symbol) ((symbol) - trampoline)

#define TRAMPOLINE_CS32 0x18
#define CR0_PE		0x1
#define CR4_LA57_BIT	12
#define MSR_EFER	0xc0000080

	.section .rodata, "a"
	.balign	16
	.globl	trampoline, trampoline64, trampoline_end
	.globl	trampoline_gdtr, trampoline_far32, trampoline_far64
	.globl	trampoline_gdt, trampoline_start32, trampoline_start64
	.globl	trampoline_cr0, trampoline_cr3, trampoline_cr4, trampoline_efer

	.code16
trampoline:
	cli
	cld
	xorl	%ebx, %ebx
	movw	%cs, %bx
	movw	%bx, %ds
	shll	$4, %ebx
	lgdtl	OFFSET(trampoline_gdtr)
	movl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	*OFFSET(trampoline_far32)

	.code32
trampoline_start32:
	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	OFFSET(trampoline_cr4)(%ebx), %eax
	movl	%eax, %cr4
	movl	OFFSET(trampoline_cr3)(%ebx), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	OFFSET(trampoline_efer)(%ebx), %eax
	wrmsr
	movl	OFFSET(trampoline_cr0)(%ebx), %eax
	movl	%eax, %cr0
	ljmpl	*OFFSET(trampoline_far64)(%ebx)

	.code64
trampoline64:
	cli
	cld
	leaq	trampoline(%rip), %rbx
	/* Not to be left from here: firmware must not use 5-level paging. */
	movq	%cr4, %rax
	btq	$CR4_LA57_BIT, %rax
	jc	stop
	lgdt	OFFSET(trampoline_gdtr)(%rbx)
	/* First NX: the kernel's tables have the bit. */
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, %esi
	orl	OFFSET(trampoline_efer)(%rbx), %eax
	cmpl	%eax, %esi
	je	1f
	wrmsr
1:	movl	OFFSET(trampoline_cr3)(%rbx), %eax
	movq	%rax, %cr3
	movl	OFFSET(trampoline_cr0)(%rbx), %eax
	movq	%rax, %cr0
	ljmpl	*OFFSET(trampoline_far64)(%rbx)

trampoline_start64:
	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movq	$secondary_entry, %rax
	jmp	*%rax

stop:
	hlt
	jmp	stop

	.balign	8
trampoline_gdt: /* accessed bits set: the page cannot be written to */
	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x00cf9b000000ffff
trampoline_gdtr:
	.short	. - trampoline_gdt - 1
	.quad	0
	.balign	4
trampoline_far32:
	.long	0
	.short	TRAMPOLINE_CS32
	.balign	4
trampoline_far64:
	.long	0
	.short	KERNEL_CS
	.balign	4
trampoline_cr0:
	.long	0
trampoline_cr3:
	.long	0
trampoline_cr4:
	.long	0
trampoline_efer:
	.long	0
trampoline_end:

	.text
/* Take the next stack, by which a CPU is allowed to go on. */
secondary_entry:
	movl	$1, %edi
	lock xaddl %edi, secondary_next(%rip)
	cmpl	secondary_stack_count(%rip), %edi
	jae	1f
	movq	secondary_stacks(%rip), %rax
	movq	(%rax, %rdi, 8), %rsp
	addq	$IDLE_STACK_SIZE, %rsp
	xorl	%ebp, %ebp
	call	x86_secondary_start
	ud2
1:	hlt
	jmp	1b
