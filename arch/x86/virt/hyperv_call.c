/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's hypercalls: by calling a page that the hypervisor fills, or lays
 * its own over, with what its hypercalls are made of.
 */
#include <asm/apic.h>
#include <kernel/mm/map.h>
#include <kernel/virt/x86.h>

/* Until the hypervisor has done that it only returns. */
__asm__(".pushsection .text.hyperv_page, \"ax\"\n"
	".balign 4096\n"
	".globl hyperv_page\n"
	".type hyperv_page, @function\n"
	"hyperv_page:\n"
	".fill 4096, 1, 0xc3\n"
	".size hyperv_page, 4096\n"
	".popsection\n");
extern const char hyperv_page[];

phys_addr_t hyperv_call_page(void)
{
	return virt_to_phys(hyperv_page);
}

/* "Volatile Registers": RAX, and RCX of calls with lists. */
u64 hyperv_page_call(u64 control, u64 input, u64 output)
{
	register u64 r8 __asm__("r8") = output;
	u64 result = HYPERV_CALL_UNSEEN;

	__asm__ __volatile__("call hyperv_page"
			     : "+a"(result), "+c"(control), "+d"(input),
			       "+r"(r8)
			     :
			     : "r9", "r10", "r11", "cc", "memory");
	return result;
}

bool virt_apic_in_memory(void)
{
	return !apic_is_x2();
}
