/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stand-in for a kernel, to test the harness with: booted through PVH, it
 * prints TEXT_FILE on COM1 and then does ENDING.
 */
#define COM1		0x3f8
#define COM1_LSR	0x3fd
#define LSR_THR_EMPTY	0x20
#define DEBUG_EXIT	0xf4
#define XEN_ELFNOTE_PHYS32_ENTRY 18

#define ENDING_HANG	0x100
#define ENDING_ECHO	0x101

	.section .note.pvh, "a", @note
	.long	4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	_start

	.text
	.code32
	.globl	_start
_start:
	mov	$text, %esi
print:
	cmp	$text_end, %esi
	je	ending
	lodsb
	call	put
	jmp	print

ending:
	mov	$ENDING, %eax
	cmp	$ENDING_HANG, %eax
	je	hang
	cmp	$ENDING_ECHO, %eax
	je	echo
	mov	$DEBUG_EXIT, %dx
	out	%al, %dx
hang:
	cli
	hlt
	jmp	hang

echo:				/* what is typed comes back */
	mov	$COM1_LSR, %dx
	in	%dx, %al
	test	$1, %al
	jz	echo
	mov	$COM1, %dx
	in	%dx, %al
	call	put
	jmp	echo

put:				/* prints %al */
	mov	%al, %ah
	mov	$COM1_LSR, %dx
1:	in	%dx, %al
	test	$LSR_THR_EMPTY, %al
	jz	1b
	mov	%ah, %al
	mov	$COM1, %dx
	out	%al, %dx
	ret

	.section .rodata
text:
	.incbin	TEXT_FILE
text_end:
	.section .note.GNU-stack, "", @progbits
