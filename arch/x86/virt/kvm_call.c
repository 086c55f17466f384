/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's hypercalls: Intel and AMD have an instruction each. */
#include <abi/kvm/hypercall.h>
#include <asm/cpuid.h>
#include <asm/extable.h>
#include <kernel/init.h>
#include <kernel/virt/x86.h>

/* The first four letters of "AuthenticAMD" and "HygonGenuine". */
#define SIGNATURE_AMD_EBX   0x68747541U
#define SIGNATURE_HYGON_EBX 0x6f677948U

static bool by_vmmcall;

/* The hypervisor changes no register but RAX. */
#define KVM_CALL(instruction)                          \
 __asm__ __volatile__("1: " instruction "\n"           \
		      "   xorl %[err], %[err]\n"       \
		      "2:\n" EXTABLE(1b, 2b)           \
		      : "+a"(result), [err] "+r"(err)  \
		      : "b"(a), "c"(b), "d"(c), "S"(d) \
		      : "memory")

long kvm_hypercall(unsigned long number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d)
{
	long result = (long)number;
	int err = 1;

	if (by_vmmcall)
		KVM_CALL("vmmcall");
	else
		KVM_CALL("vmcall");
	return err ? -KVM_ENOSYS : result;
}

/* AMD, and Hygon, which makes AMD's cores. */
static int choose_instruction(void)
{
	struct cpuid_regs id;

	cpuid(0, 0, &id);
	by_vmmcall =
		id.ebx == SIGNATURE_AMD_EBX || id.ebx == SIGNATURE_HYGON_EBX;
	return 0;
}
initcall(INIT_CPU, choose_instruction);
