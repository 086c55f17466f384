/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parallels' signature is "prl hyperv". Its makers print it byte-swapped, and
 * it is quoted with one space and with two between the words, padded or not:
 * all of these have been published, so all are accepted. What follows in its
 * leaves is not published.
 */
#pragma once

#define PARALLELS_SIGNATURE	      "prl hyperv\0\0"
#define PARALLELS_SIGNATURE_PADDED    "prl hyperv  "
#define PARALLELS_SIGNATURE_SWAPPED   " lrpepyh  vr"
#define PARALLELS_SIGNATURE_SWAPPED_1 " lrpepyh vr\0"

_Static_assert(sizeof(PARALLELS_SIGNATURE) == 12 + 1, "EBX, ECX, EDX");
_Static_assert(sizeof(PARALLELS_SIGNATURE_PADDED) == 12 + 1, "EBX, ECX, EDX");
_Static_assert(sizeof(PARALLELS_SIGNATURE_SWAPPED) == 12 + 1, "EBX, ECX, EDX");
_Static_assert(sizeof(PARALLELS_SIGNATURE_SWAPPED_1) == 12 + 1,
	       "EBX, ECX, EDX");
