/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader's 32-bit protected mode, without paging, to C in 64-bit
 * mode in the higher half.
 *
 * Entries, both with flat segments, paging off and a physical address in EBX:
 *   _start     Multiboot2, 3.3 "I386 machine state": EAX = 0x36d76289,
 *              EBX = boot information
 *   _start_pvh the x86/HVM direct boot ABI (PVH): EBX = hvm_start_info
 *
 * The image may lie at any page below 4 GiB: the code finds out where it runs
 * and keeps the distance to the address it was linked for in EBP. The page
 * tables built here already give text, read-only data and data their final
 * rights, so no C code ever runs with a page that is writable and executable.
 */
#include <asm/desc.h>
#include <asm/layout.h>
#include <asm/page.h>

/* Physical address of a symbol if the image was loaded where it asked to be. */
#define PA(symbol) ((symbol) - KERNEL_VMA)

#define MB2_ARCH_I386	     0
#define MB2_TAG_END	     0
#define MB2_TAG_FRAMEBUFFER  5
#define MB2_TAG_RELOCATABLE 10
#define MB2_TAG_OPTIONAL     1
#define MB2_PREFER_LOWEST    1
#define MB2_HEADER_MAGIC     0xe85250d6

#define XEN_ELFNOTE_PHYS32_ENTRY 18

#define CPUID_EXT_FEATURES 0x80000001
#define CPUID_LONG_MODE_BIT 29
#define CPUID_NX_BIT	    20

#define CR4_PAE 0x20
#define CR0_FLAGS 0x80010023 /* PG WP NE MP PE */
#define MSR_EFER 0xc0000080
#define EFER_LME_BIT 8
#define EFER_NXE_BIT 11

/* Entries of the tables that are filled here. */
#define TABLE_RW (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED)
#define PAGE_RX	 (PTE_PRESENT | PTE_ACCESSED)
#define PAGE_RW	 (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)

#define PML4_INDEX(va) (((va) >> 39) & 511)
#define DIRECT_MAP_GIB 4

	.section .head.header, "a"
	.balign 8
mb2_header:
	.long	MB2_HEADER_MAGIC
	.long	MB2_ARCH_I386
	.long	mb2_header_end - mb2_header
	.long	-(MB2_HEADER_MAGIC + MB2_ARCH_I386 + (mb2_header_end - mb2_header))
	/* Relocatable header tag: any page below 4 GiB, as low as possible. */
	.balign 8
	.short	MB2_TAG_RELOCATABLE, 0
	.long	24
	.long	KERNEL_LOAD_PHYS, 0xffffffff, PAGE_SIZE, MB2_PREFER_LOWEST
	/* Framebuffer tag: any size, best with 32 bits a pixel; or none. */
	.balign 8
	.short	MB2_TAG_FRAMEBUFFER, MB2_TAG_OPTIONAL
	.long	20
	.long	0, 0, 32
	.balign 8
	.short	MB2_TAG_END, 0
	.long	8
mb2_header_end:

	.section .note.Xen, "a", @note
	.balign 4
	.long	4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	PA(_start_pvh)

	.section .head.text, "ax"
	.code32
	.globl	_start, _start_pvh
_start_pvh:
	movl	$BOOT_PVH, %eax
_start:
	cli
	cld
	movl	%eax, %edi
	/*
	 * There is no stack. Borrow four bytes of the boot information to
	 * learn the instruction pointer, and put them back.
	 */
	movl	(%ebx), %ecx
	leal	4(%ebx), %esp
	call	1f
