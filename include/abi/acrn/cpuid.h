/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACRN's CPUID leaves: Linux, Documentation/virt/acrn/cpuid.rst. Leaves are
 * offsets from the base, features are bit numbers.
 */
#pragma once

#define ACRN_SIGNATURE "ACRNACRNACRN"

#define ACRN_CPUID_FEATURES 0x1

/* EAX */
#define ACRN_FEATURE_PRIVILEGED_VM 0

_Static_assert(sizeof(ACRN_SIGNATURE) == 12 + 1, "EBX, ECX, EDX");
