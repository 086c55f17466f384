/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader or the EFI stub, with the MMU off, to C in the higher
 * half.
 *
 * Entered at EL1 or EL2. From EL2 the kernel goes down to EL1, also on CPUs
 * with VHE: it is a guest, starts no guests, and nothing that it drives is
 * better at EL2. So there is one kernel to test, and it is the one that a
 * hypervisor sees.
 *
 * The image may lie at any page that 48 bits can address. The page tables
 * built here already give text, read-only data and data their final rights, so
 * no C code ever runs with a page that is writable and executable.
 *
 * x20  physical address of the image
 * x21  device tree, by the boot protocol
 * x22  1 if the EFI stub was here, else 0
 * x23  virtual count at entry
 * x24  exception level of the entry
 * x25  number of the CPU, for those that start later
 */
#include <asm/layout.h>
#include <asm/page.h>
#include <asm/stack.h>

#define CURRENT_EL2 8

/* SCTLR_EL1: what Armv8.0 wants to be 1, then what is switched on here. */
#define SCTLR_RES1  0x30d00980
#define SCTLR_M	    0x1
#define SCTLR_C	    0x4
#define SCTLR_SA    0x8
#define SCTLR_I	    0x1000
#define SCTLR_WXN   0x80000 /* what is writable is not executable */
#define SCTLR_ON    (SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_I | SCTLR_WXN)

/* TCR_EL1: 48 bits for both halves, 4 KiB granule, walks through caches. */
#define TCR_SIZES   ((64 - 48) | (64 - 48) << 16)
#define TCR_CACHED  (0x3500 | 0x3500 << 16) /* inner shareable, write-back */
#define TCR_TG1_4K  (2 << 30)
#define TCR_IPS_SHIFT 32
#define PARANGE_48  5

#define HCR_RW	    (1 << 31) /* EL1 is AArch64 */
#define CNTHCTL_EL1 0xc03 /* EL1 may use the physical timer, with E2H or not */
#define CPTR_RES1   0x33ff
#define SPSR_EL1H   0x3c5 /* all interrupts masked */

#define ICC_SRE_EL2   S3_4_C12_C9_5
#define ICH_HCR_EL2   S3_4_C12_C11_0
#define ICC_SRE_ON    0x9 /* system registers, and for EL1 too */
#define PFR0_GIC_SHIFT 24

#define TABLE (PTE_VALID | PTE_TABLE)
#define PAGE  PTE_TABLE

	.macro	addr reg, symbol
	adrp	\reg, \symbol
	add	\reg, \reg, :lo12:\symbol
	.endm

	.section .head.text, "ax"
	.globl	image_entry, head_from_efi
image_entry:
	mov	x21, x0
	mov	x22, #0
	b	1f
head_from_efi:
	mov	x21, #0
	mov	x22, #1
1:	msr	daifset, #0xf
	adr	x20, image_entry
	and	x20, x20, #~(PAGE_SIZE - 1)
	bl	go_to_el1
	mrs	x23, cntvct_el0
	bl	build_tables
	addr	x19, boot_l0
	bl	enable_mmu
	ldr	x0, =start_high
	br	x0

/*
 * Another CPU, by PSCI: its number in x0. What it reads here was written with
 * caches on and cleaned from them.
 */
	.globl	secondary_entry
secondary_entry:
	msr	daifset, #0xf
	mov	x25, x0
	bl	go_to_el1
	addr	x0, secondary_root
	ldr	x19, [x0]
	bl	enable_mmu
	ldr	x0, =secondary_high
	br	x0

/* Go on at EL1, with its MMU off. Sets x24. */
go_to_el1:
	ldr	x1, =SCTLR_RES1
	mrs	x0, CurrentEL
	cmp	x0, #CURRENT_EL2
	b.eq	1f
	mov	x24, #1
	msr	sctlr_el1, x1
	isb
	ret
