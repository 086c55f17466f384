/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What hypervisors agree on: the "hypervisor present" bit and the reserved
 * leaves (AMD APM volume 3, E.3.1 and Fn4000_00[FF:00]; Intel SDM volume 2,
 * CPUID.1:ECX[31] "not used, always returns 0" on a CPU), and the timing leaf
 * that VMware proposed and others adopted ("Mechanisms to determine if
 * software is running in a VMware virtual machine", VMware KB 1009458).
 */
#pragma once

#define CPUID_FEATURES_LEAF	      0x1U
#define CPUID_FEATURES_ECX_HYPERVISOR (1U << 31)

/* Offset from the base. EAX: counter in kHz; EBX: APIC bus clock in kHz. */
#define HYPERVISOR_CPUID_TIMING 0x10
