/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From EFI, with its page tables and caches on, to head.S. UEFI 2.10, 2.3.6:
 * memory is mapped where it is, so this goes on when paging is off.
 */
#define CURRENT_EL2 8
#define SCTLR_MMU_AND_CACHES 0x1005 /* M, C, I */

	.text
	.globl	efi_entry, efi_leave
/* efi_status efi_entry(efi_handle image, struct efi_system_table *st) */
efi_entry:
	stp	x29, x30, [sp, #-16]!
	mov	x29, sp
	bl	efi_main
	ldp	x29, x30, [sp], #16
	ret

/*
 * void efi_leave(void): what was written through caches goes to memory, where
 * the next instructions look for it without caches.
 */
efi_leave:
	msr	daifset, #0xf
	adrp	x0, _image
	adrp	x1, _end
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x2, x3, x2 /* bytes of the smallest line */
1:	dc	civac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	mov	x1, #SCTLR_MMU_AND_CACHES
	mrs	x0, CurrentEL
	cmp	x0, #CURRENT_EL2
	b.eq	2f
	mrs	x0, sctlr_el1
	bic	x0, x0, x1
	msr	sctlr_el1, x0
	b	3f
2:	mrs	x0, sctlr_el2
	bic	x0, x0, x1
	msr	sctlr_el2, x0
3:	isb
	ic	iallu
	dsb	sy
	isb
	b	head_from_efi
