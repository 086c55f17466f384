/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Xen says of itself: Xen, xen/include/public/version.h and features.h.
 */
#pragma once

#include <kernel/types.h>

/* xen_version. The answer: major in 31..16, minor in 15..0. No argument. */
#define XENVER_version	    0
#define XENVER_extraversion 1 /* fills 16 characters, with a NUL */
#define XENVER_get_features 6

#define XEN_EXTRAVERSION_LEN 16

struct xen_feature_info {
	u32 submap_idx; /* in: bits 32 * n and so on */
	u32 submap;
};
_Static_assert(sizeof(struct xen_feature_info) == 8, "version.h");

#define XENFEAT_auto_translated_physmap 2
#define XENFEAT_hvm_callback_vector	8 /* HVM_PARAM_CALLBACK_TYPE_VECTOR */
#define XENFEAT_hvm_safe_pvclock	9 /* its clock may be used */
#define XENFEAT_hvm_pirqs		10
#define XENFEAT_dom0			11
