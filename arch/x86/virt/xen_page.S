/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Xen fills this page with its hypercalls, each so that this CPU's maker has
 * it. Until then, and where Xen does not, each says that there is none.
 */
#include <asm/layout.h>

#define STUBS	  128
#define STUB_SIZE 32
#define ENOSYS	  38

	.section .text.xen_page, "ax"
	.balign PAGE_SIZE
	.globl	xen_hypercall_page
xen_hypercall_page:
	.rept	STUBS
	.balign STUB_SIZE
	movq	$-ENOSYS, %rax
	ret
	.endr
	.balign	PAGE_SIZE
