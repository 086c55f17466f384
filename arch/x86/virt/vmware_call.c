/* SPDX-License-Identifier: BSD-2-Clause */
/* VMware's backdoor: a port, or one of two instructions. */
#include <abi/vmware/backdoor.h>
#include <asm/extable.h>
#include <kernel/errno.h>
#include <kernel/virt/vmware.h>

#define LOW_HALF 0xffffU

#define VMWARE_CALL(instruction)                                            \
 __asm__ __volatile__("1: " instruction "\n"                                \
		      "   xorl %[err], %[err]\n"                            \
		      "2:\n" EXTABLE(1b, 2b)                                \
		      : "+a"(r.eax), "+b"(r.ebx), "+c"(r.ecx), "+d"(r.edx), \
			"+S"(r.esi), "+D"(r.edi), [err] "+r"(err)           \
		      :                                                     \
		      : "memory")

int vmware_call(enum vmware_way way, struct vmware_regs *regs)
{
	struct vmware_regs r = *regs;
	int err = 1;

	r.eax = VMWARE_MAGIC;
	r.edx &= ~LOW_HALF;
	switch (way) {
	case VMWARE_BY_PORT:
		r.edx |= VMWARE_PORT;
		VMWARE_CALL("inl (%%dx), %%eax");
		break;
	case VMWARE_BY_VMCALL: VMWARE_CALL("vmcall"); break;
	case VMWARE_BY_VMMCALL: VMWARE_CALL("vmmcall"); break;
	}
	if (err)
		return -EIO;
	*regs = r;
	return 0;
}