1:	mov	x24, #2
	msr	sctlr_el1, x1
	mov	x0, #HCR_RW
	msr	hcr_el2, x0
	isb
	mov	x0, #CNTHCTL_EL1
	msr	cnthctl_el2, x0
	msr	cntvoff_el2, xzr
	mov	x0, #CPTR_RES1
	msr	cptr_el2, x0
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr
	mrs	x0, midr_el1
	msr	vpidr_el2, x0
	mrs	x0, mpidr_el1
	msr	vmpidr_el2, x0
	/* A GICv3's CPU interface is the kernel's from now on. */
	mrs	x0, id_aa64pfr0_el1
	ubfx	x0, x0, #PFR0_GIC_SHIFT, #4
	cbz	x0, 2f
	mrs	x0, ICC_SRE_EL2
	orr	x0, x0, #ICC_SRE_ON & 1
	orr	x0, x0, #ICC_SRE_ON & 8
	msr	ICC_SRE_EL2, x0
	isb
	mrs	x0, ICC_SRE_EL2
	tbz	x0, #0, 2f
	msr	ICH_HCR_EL2, xzr
2:	mov	x0, #SPSR_EL1H
	msr	spsr_el2, x0
	msr	elr_el2, x30
	eret

/*
 * The tables: this page where it is, for the switch (TTBR0), and the image at
 * its place (TTBR1). Written with caches off, so stale lines are dropped.
 */
build_tables:
	mov	x15, x30
	addr	x0, boot_page_tables
	addr	x1, boot_page_tables_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b

	mov	x1, x20
	ldr	x3, =PTE_IMAGE_RX
	addr	x0, idmap_l0
	addr	x2, idmap_l1
	ubfx	x4, x1, #39, #9
	bl	set_table
	mov	x0, x2
	addr	x2, idmap_l2
	ubfx	x4, x1, #30, #9
	bl	set_table
	mov	x0, x2
	addr	x2, idmap_l3
	ubfx	x4, x1, #21, #9
	bl	set_table
	ubfx	x4, x1, #12, #9
	orr	x5, x1, x3
	orr	x5, x5, #PAGE
	str	x5, [x2, x4, lsl #3]

	addr	x0, boot_l0
	addr	x2, boot_l1
	mov	x4, #511
	bl	set_table
	mov	x0, x2
	addr	x2, boot_l2
	mov	x4, #510
	bl	set_table
	mov	x0, x2
	addr	x2, boot_l3
	mov	x4, #0
1:	bl	set_table
	add	x2, x2, #PAGE_SIZE
	add	x4, x4, #1
	cmp	x4, #KERNEL_PTS
	b.lo	1b

	/* x1: page, x2: its entry, x5 to x7: where the parts end. */
	addr	x2, boot_l3
	addr	x5, _rodata
	addr	x6, _erodata
	addr	x7, _end
1:	ldr	x3, =PTE_IMAGE_RX
	cmp	x1, x5
	b.lo	2f
	ldr	x3, =PTE_IMAGE_R
	cmp	x1, x6
	b.lo	2f
	ldr	x3, =PTE_IMAGE_RW
2:	orr	x3, x3, x1
	orr	x3, x3, #PAGE
	str	x3, [x2], #8
	add	x1, x1, #PAGE_SIZE
	cmp	x1, x7
	b.lo	1b

	addr	x0, boot_page_tables
	addr	x1, boot_page_tables_end
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x2, x3, x2 /* bytes of the smallest line */
	dsb	sy
1:	dc	ivac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret	x15

/* Let entry x4 of the table x0 lead to the table x2. Uses x5. */
set_table:
	orr	x5, x2, #TABLE
	str	x5, [x0, x4, lsl #3]
	ret

/* Paging with idmap_l0 and the tables at x19. Uses x0 to x2. */
enable_mmu:
	ldr	x0, =MAIR_VALUE
	msr	mair_el1, x0
	ldr	x0, =TCR_SIZES | TCR_CACHED | TCR_TG1_4K
	mrs	x1, id_aa64mmfr0_el1
	and	x1, x1, #0xf
	mov	x2, #PARANGE_48
	cmp	x1, x2
	csel	x1, x1, x2, lo
	orr	x0, x0, x1, lsl #TCR_IPS_SHIFT
	msr	tcr_el1, x0
	addr	x0, idmap_l0
	msr	ttbr0_el1, x0
	msr	ttbr1_el1, x19
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	ldr	x0, =SCTLR_ON
	msr	sctlr_el1, x0
	isb
	ret

/*
 * void idmap_switch(u64 root): use the tables at physical address @root for
 * the upper half, from code that is in the lower half. In between there are
 * none, so that no CPU ever sees an old and a new entry for one address.
 */
	.globl	idmap_switch
idmap_switch:
	addr	x1, empty_table
	msr	ttbr1_el1, x1
	isb
	tlbi	vmalle1
	dsb	sy
	isb
	msr	ttbr1_el1, x0
	isb
	ret
	.ltorg

	.text
start_high:
	/* The page tables are in use already; the rest of .bss is cleared now. */
	addr	x0, _bss
	addr	x1, _end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	addr	x0, boot_args
	stp	x23, x20, [x0]
	stp	x21, x22, [x0, #16]
	str	x24, [x0, #32]
	addr	x0, trap_vectors
	msr	vbar_el1, x0
	addr	x0, boot_stack_top
	mov	sp, x0
	msr	daifclr, #4 /* SErrors are reported */
	msr	tpidr_el1, xzr
	mov	x29, #0
	mov	x30, #0
	bl	arm64_start
	brk	#0x3e8

/* x25: the CPU's number. */
secondary_high:
	addr	x0, trap_vectors
	msr	vbar_el1, x0
	addr	x0, percpu_offsets
	ldr	x0, [x0, x25, lsl #3]
	msr	tpidr_el1, x0
	addr	x0, secondary_stacks
	ldr	x0, [x0]
	ldr	x0, [x0, x25, lsl #3]
	add	sp, x0, #IDLE_STACK_SIZE
	mov	x29, #0
	mov	x30, #0
	mov	x0, x25
	bl	arm64_secondary_start
	brk	#0x3e8

	.data
	.balign	8
	.globl	boot_args
boot_args:
	.quad	0, 0, 0, 0, 0
	/* Physical address of the tables that other CPUs begin with. */
	.balign	64
	.globl	secondary_root
secondary_root:
	.quad	0

	.section .bss.page_tables, "aw", @nobits
	.balign	PAGE_SIZE
	.globl	boot_page_tables, boot_page_tables_end
	.globl	idmap_l0, empty_table, boot_l0, boot_table_pool
boot_page_tables:
/* For good: other CPUs come in through them. */
idmap_l0:
	.skip	PAGE_SIZE
idmap_l1:
	.skip	PAGE_SIZE
idmap_l2:
	.skip	PAGE_SIZE
idmap_l3:
	.skip	PAGE_SIZE
empty_table:
	.skip	PAGE_SIZE
/* Of no use any more once there are final page tables. */
boot_l0:
	.skip	PAGE_SIZE
boot_l1:
	.skip	PAGE_SIZE
boot_l2:
	.skip	PAGE_SIZE
boot_l3:
	.skip	PAGE_SIZE * KERNEL_PTS
boot_table_pool:
	.skip	PAGE_SIZE * BOOT_TABLE_POOL
boot_page_tables_end:

	/* The boot CPU's stack; stack.c knows it, paging.c unmaps its guard. */
	.section .bss.stacks, "aw", @nobits
	.balign	PAGE_SIZE
	.globl	boot_stack_guard, boot_stack_top
boot_stack_guard:
	.skip	PAGE_SIZE
	.skip	BOOT_STACK_SIZE
boot_stack_top:
