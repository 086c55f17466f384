/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMware's CPUID leaves: VMware KB 1009458 for the timing leaf; the hypercall
 * bits in the same leaf as in Linux, arch/x86/include/asm/vmware.h (written by
 * VMware). Features are bit numbers.
 */
#pragma once

#define VMWARE_SIGNATURE "VMwareVMware"

/* Timing leaf, ECX: which instruction reaches the backdoor without a port */
#define VMWARE_FEATURE_VMMCALL 0
#define VMWARE_FEATURE_VMCALL  1

_Static_assert(sizeof(VMWARE_SIGNATURE) == 12 + 1, "EBX, ECX, EDX");
