/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Xen's hypercalls on arm64: Xen, xen/include/public/arch-arm.h. An instruction
 * of its own, which firmware and other hypervisors do not take.
 */
#include <asm/smccc.h>
#include <asm/sysreg.h>
#include <abi/xen/smccc.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/string.h>
#include <kernel/virt/xen.h>

/* MPIDR_EL1: Xen makes groups of 16 vCPUs. */
#define AFFINITY_0	 0xffU
#define AFFINITY_1_SHIFT 8
#define VCPUS_PER_GROUP	 16

static bool enabled;

long xen_hypercall(unsigned number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d, unsigned long e)
{
	register unsigned long x0 __asm__("x0") = a;
	register unsigned long x1 __asm__("x1") = b;
	register unsigned long x2 __asm__("x2") = c;
	register unsigned long x3 __asm__("x3") = d;
	register unsigned long x4 __asm__("x4") = e;
	register unsigned long x16 __asm__("x16") = number;

	if (!enabled || number >= XEN_HYPERCALL_STUBS)
		return -ENOSYS;
	/* Xen may leave anything in what held the arguments. */
	__asm__ __volatile__("hvc #0xea1"
			     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4),
			       "+r"(x16)
			     :
			     : "memory");
	return (long)x0;
}

static bool xen_in_fdt(void)
{
	const struct fdt *fdt = fdt_machine();
	const char *name;

	if (!fdt)
		return false;
	name = fdt_string(fdt, fdt_find(fdt, "/hypervisor"), "compatible");
	return name && str_has_prefix(name, "xen,xen");
}

static bool xen_in_smccc(void)
{
	static const u32 uid[] = XEN_SMCCC_UID;
	struct smccc_result r;

	if (!smccc_is_1_1())
		return false;
	smccc_call(SMCCC_VENDOR_HYP_UID, 0, 0, 0, &r);
	if ((s32)r.x0 == SMCCC_NOT_SUPPORTED)
		smccc_call(SMCCC_STANDARD_HYP_UID, 0, 0, 0, &r);
	return (u32)r.x0 == uid[0] && (u32)r.x1 == uid[1] &&
	       (u32)r.x2 == uid[2] && (u32)r.x3 == uid[3];
}

/* The instruction faults where nobody takes it, so Xen must have been seen. */
int xen_hypercall_enable(void)
{
	if (enabled)
		return 0;
	if (!xen_in_fdt() && !xen_in_smccc())
		return -ENODEV;
	enabled = true;
	enabled = xen_version_op(XENVER_version, NULL) > 0;
	return enabled ? 0 : -ENODEV;
}

unsigned arch_xen_vcpu(void)
{
	u64 mpidr = sysreg_read(mpidr_el1);

	return (unsigned)((mpidr & AFFINITY_0) +
			  (mpidr >> AFFINITY_1_SHIFT & AFFINITY_0) *
				  VCPUS_PER_GROUP);
}
