/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Xen's hypercalls on x86. The page with their instructions is the kernel's
 * text, which Xen changes behind its back: no page is ever writable here.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <abi/hypervisor_cpuid.h>
#include <abi/xen/cpuid.h>
#include <asm/cpuid.h>
#include <asm/msr.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/virt/evidence.h>
#include <kernel/virt/x86.h>
#include <kernel/virt/xen.h>

/* Policy: what hypervisors use for registers of their own. */
#define MSR_FIRST 0x40000000U
#define MSR_LAST  0x4000ffffU

/* CPUID.1:EBX[31:24] */
#define CPUID_1_EBX_APIC_ID 24

extern const char xen_hypercall_page[];

static u32 base; /* of Xen's leaves; 0: there are none */
static bool enabled;

long xen_hypercall(unsigned number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d, unsigned long e)
{
	register unsigned long r10 __asm__("r10") = d;
	register unsigned long r8 __asm__("r8") = e;
	const char *stub =
		xen_hypercall_page + number * XEN_HYPERCALL_STUB_SIZE;
	long result;

	if (number >= XEN_HYPERCALL_STUBS)
		return -ENOSYS;
	/* Xen may leave anything in what held the arguments. */
	__asm__ __volatile__("call *%[stub]"
			     : "=a"(result), "+D"(a), "+S"(b), "+d"(c),
			       "+r"(r10), "+r"(r8)
			     : [stub] "r"(stub)
			     : "memory", "cc", "rcx", "r9", "r11");
	return result;
}

static bool is_xen(const struct cpuid_regs *id, u32 at)
{
	char signature[VIRT_SIGNATURE_BYTES];

	memcpy(signature, &id->ebx, 4);
	memcpy(signature + 4, &id->ecx, 4);
	memcpy(signature + 8, &id->edx, 4);
	return !memcmp(signature, XEN_SIGNATURE, sizeof(signature)) &&
	       id->eax >= at + XEN_CPUID_HYPERCALL &&
	       id->eax < at + VIRT_CPUID_STRIDE;
}

/* They may stand behind those of Hyper-V, which Xen imitates. */
static u32 find_base(void)
{
	struct cpuid_regs id;

	cpuid(CPUID_FEATURES_LEAF, 0, &id);
	if (!(id.ecx & CPUID_FEATURES_ECX_HYPERVISOR))
		return 0;
	for (u32 at = VIRT_CPUID_FIRST; at <= VIRT_CPUID_LAST;
	     at += VIRT_CPUID_STRIDE) {
		cpuid(at, 0, &id);
		if (is_xen(&id, at))
			return at;
	}
	return 0;
}

/* Xen answers, and as CPUID does: the page is what it should be. */
static bool page_answers(void)
{
	struct cpuid_regs id;

	cpuid(base + XEN_CPUID_VERSION, 0, &id);
	return id.eax && xen_version_op(XENVER_version, NULL) == (long)id.eax;
}

int xen_hypercall_enable(void)
{
	struct cpuid_regs id;

	if (enabled)
		return 0;
	base = find_base();
	if (!base)
		return -ENODEV;
	cpuid(base + XEN_CPUID_HYPERCALL, 0, &id);
	if (!id.eax || id.ebx < MSR_FIRST || id.ebx > MSR_LAST) {
		pr_warn("no register for the hypercall page: %#x", id.ebx);
		return -ENODEV;
	}
	if (virt_wrmsr(id.ebx, virt_to_phys(xen_hypercall_page)) ||
	    !page_answers()) {
		pr_warn("register %#x makes no hypercall page", id.ebx);
		return -ENODEV;
	}
	enabled = true;
	return 0;
}

/* Leaf 4 has been there since Xen 4.6. */
unsigned arch_xen_vcpu(void)
{
	struct cpuid_regs id;

	cpuid(base, 0, &id);
	if (id.eax >= base + XEN_CPUID_HVM) {
		cpuid(base + XEN_CPUID_HVM, 0, &id);
		if (id.eax & BIT(XEN_HVM_VCPU_ID_PRESENT))
			return id.ebx;
	}
	cpuid(CPUID_FEATURES_LEAF, 0, &id);
	return (id.ebx >> CPUID_1_EBX_APIC_ID) / XEN_APIC_IDS_PER_VCPU;
}
