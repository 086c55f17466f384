/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Xen's CPUID leaves: Xen, xen/include/public/arch-x86/cpuid.h. Leaves are
 * offsets from the base, features are bit numbers.
 */
#pragma once

#define XEN_SIGNATURE "XenVMMXenVMM"

/* EAX: version, major in 31..16, minor in 15..0 */
#define XEN_CPUID_VERSION 0x1
/* EAX: hypercall pages; EBX: base of Xen's MSRs; ECX: features */
#define XEN_CPUID_HYPERCALL 0x2
/* Subleaf 0. EAX: below; EBX: tsc_mode; ECX: guest TSC in kHz */
#define XEN_CPUID_TIME 0x3
/* Subleaf 0. EAX: below; EBX: vCPU id; ECX: domain id */
#define XEN_CPUID_HVM 0x4

#define XEN_FEAT1_MMU_PT_UPDATE_PRESERVE_AD 0

#define XEN_TIME_TSC_EMULATED	   0
#define XEN_TIME_HOST_TSC_RELIABLE 1
#define XEN_TIME_RDTSCP		   2

#define XEN_HVM_APIC_ACCESS_VIRT 0
#define XEN_HVM_X2APIC_VIRT	 1
#define XEN_HVM_IOMMU_MAPPINGS	 2
#define XEN_HVM_VCPU_ID_PRESENT	 3
#define XEN_HVM_DOMID_PRESENT	 4
#define XEN_HVM_EXT_DEST_ID	 5
#define XEN_HVM_UPCALL_VECTOR	 6

/* Where leaf 4 does not tell: vCPU n has APIC ID 2 * n (as of Xen 4.17). */
#define XEN_APIC_IDS_PER_VCPU 2

_Static_assert(sizeof(XEN_SIGNATURE) == 12 + 1, "EBX, ECX, EDX");
