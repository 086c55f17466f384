/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bhyve's CPUID leaves: FreeBSD, sys/amd64/vmm/x86.c (CPUID_BHYVE_FEATURES
 * since FreeBSD 15). Leaves are offsets from the base, features bit numbers.
 */
#pragma once

#define BHYVE_SIGNATURE "bhyve bhyve "

#define BHYVE_CPUID_FEATURES 0x1

/* EAX */
#define BHYVE_FEATURE_EXT_DEST_ID 0

_Static_assert(sizeof(BHYVE_SIGNATURE) == 12 + 1, "EBX, ECX, EDX");
