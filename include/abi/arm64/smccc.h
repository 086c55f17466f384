/* SPDX-License-Identifier: BSD-2-Clause */
/* SMC Calling Convention: Arm DEN 0028 F, and PSCI: Arm DEN 0022 E. */
#pragma once

#include <kernel/types.h>

#define SMCCC_NOT_SUPPORTED (-1)

/* DEN 0028, 7: from version 1.1 on. */
#define SMCCC_VERSION	    0x80000000U
#define SMCCC_VERSION_1_1   0x10001
#define SMCCC_ARCH_FEATURES 0x80000001U

/* DEN 0028, 6.2: who is the hypervisor; a UUID in W0 to W3. */
#define SMCCC_VENDOR_HYP_UID 0x8600ff01U
/* The same of the services that are common to hypervisors: Xen answers here. */
#define SMCCC_STANDARD_HYP_UID 0x8500ff01U

/* DEN 0022, 5.1; those with addresses have 64-bit variants. */
#define PSCI_VERSION	    0x84000000U
#define PSCI_CPU_SUSPEND    0xc4000001U
#define PSCI_CPU_OFF	    0x84000002U
#define PSCI_CPU_ON	    0xc4000003U
#define PSCI_SYSTEM_OFF	    0x84000008U
#define PSCI_SYSTEM_RESET   0x84000009U
#define PSCI_FEATURES	    0x8400000aU
#define PSCI_SYSTEM_SUSPEND 0xc400000eU
#define PSCI_SYSTEM_RESET2  0xc4000012U
#define PSCI_MEM_PROTECT    0x84000013U

#define PSCI_VERSION_0_2 0x2
#define PSCI_VERSION_1_0 0x10000

/* 5.2.2 */
#define PSCI_SUCCESS	   0
#define PSCI_NOT_SUPPORTED (-1)
#define PSCI_INVALID	   (-2)
#define PSCI_DENIED	   (-3)
#define PSCI_ALREADY_ON	   (-4)
#define PSCI_ON_PENDING	   (-5)
#define PSCI_INTERNAL	   (-6)

/* DEN 0098, 2: random numbers, up to 192 bits in X3, X2, X1. */
#define SMCCC_TRNG_VERSION     0x84000050U
#define SMCCC_TRNG_FEATURES    0x84000051U
#define SMCCC_TRNG_RND64       0xc4000053U
#define SMCCC_TRNG_VERSION_1_0 0x10000
#define SMCCC_TRNG_BYTES_MAX   24
#define SMCCC_TRNG_NO_ENTROPY  (-3)
