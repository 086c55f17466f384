/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page between a domain and who has its console: Xen,
 * xen/include/public/io/console.h. Indices run freely; their difference is how
 * much there is.
 */
#pragma once

#include <kernel/types.h>

#define XENCONS_IN_SIZE	 1024
#define XENCONS_OUT_SIZE 2048

struct xencons_interface {
	u8 in[XENCONS_IN_SIZE];
	u8 out[XENCONS_OUT_SIZE];
	u32 in_cons, in_prod;	/* the domain's, the host's */
	u32 out_cons, out_prod; /* the host's, the domain's */
};
_Static_assert(sizeof(struct xencons_interface) == 3088, "io/console.h");
_Static_assert(offsetof(struct xencons_interface, in_cons) == 3072,
	       "io/console.h");
_Static_assert(offsetof(struct xencons_interface, out_prod) == 3084,
	       "io/console.h");