1:	popl	%ebp
	movl	%ecx, (%ebx)
	subl	$PA(1b), %ebp
	leal	PA(boot_stack_top)(%ebp), %esp

	rdtsc
	movl	%eax, PA(boot_counter)(%ebp)
	movl	%edx, PA(boot_counter + 4)(%ebp)
	movl	%edi, PA(boot_magic)(%ebp)
	movl	%ebx, PA(boot_info_phys)(%ebp)
	movl	%ebp, PA(boot_delta)(%ebp)

	call	require_long_mode

	/* PML4: the image, the direct map, and this page for the switch. */
	leal	PA(boot_pml4)(%ebp), %edi
	leal	PA(boot_pdpt_image) + TABLE_RW(%ebp), %eax
	movl	%eax, 8 * 511(%edi)
	leal	PA(boot_pdpt_direct) + TABLE_RW(%ebp), %eax
	movl	%eax, 8 * PML4_INDEX(DIRECT_MAP_BASE)(%edi)
	leal	PA(boot_pdpt_switch) + TABLE_RW(%ebp), %eax
	movl	%eax, (%edi)

	call	map_direct
	call	map_image
	call	map_switch_page

	/* Long mode with 4-level paging, NX if there is one. */
	leal	PA(boot_pml4)(%ebp), %eax
	movl	%eax, %cr3
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	btsl	$EFER_LME_BIT, %eax
	testl	%esi, %esi
	jz	1f
	btsl	$EFER_NXE_BIT, %eax
1:	wrmsr

	/* Only this page stays mapped where it is: all that follows is in it. */
	leal	PA(boot_gdt)(%ebp), %eax
	movl	%eax, PA(boot_gdtr + 2)(%ebp)
	lgdt	PA(boot_gdtr)(%ebp)
	leal	PA(start64)(%ebp), %eax
	movl	%eax, PA(far_start64)(%ebp)
	movl	$CR0_FLAGS, %eax
	movl	%eax, %cr0
	ljmpl	*PA(far_start64)(%ebp)

	.code64
start64:
	movabsq	$start_high, %rax
	jmp	*%rax

	.balign 8
boot_gdt: /* accessed bits set: the CPU must not write to this page */
	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
boot_gdtr:
	.short	. - boot_gdt - 1
	.long	0
	.balign 4
far_start64:
	.long	0
	.short	KERNEL_CS

	.code32
/*
 * Sets ESI to the high half of a no-execute entry: 0x80000000, or 0 on a CPU
 * without NX. Does not return on a CPU without long mode.
 */
require_long_mode:
	movl	$0x80000000, %eax
	cpuid
	cmpl	$CPUID_EXT_FEATURES, %eax
	jb	no_long_mode
	movl	$CPUID_EXT_FEATURES, %eax
	cpuid
	btl	$CPUID_LONG_MODE_BIT, %edx
	jnc	no_long_mode
	xorl	%esi, %esi
	btl	$CPUID_NX_BIT, %edx
	jnc	1f
	movl	$0x80000000, %esi
1:	ret

/* Say so on the first serial port and the text screen, and stop. */
no_long_mode:
	leal	PA(no_long_mode_text)(%ebp), %esi
	movl	$0xb8000, %edi
	movl	$0x3f8, %edx
	movb	$0x07, %ah
1:	lodsb
	testb	%al, %al
	jz	2f
	stosw
	outb	%al, %dx
	jmp	1b
2:	hlt
	jmp	2b
no_long_mode_text:
	.asciz	"Zirvium needs a 64-bit CPU (x86-64): stopped.\r\n"

/* Map the first DIRECT_MAP_GIB of memory with 2 MiB pages, no execute. */
map_direct:
	leal	PA(boot_pdpt_direct)(%ebp), %edi
	leal	PA(boot_pds_direct) + TABLE_RW(%ebp), %eax
	movl	$DIRECT_MAP_GIB, %ecx
1:	movl	%eax, (%edi)
	addl	$PAGE_SIZE, %eax
	addl	$8, %edi
	loop	1b
	leal	PA(boot_pds_direct)(%ebp), %edi
	movl	$(PAGE_RW | PTE_LARGE), %eax
	movl	$(DIRECT_MAP_GIB * PTES_PER_TABLE), %ecx
1:	movl	%eax, (%edi)
	movl	%esi, 4(%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b
	ret

/* Map the image with 4 KiB pages: text r-x, read-only data r--, data rw-. */
map_image:
	leal	PA(boot_pd_image) + TABLE_RW(%ebp), %eax
	movl	%eax, PA(boot_pdpt_image + 8 * 510)(%ebp)
	leal	PA(boot_pd_image)(%ebp), %edi
	leal	PA(boot_pts_image) + TABLE_RW(%ebp), %eax
	movl	$KERNEL_PTS, %ecx
1:	movl	%eax, (%edi)
	addl	$PAGE_SIZE, %eax
	addl	$8, %edi
	loop	1b

	/* EAX: link-time physical address; EDI: its entry. */
	movl	$PA(_image), %eax
	leal	PA(boot_pts_image) + 8 * (KERNEL_LOAD_PHYS / PAGE_SIZE)(%ebp), %edi
1:	leal	PAGE_RX(%eax, %ebp), %edx
	xorl	%ecx, %ecx
	cmpl	$PA(_rodata), %eax
	jb	2f
	movl	%esi, %ecx
	cmpl	$PA(_erodata), %eax
	jb	2f
	orl	$PAGE_RW, %edx
2:	movl	%edx, (%edi)
	movl	%ecx, 4(%edi)
	addl	$8, %edi
	addl	$PAGE_SIZE, %eax
	cmpl	$PA(_end), %eax
	jb	1b
	ret

/* Map the image's first page, which holds this code, where it is: r-x. */
map_switch_page:
	leal	PA(_image)(%ebp), %edx
	movl	%edx, %ecx
	shrl	$30, %ecx
	leal	PA(boot_pd_switch) + TABLE_RW(%ebp), %eax
	movl	%eax, PA(boot_pdpt_switch)(%ebp, %ecx, 8)
	movl	%edx, %ecx
	shrl	$21, %ecx
	andl	$511, %ecx
	leal	PA(boot_pt_switch) + TABLE_RW(%ebp), %eax
	movl	%eax, PA(boot_pd_switch)(%ebp, %ecx, 8)
	movl	%edx, %ecx
	shrl	$12, %ecx
	andl	$511, %ecx
	orl	$PAGE_RX, %edx
	movl	%edx, PA(boot_pt_switch)(%ebp, %ecx, 8)
	ret

	.text
	.code64
start_high:
	lgdt	boot_gdtr_high(%rip)
	/* The lower half stays empty from here on. */
	movq	$0, boot_pml4(%rip)
	movq	%cr3, %rax
	movq	%rax, %cr3
	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movq	$boot_stack_top, %rsp
	xorl	%ebp, %ebp
	call	x86_start
	ud2

	.section .rodata, "a"
boot_gdtr_high:
	.short	boot_gdtr - boot_gdt - 1
	.quad	boot_gdt

/* What head.S found out, for x86_start(). */
	.data
	.balign 8
	.globl	boot_counter, boot_magic, boot_info_phys, boot_delta
boot_counter:
	.quad	0
boot_magic:
	.long	0
boot_info_phys:
	.long	0
boot_delta: /* where the image is, minus where it was linked to be */
	.long	0

	.section .bss.page_tables, "aw", @nobits
	.balign	PAGE_SIZE
	/* Of no use any more once there are final page tables. */
	.globl	boot_page_tables, boot_page_tables_end, boot_pdpt_direct
boot_page_tables:
boot_pml4:
	.skip	PAGE_SIZE
boot_pdpt_direct:
	.skip	PAGE_SIZE
boot_pds_direct:
	.skip	PAGE_SIZE * DIRECT_MAP_GIB
boot_pdpt_image:
	.skip	PAGE_SIZE
boot_pd_image:
	.skip	PAGE_SIZE
boot_pts_image:
	.skip	PAGE_SIZE * KERNEL_PTS
boot_pdpt_switch:
	.skip	PAGE_SIZE
boot_pd_switch:
	.skip	PAGE_SIZE
boot_pt_switch:
	.skip	PAGE_SIZE
boot_page_tables_end:

	/* The boot CPU's stack; desc.c knows it, paging.c unmaps its guard. */
	.section .bss.stacks, "aw", @nobits
	.balign	PAGE_SIZE
	.globl	boot_stack_guard, boot_stack_top
boot_stack_guard:
	.skip	PAGE_SIZE
	.skip	BOOT_STACK_SIZE
boot_stack_top:
